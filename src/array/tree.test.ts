import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from './errors.ts';
import { NDArray, scalar } from './ndarray.ts';
import { listOf } from './testing.fixture.ts';
import { flatten, sameStructure, type Tree, treeLeaves, treeMap, unflatten } from './tree.ts';

const x = scalar(1, 'float32');
const y = scalar(2, 'float32');

describe('flatten and unflatten', () => {
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      fc.integer().map((n): Tree => scalar(n, 'float64')),
      fc.constant(null),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.string(), tie('tree'), { maxKeys: 3 }) as fc.Arbitrary<Tree>,
    ),
  }));

  test('are inverse to each other on any nest', () => {
    const property = fc.property(tree, (t) => {
      const { leaves, structure } = flatten(t);
      expect(leaves.every((leaf) => leaf instanceof NDArray)).toBe(true);
      const back = unflatten(structure, leaves);
      expect(flatten(back)).toEqual({ leaves, structure });
    });
    fc.assert(property, { seed: 1, numRuns: 100 });
  });

  test('order keys, so that two spellings of one object are one structure', () => {
    const a = flatten({ w: x, b: y });
    const b = flatten({ b: y, w: x });
    expect(a.leaves).toEqual([y, x]);
    expect(sameStructure(a.structure, b.structure)).toBe(true);
    expect(a.leaves).toEqual(b.leaves);
  });

  test('tell structures apart', () => {
    const kinds: Tree[] = [null, x, [], [x], { a: x }, { b: x }, [[x]], [null], { a: null }, {}];
    kinds.forEach((a, i) => {
      kinds.forEach((b, j) => {
        expect(sameStructure(flatten(a).structure, flatten(b).structure), `${i} and ${j}`).toBe(i === j);
      });
    });
  });

  test.each([
    [{ layers: [{ w: 3 }] }, /^tree\.layers\[0\]\.w must be an array .* found number 3/],
    [[undefined], /tree\[0\] must be .* found undefined undefined/],
    [{ f: () => 1 }, /tree\.f must be .* found function/],
    [{ m: new Map() }, /tree\.m must be .* found a Map/],
    [[new Float32Array(2)], /tree\[0\] must be .* found a Float32Array/],
    ['text', /^tree must be .* found string text/],
  ])('refuse %j and say where it stands', (tree, message) => {
    expect(() => flatten(tree)).toThrow(message);
    expect(() => flatten(tree)).toThrow(UserError);
  });

  test('keys that objects have of their own accord', () => {
    const t = JSON.parse('{"__proto__": null, "constructor": null}');
    expect(flatten(t).structure).toEqual({ keys: ['__proto__', 'constructor'], values: [null, null] });
  });
});

describe('treeMap', () => {
  test('goes through trees side by side', () => {
    const first = treeMap(
      (a, b) => (listOf(a)[0] > listOf(b)[0] ? a : b),
      { p: [x, y], q: null },
      { p: [y, x], q: null },
    );
    expect(first).toEqual({ p: [y, y], q: null });
    expect(treeLeaves(first)).toHaveLength(2);
  });
  test('refuses trees of different structure', () => {
    expect(() => treeMap((a) => a, [x], [x, y])).toThrow(/treeMap: the trees differ in structure/);
  });
});
