import * as jax from '@jax-js/jax';
import { beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../array/errors.ts';
import { startJax } from '../array/jax.fixture.ts';
import * as np from '../numpy/index.ts';
import { jit } from '../runtime/index.ts';
import { gammainc, normalCdf } from '../stats/index.ts';
import { grad, vmap } from '../transforms/index.ts';
import * as random from './index.ts';

beforeAll(startJax);

type NDArray = np.NDArray;
const { key, split } = random;
const list = async (x: NDArray): Promise<number[]> => Array.from(await x.data());
const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

/** Largest gap between the share of values up to x and the distribution function. */
function ksDistance(values: readonly number[], cdf: (x: number) => number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  return sorted.reduce((max, x, i) => Math.max(max, cdf(x) - i / n, (i + 1) / n - cdf(x)), 0);
}

interface Continuous {
  readonly name: string;
  readonly draw: (k: NDArray, shape: readonly number[], options?: random.RandomOptions) => NDArray;
  readonly cdf: (x: number) => number;
  readonly mean: number;
  readonly variance: number;
  /** Fourth central moment over the squared variance. */
  readonly kurtosis: number;
}

const continuous: readonly Continuous[] = [
  { name: 'uniform', draw: random.uniform, cdf: (x) => x, mean: 0.5, variance: 1 / 12, kurtosis: 1.8 },
  {
    name: 'uniform on [-3, 5)',
    draw: (k, shape, options) => random.uniform(k, shape, { ...options, low: -3, high: 5 }),
    cdf: (x) => (x + 3) / 8,
    mean: 1,
    variance: 64 / 12,
    kurtosis: 1.8,
  },
  { name: 'normal', draw: random.normal, cdf: normalCdf, mean: 0, variance: 1, kurtosis: 3 },
  { name: 'exponential', draw: random.exponential, cdf: (x) => -Math.expm1(-x), mean: 1, variance: 1, kurtosis: 9 },
  {
    name: 'Gumbel',
    draw: random.gumbel,
    cdf: (x) => Math.exp(-Math.exp(-x)),
    mean: 0.5772156649015329,
    variance: Math.PI ** 2 / 6,
    kurtosis: 5.4,
  },
  ...[0.4, 1, 7.5].map((a) => ({
    name: `gamma of shape ${a}`,
    draw: (k: NDArray, shape: readonly number[], options?: random.RandomOptions) => random.gamma(k, a, shape, options),
    cdf: (x: number) => gammainc(a, x),
    mean: a,
    variance: a,
    kurtosis: 3 + 6 / a,
  })),
];

describe.each(continuous)('$name', ({ draw, cdf, ...moments }) => {
  const n = 20_000;
  test.each(['float32', 'float64'] as const)('has its moments and its distribution (%s)', async (dtype) => {
    const x = draw(key(20), [4, n / 4], { dtype });
    expect(x.toString()).toBe(`${dtype}[4, ${n / 4}]`);
    const values = await list(x);
    const m = mean(values);
    const v = mean(values.map((y) => (y - m) ** 2));
    // Four standard errors; 1.95 / sqrt(n) is exceeded by chance in one of a thousand samples.
    expect(Math.abs(m - moments.mean), 'mean').toBeLessThan(4 * Math.sqrt(moments.variance / n));
    expect(Math.abs(v / moments.variance - 1), 'variance').toBeLessThan(4 * Math.sqrt((moments.kurtosis - 1) / n));
    expect(ksDistance(values, cdf) * Math.sqrt(n), 'KS distance').toBeLessThan(1.95);
  });

  test('element i does not depend on the shape', async () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const few = await list(draw(key(4), [2, 3], { dtype }));
      expect(few, dtype).toEqual((await list(draw(key(4), [50], { dtype }))).slice(0, 6));
    }
    expect(draw(key(4), [0]).size).toBe(0);
    expect(draw(key(4), []).shape).toEqual([]);
  });

  test('is the same compiled and in a batch of keys', async () => {
    const keys = split(key(9), 3);
    const alone = (await Promise.all([0, 1, 2].map((i) => list(draw(np.slice(keys, i), [40]))))).flat();
    const batch = vmap((k: NDArray) => draw(k, [40]));
    for (const [how, f] of [
      ['vmap', batch],
      ['jit of vmap', jit(batch)],
    ] as const) {
      const x = f(keys);
      expect(x.shape).toEqual([3, 40]);
      const values = await list(x);
      // The host evaluates functions in float64, the compiler in float32.
      const gap = values.map((y, i) => Math.abs(y - alone[i]) / (1 + Math.abs(alone[i])));
      expect(Math.max(...gap), how).toBeLessThan(2e-6);
    }
  });

  test('keys of split give uncorrelated draws', async () => {
    const size = 4000;
    const draws = await list(vmap((k: NDArray) => draw(k, [size]))(split(key(13), 4)));
    const scaled = draws.map((x) => (x - moments.mean) / Math.sqrt(moments.variance));
    for (let a = 0; a < 4; a++)
      for (let b = 0; b < a; b++) {
        let sum = 0;
        for (let i = 0; i < size; i++) sum += scaled[a * size + i] * scaled[b * size + i];
        expect(Math.abs(sum / size), `keys ${a} and ${b}`).toBeLessThan(4 / Math.sqrt(size));
      }
    for (let a = 0; a < 4; a++) {
      let sum = 0;
      for (let i = 1; i < size; i++) sum += scaled[a * size + i] * scaled[a * size + i - 1];
      expect(Math.abs(sum / size), `neighbours under key ${a}`).toBeLessThan(4 / Math.sqrt(size));
    }
  });
});

describe('uniform', () => {
  test('gives the numbers of JAX and, bit for bit, of jax-js', async () => {
    const printed = [0.947667, 0.9785799, 0.33229148];
    (await list(random.uniform(key(0), [3]))).forEach((u, i) => {
      expect(u).toBeCloseTo(printed[i], 6);
    });
    const theirs = await jax.random.uniform(jax.random.key(42), [5, 200]).data();
    expect(await list(random.uniform(key(42), [5, 200]))).toEqual(Array.from(theirs));
  });

  test('has 23 random bits in float32 and 52 in float64, each of them fair', async () => {
    const n = 10_000;
    for (const [dtype, count] of [
      ['float32', 23],
      ['float64', 52],
    ] as const) {
      const numerators = (await list(random.uniform(key(5), [n], { dtype }))).map((u) => u * 2 ** count);
      expect(numerators.every((m) => Number.isInteger(m) && m >= 0 && m < 2 ** count)).toBe(true);
      for (let bit = 0; bit < count; bit++) {
        const share = mean(numerators.map((m) => Math.floor(m / 2 ** bit) % 2));
        expect(Math.abs(share - 0.5), `bit ${bit} of ${dtype}`).toBeLessThan(2 / Math.sqrt(n));
      }
      // Two neighbouring bits agree half of the time, and so do bits half the width apart.
      for (const distance of [1, Math.ceil(count / 2)])
        for (let bit = 0; bit + distance < count; bit++) {
          const sums = numerators.map((m) => Math.floor(m / 2 ** bit) + Math.floor(m / 2 ** (bit + distance)));
          const share = mean(sums.map((sum) => sum % 2));
          expect(Math.abs(share - 0.5), `bits ${bit} and ${bit + distance}`).toBeLessThan(2.5 / Math.sqrt(n));
        }
    }
  });

  test('keeps inside of its limits', async () => {
    for (const [low, high] of [
      [0, 2 * Math.PI],
      [-0.1, 0.1],
      [1, 1],
    ]) {
      const values = await list(random.uniform(key(6), [10_000], { low, high }));
      expect(values.every((u) => u >= Math.fround(low) && (u < high || low === high))).toBe(true);
    }
  });
});

describe('normal', () => {
  test('gives the numbers of JAX', async () => {
    const used = np.array(Int32Array.of(1705926158, 899080142));
    const cases: [NDArray, number[], number[]][] = [
      [key(42), [], [-0.028304616]],
      [key(0), [3], [1.6226422, 2.0252647, -0.43359444]],
      [used, [2, 3], [-0.21089035, -1.3627948, -0.04500385, -1.1536394, 1.9141139, -0.47701314]],
    ];
    for (const [k, shape, expected] of cases)
      for (const values of [
        await list(random.normal(k, shape)),
        await list(jit((x: NDArray) => random.normal(x, shape))(k)),
      ])
        values.forEach((x, i) => {
          expect(Math.abs(x - expected[i]), `${x} instead of ${expected[i]}`).toBeLessThan(2e-6);
        });
  });

  test('carries derivatives to what it is scaled with', async () => {
    const slope = grad((s: NDArray) => np.sum(np.multiply(s, random.normal(key(1), [10]))))(np.array(2));
    const sum = mean(await list(random.normal(key(1), [10]))) * 10;
    expect(await slope.item()).toBeCloseTo(sum, 5);
  });
});

describe('discrete distributions', () => {
  const n = 20_000;

  test.each([0, 0.03, 0.5, 0.9, 1])('bernoulli(%d)', async (p) => {
    const x = random.bernoulli(key(2), p, [n]);
    expect(x.dtype).toBe('bool');
    const tolerance = 4 * Math.sqrt((p * (1 - p)) / n);
    expect(Math.abs(mean(await list(x)) - p)).toBeLessThanOrEqual(tolerance);
    const theirs = await jax.random.bernoulli(jax.random.key(2), p, [500]).data();
    expect((await list(x)).slice(0, 500)).toEqual(Array.from(theirs, Number));
  });

  test('rademacher: signs of jax-js, in either dtype', async () => {
    const x = random.rademacher(key(4), [n]);
    const values = await list(x);
    expect(new Set(values)).toEqual(new Set([-1, 1]));
    expect(Math.abs(mean(values))).toBeLessThan(4 / Math.sqrt(n));
    const theirs = await jax.random.rademacher(jax.random.key(4), { shape: [500] }).data();
    expect(values.slice(0, 500)).toEqual(Array.from(theirs));
    expect(random.rademacher(key(4), [3], { dtype: 'float64' }).dtype).toBe('float64');
  });

  test('randint: every integer alike, no other', async () => {
    const x = random.randint(key(5), [n], -3, 7);
    expect(x.dtype).toBe('int32');
    const values = await list(x);
    const counts = Array.from({ length: 10 }, (_, i) => values.filter((v) => v === i - 3).length);
    expect(counts.reduce((a, b) => a + b, 0)).toBe(n);
    const chiSquared = counts.reduce((sum, c) => sum + (c - n / 10) ** 2 / (n / 10), 0);
    // 9 degrees of freedom: 27.9 is exceeded by chance in one of a thousand samples.
    expect(chiSquared).toBeLessThan(27.9);
    expect(await list(random.randint(key(5), [20], 4, 5))).toEqual(new Array(20).fill(4));
  });

  test('categorical: shares are the softmax, for rows of logits and -Infinity too', async () => {
    const logits = np.array([
      [0, 1, 2],
      [50, 50 + Math.log(3), Number.NEGATIVE_INFINITY],
    ]);
    const x = random.categorical(key(6), logits, [n]);
    expect(x.toString()).toBe(`int32[${n}, 2]`);
    const values = await list(x);
    const e = [0, 1, 2].map(Math.exp);
    const expected = [e.map((v) => v / (e[0] + e[1] + e[2])), [0.25, 0.75, 0]];
    expected.forEach((shares, row) => {
      shares.forEach((p, c) => {
        const share = values.filter((v, i) => i % 2 === row && v === c).length / n;
        expect(Math.abs(share - p), `row ${row}, class ${c}`).toBeLessThanOrEqual(4 * Math.sqrt((p * (1 - p)) / n));
      });
    });
    expect(random.categorical(key(6), np.zeros([4])).shape).toEqual([]);
  });

  test('are the same compiled and in a batch of keys', async () => {
    const keys = split(key(1), 3);
    const logits = np.array([0.3, -1, 0.5]);
    const draws: ((k: NDArray) => NDArray)[] = [
      (k) => random.bernoulli(k, 0.3, [20]),
      (k) => random.rademacher(k, [20]),
      (k) => random.randint(k, [20], 0, 9),
      (k) => random.categorical(k, logits, [20]),
    ];
    for (const draw of draws) {
      const alone = (await Promise.all([0, 1, 2].map((i) => list(draw(np.slice(keys, i)))))).flat();
      expect(await list(vmap(draw)(keys))).toEqual(alone);
      expect(await list(jit(vmap(draw))(keys))).toEqual(alone);
    }
  });
});

test('sphere: unit vectors without a preferred direction', async () => {
  const [n, d] = [5000, 3];
  const values = await list(random.sphere(key(3), [n, d]));
  const points = Array.from({ length: n }, (_, i) => values.slice(i * d, (i + 1) * d));
  for (const p of points) expect(Math.hypot(...p)).toBeCloseTo(1, 5);
  // A coordinate of the sphere in three dimensions is uniform on [-1, 1] (Archimedes).
  for (let a = 0; a < d; a++) {
    const coordinate = points.map((p) => p[a]);
    expect(ksDistance(coordinate, (x) => (x + 1) / 2) * Math.sqrt(n), `axis ${a}`).toBeLessThan(1.95);
    for (let b = 0; b < a; b++)
      expect(Math.abs(mean(points.map((p) => p[a] * p[b])))).toBeLessThan(4 / Math.sqrt(15 * n));
  }
  expect(new Set(await list(random.sphere(key(3), [50, 1])))).toEqual(new Set([-1, 1]));
  expect(random.sphere(key(3), [4], { dtype: 'float64' }).dtype).toBe('float64');
});

test('errors name what was given', () => {
  expect(() => random.bernoulli(key(0), 1.5)).toThrow('bernoulli: p must lie in [0, 1], got 1.5');
  expect(() => random.bernoulli(key(0), Number.NaN)).toThrow(UserError);
  expect(() => random.randint(key(0), [2], 3, 3)).toThrow(
    'needs integers low < high less than 2^23 apart, got 3 and 3',
  );
  expect(() => random.randint(key(0), [2], 0, 2 ** 23)).toThrow(UserError);
  expect(() => random.randint(key(0), [2], 0.5, 3)).toThrow(UserError);
  expect(() => random.sphere(key(0), [])).toThrow('sphere: needs a last axis of at least one coordinate, got shape []');
  expect(() => random.sphere(key(0), [3, 0])).toThrow(UserError);
  expect(() => random.normal(np.array([0, 1]), [2])).toThrow('a key is int32 of shape [2]');
});
