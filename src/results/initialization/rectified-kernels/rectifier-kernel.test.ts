import { describe, expect, test } from 'vitest';
import * as np from '../../../numpy/index.ts';
import { jit } from '../../../runtime/index.ts';
import { grad, vmap } from '../../../transforms/index.ts';
import { kappa } from './gaussian-kernel.ts';
import {
  angleOf,
  normalizedRectifierKernel,
  normalizedRectifierKernelDerivative,
  rectifierKernel,
  shrinkage,
} from './rectifier-kernel.ts';

const f64 = (values: readonly number[]) => np.array(Float64Array.from(values));
const list = async (x: np.NDArray) => Array.from(await x.data());
const angles = [0, Math.PI / 6, Math.PI / 3, Math.PI / 2, (2 * Math.PI) / 3, Math.PI];

/** The two-slope form, transcribed: slope a below 0, b above. */
const twoSlopes = (theta: number, a: number, b: number) =>
  ((a * a + b * b) / 2) * Math.cos(theta) +
  ((a - b) ** 2 / (2 * Math.PI)) * (Math.sin(theta) - theta * Math.cos(theta));

/** Theorem A, transcribed. */
const asPrinted = (theta: number, a: number) =>
  ((1 - a) ** 2 / (2 * Math.PI)) * (Math.sin(theta) + (Math.PI - theta) * Math.cos(theta)) + a * Math.cos(theta);

describe('rectifierKernel', () => {
  test.each([
    [0, [0.5, 0.4404213898, 0.3044988905, 0.1591549431, 0.0544988905, 0]],
    [0.01, [0.50005, 0.4403172582, 0.3034393626, 0.1559877597, 0.0484143626, -0.01]],
    [0.2, [0.52, 0.4550747702, 0.2948792899, 0.1018591636, -0.0651207101, -0.2]],
    [-1, [1, 0.8956601554, 0.7179955621, 0.6366197724, 0.7179955621, 1]],
  ])('has its values at slope %f', async (slope, expected) => {
    const values = await list(rectifierKernel(f64(angles), { slope }));
    values.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 9);
    });
  });

  test('equals the printed and the two-slope formula to 1e-12, as does the form on numbers', async () => {
    const theta = Array.from({ length: 181 }, (_, i) => (i * Math.PI) / 180);
    for (const slope of [-2, -1, -0.3, 0, 0.01, 0.2, 1, 3]) {
      const values = await list(rectifierKernel(f64(theta), { slope }));
      theta.forEach((angle, i) => {
        expect(Math.abs(values[i] - asPrinted(angle, slope))).toBeLessThan(1e-12 * (1 + slope * slope));
        expect(Math.abs(values[i] - twoSlopes(angle, slope, 1))).toBeLessThan(1e-12 * (1 + slope * slope));
        expect(Math.abs(kappa(angle, slope) - twoSlopes(angle, slope, 1))).toBeLessThan(1e-12 * (1 + slope * slope));
      });
    }
  });

  test('scales with the variance and both lengths, broadcast', async () => {
    const values = await list(
      rectifierKernel(np.reshape(f64([0, Math.PI / 2]), [2, 1]), { variance: 3, normX: f64([1, 2]), normY: 5 }),
    );
    expect(values.map((v) => v / 15)).toEqual([
      expect.closeTo(0.5, 12),
      expect.closeTo(1, 12),
      expect.closeTo(1 / (2 * Math.PI), 12),
      expect.closeTo(1 / Math.PI, 12),
    ]);
  });

  test('solves kappa" + kappa = sin(theta)/pi with zero value and derivative at pi (a = 0)', async () => {
    const value = (theta: np.NDArray) => rectifierKernel(theta);
    const first = grad(value);
    const theta = f64([0.1, 0.7, 1.5, 2.6, 3.1]);
    const sum = await list(np.add(vmap(grad(first))(theta), value(theta)));
    sum.forEach(async (s, i) => {
      expect(s).toBeCloseTo(Math.sin([0.1, 0.7, 1.5, 2.6, 3.1][i]) / Math.PI, 10);
    });
    const end = np.array(Float64Array.of(Math.PI), { shape: [] });
    expect(await first(end).item()).toBeCloseTo(0, 12);
    expect(await value(end).item()).toBeCloseTo(0, 12);
  });

  test('refuses a slope or a variance out of range', () => {
    expect(() => rectifierKernel(1, { slope: Number.NaN })).toThrow('slope: expected a finite number, found NaN');
    expect(() => rectifierKernel(1, { variance: -1 })).toThrow('variance: expected a number of at least 0, found -1');
  });
});

describe('normalizedRectifierKernel', () => {
  test.each([
    [0, 0.608997781, 0.0095383988],
    [0.01, 0.6068180434, -0.0086505502],
    [0.2, 0.5670755576, -0.3402840622],
    [-1, 0.7179955621, 0.9190767977],
  ])('has its values at slope %f', async (slope, half, negative) => {
    const [a, b] = await list(normalizedRectifierKernel(f64([0.5, -0.9]), slope));
    expect(a).toBeCloseTo(half, 9);
    expect(b).toBeCloseTo(negative, 9);
  });

  test('is the kernel over that at angle 0, never below rho, and rho itself for slope 1', async () => {
    const rho = Array.from({ length: 41 }, (_, i) => -1 + i / 20);
    for (const slope of [-1, 0, 0.3]) {
      const g = await list(normalizedRectifierKernel(f64(rho), slope));
      const k = await list(rectifierKernel(angleOf(f64(rho)), { slope }));
      g.forEach((value, i) => {
        expect(value).toBeCloseTo(k[i] / ((1 + slope ** 2) / 2), 12);
        expect(value).toBeGreaterThanOrEqual(rho[i] - 1e-15);
      });
    }
    (await list(normalizedRectifierKernel(f64(rho), 1))).forEach((value, i) => {
      expect(value).toBeCloseTo(rho[i], 14);
    });
  });

  test('has the derivative 1 - gamma theta/pi, also at 1 and under jit and vmap', async () => {
    const rho = f64([-1, -0.5, 0, 0.5, 1]);
    for (const slope of [0, 0.2, -1]) {
      const derivative = jit(vmap(grad((r: np.NDArray) => normalizedRectifierKernel(r, slope))));
      const expected = [1, 2 / 3, 1 / 2, 1 / 3, 0].map((share) => 1 - shrinkage(slope) * share);
      const [found, formula] = [
        await list(derivative(rho)),
        await list(normalizedRectifierKernelDerivative(rho, slope)),
      ];
      expected.forEach((value, i) => {
        expect(found[i]).toBeCloseTo(value, 12);
        expect(formula[i]).toBeCloseTo(value, 12);
      });
    }
  });
});
