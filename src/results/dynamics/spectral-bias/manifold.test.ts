import { describe, expect, it } from 'vitest';
import {
  arcLength,
  besselJ,
  circle,
  circleTransfer,
  curveEmbedding,
  curveTransfer,
  embed,
  jacobianBand,
  reachableBand,
} from './manifold.ts';

describe('curves', () => {
  it.each([0, 1, 4, 16])('gamma_L of L = %i has the tangent of its points and closes', (L) => {
    const curve = curveEmbedding(L);
    const h = 1e-6;
    for (const z of [0, 0.13, 0.5, 0.77]) {
      const [ahead, behind] = [curve.point(z + h), curve.point(z - h)];
      curve.tangent(z).forEach((slope, i) => {
        expect((ahead[i] - behind[i]) / (2 * h)).toBeCloseTo(slope, 3);
      });
    }
    const [start, end] = [embed(curve, [0]), embed(curve, [1])];
    for (let i = 0; i < 2; i++) expect(end[i]).toBeCloseTo(start[i], 12);
  });

  it('L = 0 is the unit circle; the circle as long as L = 8 has radius 2.82', () => {
    expect(Array.from(embed(curveEmbedding(0), [0, 0.25]))).toEqual(Array.from(embed(circle(1), [0, 0.25])));
    expect(arcLength(circle(3))).toBeCloseTo(6 * Math.PI, 10);
    expect(arcLength(curveEmbedding(8)) / (2 * Math.PI)).toBeCloseTo(2.82, 2);
  });

  it("jacobianBand is the largest |gamma'| of a fine grid, and 2 pi on the circle", () => {
    expect(jacobianBand(circle(1))).toBeCloseTo(2 * Math.PI, 12);
    for (const L of [3, 10]) {
      const curve = curveEmbedding(L);
      let largest = 0;
      for (let j = 0; j <= 100_000; j++) largest = Math.max(largest, Math.hypot(...curve.tangent(j / 100_000)));
      expect(jacobianBand(curve)).toBeGreaterThanOrEqual(largest);
      expect(jacobianBand(curve)).toBeCloseTo(largest, 5);
    }
  });

  it('refuses petals that do not close and wave vectors of another dimension', () => {
    expect(() => curveEmbedding(1.5)).toThrow('L = 1.5 must be a whole number');
    expect(() => curveTransfer(circle(1), 0, [1, 2, 3])).toThrow('k has 3 components');
  });
});

describe('P_gamma', () => {
  it('on the circle is i^n exp(-int) J_n(|k|)', () => {
    for (const [n, length, t] of [
      [0, 2, 0.3],
      [1, 5, 1],
      [3, 7.5, -2],
      [-2, 4, 0.7],
      [20, 12, 2.5],
    ]) {
      // biome-ignore format: cases
      const predicted = circleTransfer(n, length, t);
      const measured = curveTransfer(circle(1), 2 * Math.PI * n, [length * Math.cos(t), length * Math.sin(t)]);
      for (let i = 0; i < 2; i++) expect(measured[i]).toBeCloseTo(predicted[i], 12);
    }
  });

  it('is negligible beyond the reachable band and not within it', () => {
    for (const L of [0, 4]) {
      const curve = curveEmbedding(L);
      const band = reachableBand(curve, 30) / (2 * Math.PI);
      const size = (cycles: number) => {
        let largest = 0;
        for (let t = 0; t < 3; t += 0.25) {
          const wave = [30 * Math.cos(t), 30 * Math.sin(t)];
          largest = Math.max(largest, Math.hypot(...curveTransfer(curve, 2 * Math.PI * cycles, wave)));
        }
        return largest;
      };
      expect(size(Math.ceil(1.5 * band))).toBeLessThan(1e-3);
      expect(size(Math.floor(0.9 * band))).toBeGreaterThan(0.02);
    }
  });
});

describe('besselJ', () => {
  it('has tabulated values (Abramowitz & Stegun, tables 9.1, 9.4)', () => {
    expect(besselJ(0, 1)).toBeCloseTo(0.765197686557966, 13);
    expect(besselJ(1, 1)).toBeCloseTo(0.440050585744934, 13);
    expect(besselJ(2, 5)).toBeCloseTo(0.046565116277752, 13);
    expect(besselJ(10, 10)).toBeCloseTo(0.207486106633359, 13);
    expect(besselJ(0, 100)).toBeCloseTo(0.019985850304223, 13);
  });

  it('satisfies J_{n-1} + J_{n+1} = 2n/x J_n and J_{-n} = (-1)^n J_n', () => {
    for (const x of [0.5, 8, 60])
      for (const n of [1, 4, 9]) {
        expect(besselJ(n - 1, x) + besselJ(n + 1, x)).toBeCloseTo(((2 * n) / x) * besselJ(n, x), 12);
        expect(besselJ(-n, x)).toBeCloseTo((-1) ** n * besselJ(n, x), 13);
      }
    expect(() => besselJ(0.5, 1)).toThrow('must be a whole number');
  });
});
