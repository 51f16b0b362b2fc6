// node bench/markdown.mjs [FILE]: the records of a run as the table of docs/performance.md.

import { readFileSync } from 'node:fs';

const path = process.argv[2] ?? new URL('results.json', import.meta.url);
const records = JSON.parse(readFileSync(path, 'utf8'));

const digits = (number) => (number >= 100 ? number.toFixed(0) : number.toPrecision(3));
const verdict = ({ ratio, goal }) => (goal === null ? '' : ratio >= goal ? 'reached' : '**missed**');

console.log('| row | ours, ms | peer | its ms | ratio | goal | |');
console.log('| --- | ---: | --- | ---: | ---: | ---: | --- |');
for (const record of records) {
  const { name, ours_ms, peer, peer_ms, ratio, goal } = record;
  const cells = [`\`${name}\``, digits(ours_ms), peer, digits(peer_ms), digits(ratio), goal ?? '', verdict(record)];
  console.log(`| ${cells.join(' | ')} |`);
}
