import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalize, topological } from '../array/graph.ts';
import type { NDArray } from '../array/ndarray.ts';
import { evaluateAt, generator, graphOf, randomArray } from '../array/testing.fixture.ts';
import { add } from './elementwise.ts';
import { seed } from './forward.fixture.ts';
import { wide } from './records.fixture.ts';
import { pad } from './shape.ts';

/** Places of slices along an axis of 12, which may overlap, in any order. */
const places = fc.array(
  fc.tuple(fc.nat(11), fc.integer({ min: 1, max: 5 })).map(([start, n]) => ({ start, n: Math.min(n, 12 - start) })),
  { minLength: 1, maxLength: 5 },
);
const sumOfPads =
  (at: readonly { start: number; n: number }[]) =>
  (...xs: NDArray[]): NDArray =>
    xs.map((x, i) => pad(x, [0, at[i].start], [0, 12 - at[i].start - at[i].n])).reduce((a, b) => add(a, b));

test('sums of padded arrays are what they were', () => {
  fc.assert(
    fc.property(places, fc.nat(), (at, n) => {
      const random = generator(n);
      const xs = at.map(({ n: size }) => randomArray(random, [2, size], 'float64', wide));
      const [y] = evaluateAt(sumOfPads(at), xs);
      const expected = new Float64Array(24);
      at.forEach(({ start, n: size }, i) => {
        for (let row = 0; row < 2; row++) {
          for (let k = 0; k < size; k++) expected[row * 12 + start + k] += xs[i].data[row * size + k];
        }
      });
      expect([...y.data]).toEqual([...expected]);
    }),
    { seed, numRuns: 200 },
  );
});

test('cotangents of the parts of an array are joined, in whatever order they come', () => {
  const at = [9, 0, 6, 3].map((start) => ({ start, n: 3 }));
  const { outputs } = graphOf(
    sumOfPads(at),
    at.map(() => ({ shape: [2, 3], dtype: 'float32' as const })),
  );
  const names = topological(normalize(outputs)).map((node) => node.primitive.name);
  expect(names.filter((name) => name !== 'input')).toEqual(['concatenate']);
});
