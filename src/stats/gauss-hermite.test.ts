import { describe, expect, test } from 'vitest';
import { gaussHermite } from './gauss-hermite.ts';

const mean = (n: number, f: (x: number) => number): number => {
  const { nodes, weights } = gaussHermite(n);
  return nodes.reduce((sum, x, i) => sum + weights[i] * f(x), 0);
};

describe('gaussHermite', () => {
  test('has the published nodes and weights of three and five points', () => {
    const three = gaussHermite(3);
    [-Math.sqrt(3), 0, Math.sqrt(3)].forEach((x, i) => {
      expect(three.nodes[i]).toBeCloseTo(x, 13);
    });
    [1 / 6, 2 / 3, 1 / 6].forEach((w, i) => {
      expect(three.weights[i]).toBeCloseTo(w, 13);
    });
    // Abramowitz and Stegun, table 25.10: x = 2.020182870456086 sqrt(2), w = 0.01995324205904591 / sqrt(pi).
    const five = gaussHermite(5);
    expect(five.nodes[4]).toBeCloseTo(2.020182870456086 * Math.SQRT2, 12);
    expect(five.weights[4]).toBeCloseTo(0.01995324205904591 / Math.sqrt(Math.PI), 13);
  });

  test.each([1, 2, 7, 40])('is exact for polynomials of degree 2 n - 1, n = %i', (n) => {
    let moment = 1;
    for (let degree = 0; degree <= Math.min(2 * n - 1, 24); degree++) {
      if (degree > 0 && degree % 2 === 0) moment *= degree - 1;
      const expected = degree % 2 === 0 ? moment : 0;
      const size = mean(n, (x) => Math.abs(x) ** degree);
      expect(Math.abs(mean(n, (x) => x ** degree) - expected)).toBeLessThan(1e-12 * (1 + size));
    }
  });

  test('gives E cos(a z) = exp(-a^2 / 2) at hundreds of nodes', () => {
    for (const a of [0.5, 2, 5]) expect(mean(201, (x) => Math.cos(a * x))).toBeCloseTo(Math.exp((-a * a) / 2), 12);
  });

  test('refuses numbers of nodes that are none', () => {
    for (const n of [0, -1, 2.5, Number.NaN]) expect(() => gaussHermite(n)).toThrow('at least 1 node');
  });
});
