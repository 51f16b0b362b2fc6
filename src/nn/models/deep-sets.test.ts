import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listOf } from '../../array/testing.fixture.ts';
import * as np from '../../numpy/index.ts';
import * as random from '../../random/index.ts';
import { type DeepSetsParams, deepSets } from '../index.ts';
import { expectReference } from '../reference.fixture.ts';

test.each([
  ['deepSetsSum', 'sum'],
  ['deepSetsMean', 'mean'],
  ['deepSetsMax', 'max'],
] as const)('%s is PyTorch’s, with sets of different size', (name, pool) =>
  expectReference<DeepSetsParams>(name, (p, x, { mask }) =>
    deepSets([2, 4, 3], [4, 2], { pool }).apply(p, x, np.astype(mask as np.NDArray, 'bool')),
  ),
);

test.each(['sum', 'mean', 'max'] as const)('the order of the elements does not matter (%s)', (pool) => {
  const net = deepSets([1, 8, 4], [8, 1], { pool });
  const params = net.init(random.key(0));
  const value = (xs: readonly number[]) => listOf(net.apply(params, np.array(xs.map((x) => [x]))))[0];
  const orders = fc
    .array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 1, maxLength: 6 })
    .chain((xs) => fc.tuple(fc.constant(xs), fc.shuffledSubarray(xs, { minLength: xs.length })));
  fc.assert(
    fc.property(orders, ([xs, ys]) => {
      expect(value(ys)).toBeCloseTo(value(xs), 5);
    }),
    { numRuns: 20 },
  );
});

test('a mask of another shape is refused', () => {
  const net = deepSets([1, 2], [1]);
  expect(() => net.apply(net.init(random.key(0)), np.ones([2, 3, 1]), np.ones([2, 4], 'bool'))).toThrow('a mask');
});
