import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { topological } from '../array/graph.ts';
import { graphOf } from '../array/testing.fixture.ts';
import * as np from '../numpy/index.ts';
import { creators, numpyRecords } from '../numpy/records.fixture.ts';
import { type OpRecord, primitiveRecords } from './records.fixture.ts';

const source = fileURLToPath(new URL('..', import.meta.url));

/** Sources that define primitives, tests and their data left out. */
const definitions = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(path))
  .map((path) => ({ path, text: readFileSync(`${source}/${path}`, 'utf8') }))
  .filter(({ path, text }) => /\bPrimitive<|= (unary|binary)\(/.test(text) && !path.startsWith('array'));

/** Names that the sources give to primitives: in the object itself, or to a maker of a family of them. */
const defined = definitions.flatMap(({ text }) =>
  [
    ...text.matchAll(/(?:\bname: |= (?:\w*[Uu]nary|\w*[Bb]inary|reduction|extremum|comparison|logical)\(\s*)'(\w+)'/g),
  ].map((m) => m[1]),
);

/** Primitives in the graphs of a record; the bodies of scans included, because they are built with the same functions. */
function primitivesOf(record: OpRecord): string[] {
  const names = new Set<string>();
  for (const one of fc.sample(record.cases, { seed: 1, numRuns: 20 })) {
    const dtype = record.dtypes[0];
    const { outputs } = graphOf(
      one.f,
      one.operands.map((x) => ({ shape: x.shape, dtype: x.dtype ?? dtype })),
    );
    for (const node of topological(outputs)) names.add(node.primitive.name);
  }
  return [...names];
}

describe('the table of records', () => {
  test('reaches every primitive that is defined anywhere in the sources', () => {
    const reached = new Set(primitiveRecords.flatMap(primitivesOf));
    expect(defined.length).toBeGreaterThan(45);
    expect(defined.filter((name) => !reached.has(name))).toEqual([]);
  });

  test('has an entry for every operation that the primitives’ modules export', async () => {
    // Exports that are no operation of their own: rule helpers, values, and lowering plans.
    const helpers = ['invertPermutation', 'filled', 'zerosOf', 'plan', 'unusedLetter'];
    const named = primitiveRecords.map((r) => r.name);
    const missing: string[] = [];
    for (const { path } of definitions.filter((d) => d.path.startsWith('primitives') && !d.path.endsWith('rules.ts'))) {
      const module: Record<string, unknown> = await import(/* @vite-ignore */ `../${path}`);
      for (const [name, value] of Object.entries(module)) {
        if (typeof value !== 'function' || helpers.includes(name)) continue;
        if (!named.some((n) => n === name || n.startsWith(`${name} `))) missing.push(`${path}: ${name}`);
      }
    }
    expect(missing).toEqual([]);
  });

  test('has an entry for every NumPy function', () => {
    const named = new Set(numpyRecords.map((r) => r.name.replace(/^np\./, '')));
    const functions = Object.entries(np).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
    const other = ['NDArray', 'ravelTree', 'treeLeaves', 'treeMap', ...creators];
    expect(functions.filter((name) => !named.has(name) && !other.includes(name))).toEqual([]);
  });

  test('names no operation twice', () => {
    const names = [...primitiveRecords, ...numpyRecords].map((r) => r.name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });
});
