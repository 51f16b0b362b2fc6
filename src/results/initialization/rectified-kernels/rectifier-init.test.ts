import { describe, expect, test } from 'vitest';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { configure } from '../../../runtime/index.ts';
import { kolmogorovSmirnov, studentTCdf } from '../../../stats/index.ts';
import { rectifierInit, studentT, unitWeights, type WeightLaw } from './rectifier-init.ts';

configure({ threads: 1 });

const moments = async (w: np.NDArray) => {
  const x = Float64Array.from(await w.data());
  const moment = (k: number) => x.reduce((t, v) => t + v ** k, 0) / x.length;
  return { mean: moment(1), variance: moment(2), kurtosis: moment(4) / moment(2) ** 2 };
};

describe.each<[string, WeightLaw, number, number]>([
  ['normal', 'normal', 3, 0.1],
  ['uniform', 'uniform', 1.8, 0.05],
  ['rademacher', 'rademacher', 1, 0.001],
  ['laplace', 'laplace', 6, 0.4],
  ['generalized normal 1', { generalizedNormal: 1 }, 6, 0.4],
  ['generalized normal 2', { generalizedNormal: 2 }, 3, 0.1],
  ['generalized normal 8', { generalizedNormal: 8 }, 1.9, 0.2],
  ['t, nu = 9', { studentT: 9 }, 3 + 6 / 5, 0.5],
  ['sphere', 'sphere', 3 / (1 + 2 / 50), 0.1],
  ['multivariate t, nu = 12', { multivariateT: 12 }, 3 * (10 / 8), 0.4],
])('%s', (_, law, kurtosis, tolerance) => {
  test('has mean 0, variance 1 and its kurtosis', async () => {
    const found = await moments(unitWeights(random.key(3), law, [2000, 50]));
    expect(Math.abs(found.mean)).toBeLessThan(0.015);
    expect(Math.abs(found.variance - 1)).toBeLessThan(0.04);
    expect(Math.abs(found.kurtosis - kurtosis)).toBeLessThan(tolerance);
  });
});

test('rectifierInit: variance 2/((1+a^2) fanIn), one row per neuron', async () => {
  const w = rectifierInit({ fanIn: 50, fanOut: 1000, slope: 0.5, law: 'laplace', key: random.key(0) });
  expect(w.shape).toEqual([1000, 50]);
  expect((await moments(w)).variance * 50).toBeCloseTo(1.6, 1);
});

test('rows of the sphere have one length; rows of the multivariate t share a scale, those of the t do not', async () => {
  const dispersion = async (law: WeightLaw) => {
    const lengths = Array.from(await np.norm(unitWeights(random.key(5), law, [500, 200]), -1).data());
    const mean = lengths.reduce((t, v) => t + v, 0) / lengths.length;
    return Math.sqrt(lengths.reduce((t, v) => t + (v - mean) ** 2, 0) / lengths.length) / mean;
  };
  expect(await dispersion('sphere')).toBeLessThan(1e-6);
  expect(await dispersion({ studentT: 9 })).toBeLessThan(0.1);
  expect(await dispersion({ multivariateT: 9 })).toBeGreaterThan(0.2);
});

test('studentT has its distribution, Cauchy included', async () => {
  for (const nu of [1, 5]) {
    const x = Float64Array.from(await studentT(random.key(9), nu, [5000]).data());
    expect(kolmogorovSmirnov(x, (t) => studentTCdf(t, nu)).p).toBeGreaterThan(0.01);
  }
});

test('refuses laws that no scale gives the variance, and sizes out of range', () => {
  const key = random.key(0);
  expect(() => unitWeights(key, { studentT: 1 }, [2, 2])).toThrow('the variance is infinite for nu <= 2');
  expect(() => unitWeights(key, { multivariateT: 2 }, [2, 2])).toThrow('found nu = 2');
  expect(() => unitWeights(key, { generalizedNormal: 0 }, [2, 2])).toThrow('expected an exponent > 0');
  expect(() => rectifierInit({ fanIn: 3, fanOut: 0, key })).toThrow('fanOut');
  expect(() => rectifierInit({ fanIn: 3, fanOut: 1, slope: Number.NaN, key })).toThrow('slope');
});
