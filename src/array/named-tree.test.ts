import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { float16 } from './elements.ts';
import { namedLeaves, treeFromNames } from './named-tree.ts';
import { scalar } from './ndarray.ts';
import { flatten, type Tree } from './tree.ts';

const [x, y, z] = [1, 2, 3].map((n) => scalar(n, 'float32'));

describe('names of leaves', () => {
  test('are paths, in the order of flatten', () => {
    const tree = { layers: [{ w: x, b: y }, null], a: z };
    expect([...namedLeaves(tree, 'root')]).toEqual([
      ['a', z],
      ['layers.0.b', y],
      ['layers.0.w', x],
    ]);
    expect([...namedLeaves(tree, 'root').values()]).toEqual(flatten(tree).leaves);
    expect([...namedLeaves(x, 'root').keys()]).toEqual(['root']);
  });

  test('must differ', () => {
    expect(() => namedLeaves({ a: { b: x }, 'a.b': y }, 'root')).toThrow(/two leaves of the tree are named "a.b"/);
  });

  test('give the tree back', () => {
    const named = (names: string[]): Tree => treeFromNames(new Map(names.map((name) => [name, x])));
    expect(named(['layers.0.w', 'layers.1.w', 'b'])).toEqual({ layers: [{ w: x }, { w: x }], b: x });
    expect(named(['l.0', 'l.2'])).toEqual({ l: { 0: x, 2: x } });
    // What is an array cannot be a branch.
    expect(named(['a', 'a.b', 'a.b.c', 'd.e'])).toEqual({ a: x, 'a.b': x, 'a.b.c': x, d: { e: x } });
    expect(Object.keys(named(['__proto__.x', 'constructor']) as object)).toEqual(['__proto__', 'constructor']);
    expect(named([`a${'.a'.repeat(100_000)}`])).toHaveProperty([`a${'.a'.repeat(100_000)}`]);
  });

  test('of any tree without dots in its keys and without empty branches', () => {
    const key = fc.stringMatching(/^[a-z_]{1,3}$/);
    const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom<Tree>(x, y, z),
        fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { minKeys: 1, maxKeys: 3 }) as fc.Arbitrary<Tree>,
      ),
    }));
    const property = fc.property(fc.dictionary(key, tree, { minKeys: 1 }), (t) => {
      expect(flatten(treeFromNames(namedLeaves(t, 'root')))).toEqual(flatten(t));
    });
    fc.assert(property);
  });
});

test('16-bit floats: largest, smallest, subnormal, special', () => {
  const values = [0x7bff, 0x0400, 0x0001, 0x3555, 0x8000, 0xfc00].map(float16);
  expect(values).toEqual([65504, 2 ** -14, 2 ** -24, 0.333251953125, -0, Number.NEGATIVE_INFINITY]);
  expect(float16(0x7e00)).toBeNaN();
});
