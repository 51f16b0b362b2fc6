import { describe, expect, test } from 'vitest';
import { UserError } from '../array/errors.ts';
import * as random from '../random/index.ts';
import { counted, inner, known, times } from './known-spectrum.fixture.ts';
import { spectralDensity, spectralSum, stochasticLanczosQuadrature } from './stochastic-lanczos-quadrature.ts';

const n = 120;
/** A bulk on [0, 1] and two outliers, as of a trained classifier's Hessian. */
const values = Array.from({ length: n }, (_, i) => (i === 0 ? 5 : i === 1 ? 8 : (i / n) ** 2));
const { matrix } = known(values, 4);

describe('stochasticLanczosQuadrature', () => {
  test('makes steps products for each probe and finds the ends of the spectrum', async () => {
    const { A, products } = counted(matrix, 'float64');
    const seen: string[] = [];
    const result = await stochasticLanczosQuadrature(A, n, random.key(1), {
      steps: 20,
      probes: 3,
      dtype: 'float64',
      onStep: (done, total) => seen.push(`${done}/${total}`),
    });
    expect(products()).toBe(60);
    expect(seen[0]).toBe('1/60');
    expect(seen[59]).toBe('60/60');
    expect(result.range[1]).toBeCloseTo(8, 6);
    expect(result.range[0]).toBeLessThanOrEqual(Math.min(...values));
    expect(result.range[0]).toBeGreaterThan(-0.02);
  });

  test('is a mean over probes of z^T f(A) z, exact for a polynomial that few steps integrate', async () => {
    const key = random.key(9);
    const quadrature = await stochasticLanczosQuadrature(counted(matrix, 'float64').A, n, key, {
      steps: 3,
      probes: 4,
      dtype: 'float64',
    });
    const forms: number[] = [];
    for (let p = 0; p < 4; p++) {
      const z = (await random.rademacher(random.foldIn(key, p), [n], { dtype: 'float64' }).data()) as Float64Array;
      const image = times(matrix, times(matrix, z));
      forms.push(inner(image, times(matrix, z)));
    }
    const mean = forms.reduce((a, b) => a + b) / 4;
    const deviation = Math.sqrt(forms.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 3 / 4);
    const { value, standardError } = spectralSum(quadrature, (x) => x ** 3);
    expect(Math.abs(value / mean - 1)).toBeLessThan(1e-12);
    expect(Math.abs(standardError / deviation - 1)).toBeLessThan(1e-9);
  });

  test('gives trace, squared norm and log-determinant within four standard errors, the error itself small', async () => {
    const shifted = matrix.map((x, i) => x + (i % (n + 1) === 0 ? 0.5 : 0));
    const quadrature = await stochasticLanczosQuadrature(counted(shifted, 'float64').A, n, random.key(3), {
      steps: 40,
      probes: 30,
      dtype: 'float64',
    });
    for (const f of [(x: number) => x, (x: number) => x ** 2, Math.log]) {
      const exact = values.reduce((sum, x) => sum + f(x + 0.5), 0);
      const { value, standardError } = spectralSum(quadrature, f);
      expect(Math.abs(value - exact)).toBeLessThan(4 * standardError);
      expect(standardError).toBeLessThan(0.1 * Math.abs(exact));
    }
  });

  test('float32 agrees with float64', async () => {
    const run = (dtype: 'float32' | 'float64') =>
      stochasticLanczosQuadrature(counted(matrix, dtype).A, n, random.key(2), { steps: 30, probes: 2, dtype });
    const [single, double] = [await run('float32'), await run('float64')];
    for (const f of [(x: number) => x, (x: number) => x ** 2, (x: number) => Math.exp(-x)]) {
      const exact = spectralSum(double, f).value;
      expect(Math.abs(spectralSum(single, f).value / exact - 1)).toBeLessThan(1e-4);
    }
  });
});

describe('spectralDensity', () => {
  test('has integral 1 and lies within four standard errors of the smoothed spectrum almost everywhere', async () => {
    const quadrature = await stochasticLanczosQuadrature(counted(matrix, 'float64').A, n, random.key(6), {
      steps: 60,
      probes: 40,
      dtype: 'float64',
    });
    const { grid, density, standardError, width } = spectralDensity(quadrature, { width: 0.15, range: [-2, 10] });
    expect(width).toBe(0.15);
    const step = grid[1] - grid[0];
    expect(density.reduce((sum, x) => sum + x * step, 0)).toBeCloseTo(1, 8);
    let within = 0;
    grid.forEach((t, i) => {
      const exact =
        values.reduce((sum, x) => sum + Math.exp(-(((t - x) / 0.15) ** 2) / 2), 0) /
        (n * 0.15 * Math.sqrt(2 * Math.PI));
      if (Math.abs(density[i] - exact) <= 4 * standardError[i] + 1e-9) within++;
    });
    expect(within / grid.length).toBeGreaterThan(0.98);
    // The outliers hold one eigenvalue in n each.
    const mass = grid.reduce((sum, t, i) => sum + (t > 7 ? density[i] * step : 0), 0);
    expect(Math.abs(mass - 1 / n)).toBeLessThan(0.004);
  });

  test("has Papyan's grid and width by default", async () => {
    const quadrature = {
      size: 2,
      steps: 11,
      rules: [{ nodes: Float64Array.of(0, 10), weights: Float64Array.of(0.5, 0.5) }],
      range: [0, 10] as const,
    };
    const { grid, width, standardError } = spectralDensity(quadrature);
    expect([grid.length, grid[0], grid[1023]]).toEqual([1024, -0.5, 10.5]);
    expect(width).toBeCloseTo(11 / 10 / Math.sqrt(8 * Math.log(1.25)), 14);
    expect(standardError[0]).toBe(Number.NaN);
    // Two Gaussians of that width, h apart: the middle is 1.25 times lower than their tops, hardly moved by the other
    // one.
    const pair = { ...quadrature, rules: [{ nodes: Float64Array.of(0, 1.1), weights: Float64Array.of(0.5, 0.5) }] };
    const { density } = spectralDensity(pair, { points: 3, range: [0, 1.1] });
    const alone = Math.exp(-((1.1 / width) ** 2) / 2);
    expect((density[0] / density[1]) * 1.25 ** -1 * 2).toBeCloseTo(1 + alone, 2);
  });

  test('draws a spectrum of one value, and refuses what is no grid', () => {
    const quadrature = {
      size: 2,
      steps: 5,
      rules: [{ nodes: Float64Array.of(3), weights: Float64Array.of(1) }],
      range: [3, 3] as const,
    };
    const { grid, density } = spectralDensity(quadrature);
    expect(density.reduce((sum, x) => sum + x, 0) * (grid[1] - grid[0])).toBeGreaterThan(0.5);
    expect(() => spectralDensity(quadrature, { points: 1 })).toThrow(UserError);
    expect(() => spectralDensity(quadrature, { range: [1, 1] })).toThrow(/range \[low, high\], found \[1, 1\]/);
    expect(() => spectralDensity(quadrature, { width: 0 })).toThrow(/positive width/);
  });
});
