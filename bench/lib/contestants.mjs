// Who takes part, in which variants, and how to start each in a process of its own that stays alive for the whole row.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const bench = new URL('../', import.meta.url);
const path = (relative) => fileURLToPath(new URL(relative, bench));

export const ours = 'deeptheory';
/** All others are versions of a row for PyTorch, by the names that torch/<row>.py gives them. */
const javascriptPeers = { 'jax-js': '@jax-js/jax', 'tfjs-wasm': '@tensorflow/tfjs-backend-wasm' };

/** The slowest answer that is waited for, in seconds, where a row does not say. */
const usualPatience = 180;

/** Starts all variants of all contestants of a row. Returns those that started, and why the others did not. */
export async function startContestants(rowName, row, folder) {
  const started = [];
  const skipped = [];
  const order = [ours, ...Object.keys(row.goals)];
  const starts = order.map(async (name) => {
    const reason = row.skipped?.[name] ?? whyAbsent(name, row);
    if (reason) return skipped.push({ name, reason });
    const contestants = variants(name, row).map(
      (variant) => new Contestant(name, variant, rowName, folder, row.patience),
    );
    const attempts = await Promise.allSettled(contestants.map((contestant) => contestant.start()));
    attempts.forEach(({ status, reason }, i) => {
      if (status === 'fulfilled') started.push(contestants[i]);
      else skipped.push({ name, reason: reason.message });
    });
  });
  await Promise.all(starts);
  started.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  return { started, skipped };
}

/** Every contestant counts with the best of its variants. */
function variants(name, row) {
  if (name === 'tfjs-wasm') return [{ label: '1', threads: 1 }];
  const counts = row.threads ?? [1, 2];
  const oneAndTwo = counts.map((threads) => ({ label: String(threads), threads }));
  if (name === ours) {
    const single = { environment: { STEPS_PER_CALL: '1' } };
    if (!row.compiledLoop) return oneAndTwo.map((v) => ({ ...v, ...single }));
    // A loop of short steps is compiled whole, as nn.train does it; the cost of single calls is shown beside it.
    return oneAndTwo.flatMap((v) => [v, { ...v, ...single, label: `${v.label}, 1 step a call` }]);
  }
  if (name in javascriptPeers) return oneAndTwo;
  if (row.threads) return oneAndTwo;
  // Where OpenBLAS and OpenMP each have threads, OpenMP's spin while OpenBLAS works, unless they are told to sleep.
  const passive = { label: '2, passive', threads: 2, environment: { OMP_WAIT_POLICY: 'PASSIVE' } };
  return [...oneAndTwo, passive];
}

function whyAbsent(name, row) {
  if (name === ours) return existsSync(path('../dist/index.js')) ? null : 'dist/ is not built';
  if (!(name in javascriptPeers)) {
    return findPython() ? null : 'no Python that imports torch (DEEPTHEORY_PYTHON names one; Debian: python3-torch)';
  }
  if (!row.prepare[name]) return 'this row has no version for it';
  return existsSync(path(`node_modules/${javascriptPeers[name]}`)) ? null : 'not installed: run npm ci in bench/';
}

function commandLine(name, { threads }, rowName, folder) {
  const args = [name, rowName, folder, String(threads)];
  if (name !== ours && !(name in javascriptPeers)) return [findPython(), [path('torch/contestant.py'), ...args]];
  const flags = name === 'jax-js' ? relaxedSimd() : [];
  return [process.execPath, [...flags, path('lib/child.mjs'), ...args]];
}

function environment({ threads, environment }) {
  const count = String(threads);
  return {
    ...process.env,
    OMP_NUM_THREADS: count,
    OPENBLAS_NUM_THREADS: count,
    MKL_NUM_THREADS: count,
    ...environment,
  };
}

/** A running process, spoken to in lines of JSON, one question at a time. */
class Contestant {
  #launch;
  #process;
  #answers;
  #errors;
  #patience;

  constructor(name, variant, rowName, folder, patience = usualPatience) {
    this.#patience = patience;
    this.name = name;
    this.label = variant.label;
    const [command, args] = commandLine(name, variant, rowName, folder);
    const options = { env: environment(variant), stdio: ['pipe', 'pipe', 'pipe'] };
    this.#launch = () => spawn(command, args, options);
  }

  /** Starts the process, or a fresh one in place of the last, and waits until it is ready. */
  async start() {
    this.stop();
    this.#errors = '';
    this.#process = this.#launch();
    this.#process.on('error', (error) => {
      this.#errors += error.message;
    });
    this.#process.stdin.on('error', () => {}); // a process that died answers with the end of its output
    this.#process.stderr.on('data', (text) => {
      this.#errors = (this.#errors + text).slice(-2000);
    });
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
    const { matmulGflops } = await this.nextAnswer();
    this.matmulGflops = matmulGflops;
  }

  /** Does so many steps from the initial state. Returns `{ value, seconds }`. */
  run(steps) {
    this.#process.stdin.write(`${JSON.stringify({ steps })}\n`);
    return this.nextAnswer();
  }

  async nextAnswer() {
    const impatience = setTimeout(() => {
      this.isTooSlow = true;
      this.#process.kill();
    }, this.#patience * 1000);
    const { value: line, done } = await this.#answers.next();
    clearTimeout(impatience);
    if (this.isTooSlow) throw new Error(`no answer after ${this.#patience} seconds`);
    if (done) throw new Error(`it stopped: ${this.#errors.trim().split('\n').at(-1) || 'without a message'}`);
    const answer = JSON.parse(line);
    if (answer.error) throw new Error(answer.error);
    return answer;
  }

  stop() {
    this.#process?.kill();
  }
}

/** Node 20 has relaxed SIMD behind a flag of V8, which later releases need not have. */
const relaxedSimd = once(() => {
  const flag = '--experimental-wasm-relaxed-simd';
  return execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' }).includes(flag) ? [flag] : [];
});

const findPython = once(() => {
  const candidates = [process.env.DEEPTHEORY_PYTHON, 'python3', '/usr/bin/python3'].filter(Boolean);
  return candidates.find((python) => {
    try {
      execFileSync(python, ['-c', 'import torch; torch.__version__'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
});

function once(compute) {
  let result;
  let done = false;
  return () => {
    if (!done) result = compute();
    done = true;
    return result;
  };
}
