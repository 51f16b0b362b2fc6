// npm run bench [-- --json FILE] [--only name,name] [--rounds N]: ours and the peers, same work, in turn. See README.md.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findDisagreements, timeInTurn } from './lib/compare.mjs';
import { startContestants } from './lib/contestants.mjs';
import { randomArrays, writeProblem } from './lib/problem.mjs';
import { report } from './lib/report.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const { values: options } = parseArgs({
  options: {
    json: { type: 'string', default: join(here, 'results.json') },
    only: { type: 'string' },
    rounds: { type: 'string', default: '7' },
  },
});

installPeers();
const { model } = cpus()[0];
console.log(`${cpus().length} x ${model.trim()}, Node ${process.versions.node}, the best of ${options.rounds} rounds`);

const records = [];
let failed = false;
for (const rowName of chosenRows()) records.push(...(await benchmark(rowName)));
writeFileSync(options.json, `${JSON.stringify(records, null, 2)}\n`);
console.log(`\nThe records are in ${options.json}`);
if (failed) process.exitCode = 1;

async function benchmark(rowName) {
  const { default: row } = await import(`./rows/${rowName}.mjs`);
  const folder = mkdtempSync(join(tmpdir(), 'deeptheory-bench-'));
  writeProblem(folder, row.arrays(randomArrays(1)));
  const { started, skipped } = await startContestants(rowName, row, folder);
  try {
    const complaints = await findDisagreements(started, row.checkAfter);
    const equal = started.filter((contestant) => !complaints.has(contestant));
    for (const [contestant, reason] of await timeInTurn(equal, Number(options.rounds), row.firstCall))
      complaints.set(contestant, reason);
    for (const [{ name, label }, reason] of complaints) skipped.push({ name: `${name} (${label})`, reason });
    if ([...complaints.keys()].some(({ isTooSlow }) => !isTooSlow)) failed = true;
    const timed = equal.filter((contestant) => !complaints.has(contestant));
    return report(rowName, row, timed, skipped);
  } finally {
    for (const contestant of started) contestant.stop();
    rmSync(folder, { recursive: true });
  }
}

function chosenRows() {
  const all = readdirSync(join(here, 'rows')).map((file) => file.replace(/\.mjs$/, ''));
  const chosen = options.only?.split(',') ?? all;
  const unknown = chosen.filter((name) => !all.includes(name));
  if (unknown.length) throw new Error(`no row ${unknown.join(', ')}; there are ${all.join(', ')}`);
  return chosen;
}

/** The JavaScript peers are no dependencies of the package: they are fetched when the benchmark first runs. */
function installPeers() {
  if (existsSync(join(here, 'node_modules'))) return;
  console.log('Installing the peers jax-js and TensorFlow.js into bench/node_modules ...');
  const args = ['ci', '--ignore-scripts', '--no-fund', '--no-audit', '--fetch-retries=1'];
  spawnSync('npm', args, { cwd: here, stdio: 'inherit', timeout: 300_000 });
}
