// node bench/profile.mjs ROW [--threads N] [--by operator|node]: where ONNX Runtime spends the time of our version of a
// row. By operator, or by operator and the shapes that it works on. It needs dist/ (npm run build).

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { randomArrays, writeProblem } from './lib/problem.mjs';

const calls = 12;
const shown = 25;

const { values: options, positionals } = parseArgs({
  options: { threads: { type: 'string', default: '1' }, by: { type: 'string', default: 'operator' } },
  allowPositionals: true,
});
const [rowName] = positionals;
const { default: row } = await import(`./rows/${rowName}.mjs`);
const stepsOfCall = row.compiledLoop ? 50 : 1;
const folder = mkdtempSync(join(tmpdir(), 'deeptheory-profile-'));
try {
  writeProblem(folder, row.arrays(randomArrays(1)));
  print(record());
} finally {
  rmSync(folder, { recursive: true });
}

/** Runs the row in a process of its own. Returns the events of every session. */
function record() {
  const child = fileURLToPath(new URL('lib/child.mjs', import.meta.url));
  const environment = { DEEPTHEORY_PROFILE: join(folder, 'trace'), STEPS_PER_CALL: String(stepsOfCall) };
  const { stdout } = spawnSync(process.execPath, [child, 'deeptheory', rowName, folder, options.threads], {
    env: { ...process.env, ...environment },
    input: `${JSON.stringify({ steps: stepsOfCall })}\n`.repeat(calls),
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const failure = stdout.split('\n').find((line) => line.includes('"error"'));
  if (failure) throw new Error(failure);
  const traces = readdirSync(folder).filter((name) => name.startsWith('trace'));
  return traces.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}

function print(traces) {
  // The session that took longest: others only ask the runtime what it can do.
  const runs = traces.map((events) => [events, events.filter(({ name }) => name === 'model_run')]);
  const spent = ([, all]) => all.reduce((sum, { dur }) => sum + dur, 0);
  const [events, all] = runs.sort((a, b) => spent(b) - spent(a))[0];
  // Its quickest run: the first allocates, and others are disturbed.
  const { ts, dur: total } = all.sort((a, b) => a.dur - b.dur)[0];
  const nodes = events.filter(
    (e) => e.cat === 'Node' && e.name.endsWith('_kernel_time') && e.ts >= ts && e.ts < ts + total,
  );
  const groups = new Map();
  for (const { event, own } of ownTimes(nodes)) {
    const key = options.by === 'node' ? described(event) : event.args.op_name;
    const group = groups.get(key) ?? { own: 0, count: 0 };
    groups.set(key, { own: group.own + own, count: group.count + 1 });
  }
  const milliseconds = (microseconds) => (microseconds / 1000 / stepsOfCall).toPrecision(3).padStart(9);
  const share = (microseconds) => `${((100 * microseconds) / total).toFixed(1)} %`.padStart(8);
  const rows = [...groups].sort(([, a], [, b]) => b.own - a.own);
  const inNodes = rows.reduce((sum, [, { own }]) => sum + own, 0);
  console.log(
    `${rowName}, ${options.threads} thread(s): ${milliseconds(total).trim()} ms a step (with the profiler's own cost)`,
  );
  console.log(`${'ms'.padStart(9)} ${'share'.padStart(8)} ${'nodes'.padStart(7)}`);
  for (const [key, { own, count }] of rows.slice(0, shown))
    console.log(`${milliseconds(own)} ${share(own)} ${(count / stepsOfCall).toFixed(0).padStart(7)}  ${key}`);
  console.log(`${milliseconds(total - inNodes)} ${share(total - inNodes)} ${''.padStart(7)}  between the nodes`);
}

/** Events with the time that no event inside of them has: a Scan is an event around those of its body. */
function ownTimes(events) {
  const open = [];
  const result = [];
  for (const event of [...events].sort((a, b) => a.ts - b.ts || b.dur - a.dur)) {
    while (open.length > 0 && open.at(-1).event.ts + open.at(-1).event.dur <= event.ts) open.pop();
    if (open.length > 0) open.at(-1).own -= event.dur;
    const entry = { event, own: event.dur };
    open.push(entry);
    result.push(entry);
  }
  return result;
}

function described({ args }) {
  const shapes = (types) => types.map((type) => JSON.stringify(Object.values(type)[0])).join(' ');
  return `${args.op_name} ${shapes(args.input_type_shape)} -> ${shapes(args.output_type_shape)}`;
}
