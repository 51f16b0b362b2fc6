// What is printed about a row, and the records that `--json` writes.

import { bestMilliseconds } from './compare.mjs';
import { ours } from './contestants.mjs';

/** A single core's matrix product on any BLAS that deserves its name; the reference BLAS gives about five. */
const gflopsOfRealBlas = 15;

export function report(rowName, row, contestants, skipped) {
  console.log(`\n${rowName}: ${row.title}`);
  const names = [ours, ...Object.keys(row.goals)].filter((name) => contestants.some((c) => c.name === name));
  const best = new Map(names.map((name) => [name, fastest(contestants, name)]));
  const weakness = weakBlas(contestants);
  const records = best.has(ours) ? compareWithPeers(rowName, row, best, weakness) : [];
  console.log(line('', 'threads', 'ms a step', 'of the rounds', 'ratio', 'of the rounds', 'goal', ''));
  for (const name of names) {
    const record = records.find(({ peer }) => peer === name);
    for (const contestant of contestants.filter((c) => c.name === name)) {
      const verdict = contestant === best.get(name) && record ? verdictCells(record, contestants) : ['', '', '', ''];
      const rounds = contestant.roundMilliseconds;
      const times = [digits(bestMilliseconds(contestant)), range(rounds)];
      console.log(line(name, contestant.label, ...times, ...verdict));
    }
  }
  const limit = records.find(({ peer }) => peer === 'limit');
  if (limit) {
    const { peer_ms, ratio, goal } = limit;
    console.log(line('limit', '', digits(peer_ms), '', digits(ratio), '', `>= ${goal}`, verdict(limit)));
  }
  for (const { name, reason } of skipped) console.log(`  ${name} skipped: ${reason}`);
  if (weakness) console.log(`  * ${weakness}`);
  return records;
}

function compareWithPeers(rowName, row, best, weakness) {
  const ours_ms = bestMilliseconds(best.get(ours));
  const compare = (peer, peer_ms, goal) => ({ name: rowName, ours_ms, peer, peer_ms, ratio: peer_ms / ours_ms, goal });
  const records = [];
  for (const [peer, goal] of Object.entries(row.goals)) {
    if (!best.has(peer)) continue;
    const record = compare(peer, bestMilliseconds(best.get(peer)), goal);
    if (weakness && best.get(peer).matmulGflops) record.note = weakness;
    records.push(record);
  }
  // An absolute goal is a peer that always takes as long.
  if (row.limit) records.push(compare('limit', row.limit, 1));
  return records;
}

/** What to say about a PyTorch that multiplies matrices without a real BLAS; null where all is well. */
function weakBlas(contestants) {
  const speeds = contestants.filter((c) => c.matmulGflops).map((c) => c.matmulGflops);
  const best = Math.max(...speeds);
  if (!speeds.length || best >= gflopsOfRealBlas) return null;
  return (
    `PyTorch multiplies matrices at ${best.toFixed(1)} GFLOP/s here: it stands on the reference BLAS, and its time says ` +
    'little. Install a real one (Debian: libopenblas0) and run again.'
  );
}

function verdictCells(record, contestants) {
  const { peer, ratio, goal } = record;
  return [digits(ratio), range(ratiosOfRounds(contestants, peer)), goal === null ? '' : `>= ${goal}`, verdict(record)];
}

function verdict({ ratio, goal, note }) {
  return goal === null ? '' : `${ratio >= goal ? 'reached' : 'missed'}${note ? '*' : ''}`;
}

/** Best variant against best variant, round by round: how far the noise moves the ratio. */
function ratiosOfRounds(contestants, peer) {
  const rounds = (name) => contestants.filter((c) => c.name === name).map((c) => c.roundMilliseconds);
  const bestOfRound = (all, round) => Math.min(...all.map((ms) => ms[round] ?? Number.POSITIVE_INFINITY));
  const [mine, theirs] = [rounds(ours), rounds(peer)];
  const count = Math.min(...[mine, theirs].map((all) => Math.max(...all.map((ms) => ms.length))));
  return Array.from({ length: count }, (_, round) => bestOfRound(theirs, round) / bestOfRound(mine, round));
}

function fastest(contestants, name) {
  const variants = contestants.filter((c) => c.name === name);
  return variants.reduce((a, b) => (bestMilliseconds(b) < bestMilliseconds(a) ? b : a));
}

const digits = (number) => (number >= 100 ? number.toFixed(0) : number.toPrecision(3));
const range = (numbers) => `${digits(Math.min(...numbers))} - ${digits(Math.max(...numbers))}`;

const widths = [-12, -16, 10, 17, 8, 17, 8, 9];
function line(...cells) {
  const padded = cells.map((cell, i) => (widths[i] < 0 ? cell.padEnd(-widths[i]) : cell.padStart(widths[i])));
  return `  ${padded.join(' ').trimEnd()}`;
}
