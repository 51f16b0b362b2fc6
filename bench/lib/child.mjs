// A process that runs one contestant of one row: `node child.mjs <contestant> <row> <folder of the problem> <threads>`.
// It reads commands {"steps": n} from standard input, starts from the initial state each time, does n steps, and answers
// {"value": the result of the last step, "seconds": the time of the steps}. torch/contestant.py is its twin in Python.

import { createInterface } from 'node:readline';
import { readProblem } from './problem.mjs';

console.log = console.info = console.warn = console.error; // standard output belongs to the answers
const answer = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

const [name, rowName, folder, threads] = process.argv.slice(2);
try {
  const { default: row } = await import(`../rows/${rowName}.mjs`);
  const { restart, run } = await row.prepare[name](readProblem(folder), { threads: Number(threads) });
  answer({ ready: true });
  for await (const line of createInterface({ input: process.stdin })) {
    const { steps } = JSON.parse(line);
    await restart();
    const start = performance.now();
    const value = await run(steps);
    answer({ value, seconds: (performance.now() - start) / 1000 });
  }
} catch (error) {
  console.error(error);
  answer({ error: String(error?.message ?? error).split('\n')[0] });
}
process.exit();
