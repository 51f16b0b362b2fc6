import { describe, expect, it } from 'vitest';
import { heNet } from './compact-nets.ts';
import { exactness1d, exactness2d } from './exactness.ts';
import { normals } from './normals.fixture.ts';

describe('closed form against quadrature (claim B1, at fewer points)', () => {
  it('agrees in 1-D, and the printed sign is wrong by 2', () => {
    for (const seed of [1, 2]) {
      const [window, compact] = exactness1d(heNet([1, 16, 16, 1], normals(seed)), { points: 100_000 });
      expect(window.relativeError).toBeLessThan(1e-6);
      expect(compact.relativeError).toBeLessThan(1e-6);
      expect(compact.printedSignError).toBeCloseTo(2, 5);
      expect(window.printedSignError).toBeNaN();
    }
  });

  it('agrees in 2-D, with an error of the quadrature that falls as h^2', () => {
    const g = heNet([2, 8, 8, 1], normals(3));
    const [coarse, fine] = [150, 450].map((points) => exactness2d(g, { points }));
    for (const i of [0, 1]) {
      expect(fine[i].relativeError).toBeLessThan(5e-3);
      expect(fine[i].relativeError).toBeLessThan(coarse[i].relativeError / 4);
    }
    expect(fine[1].printedSignError).toBeCloseTo(2, 2);
  });
});
