import { describe, expect, it } from 'vitest';
import { quadrature1d, quadrature2d } from './quadrature.ts';

describe('midpoint rule', () => {
  const f = (x: Float64Array) => x.map((v) => Math.exp(v) + v * v);

  it('is h sum f(x_j) exp(-i k x_j) at cell centres, over several chunks', () => {
    const [a, b, points] = [-0.5, 2, 2300];
    const h = (b - a) / points;
    for (const k of [0, 3, -40]) {
      let [re, im] = [0, 0];
      for (let j = 0; j < points; j++) {
        const x = a + (j + 0.5) * h;
        re += h * (Math.exp(x) + x * x) * Math.cos(k * x);
        im -= h * (Math.exp(x) + x * x) * Math.sin(k * x);
      }
      const fast = quadrature1d(f, [a, b], points, [k]);
      expect(fast.re[0]).toBeCloseTo(re, 11);
      expect(fast.im[0]).toBeCloseTo(im, 11);
    }
  });

  it('of a product in the plane is the product of two on the line', () => {
    const product = (x: Float64Array) =>
      Float64Array.from(
        { length: x.length / 2 },
        (_, p) => f(x.subarray(2 * p, 2 * p + 1))[0] * Math.cos(x[2 * p + 1]),
      );
    const [u, v] = [2.5, -7];
    const plane = quadrature2d(product, [-1, 1], 60, [u, v]);
    const first = quadrature1d(f, [-1, 1], 60, [u]);
    const second = quadrature1d((y) => y.map(Math.cos), [-1, 1], 60, [v]);
    expect(plane.re[0]).toBeCloseTo(first.re[0] * second.re[0] - first.im[0] * second.im[0], 12);
    expect(plane.im[0]).toBeCloseTo(first.re[0] * second.im[0] + first.im[0] * second.re[0], 12);
  });
});
