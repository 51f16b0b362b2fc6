/** @file Potentials of two variables with known saddles, of chemical physics, to test paths on. Points [2] -> scalar. */
import type { NDArray } from '../../../array/ndarray.ts';
import * as np from '../../../numpy/index.ts';

/** Amplitude, a, b, c, x, y of each term. */
const terms = [
  [-200, -1, 0, -10, 1, 0],
  [-100, -1, 0, -10, 0, 0.5],
  [-170, -6.5, 11, -6.5, -0.5, 1.5],
  [15, 0.7, 0.6, 0.7, -1, 1],
] as const;

/** sum A exp(a (x - x0)^2 + b (x - x0)(y - y0) + c (y - y0)^2) (Muller and Brown, Theor. Chim. Acta 53, 1979). */
export function mullerBrown(point: NDArray): NDArray {
  const [x, y] = [np.slice(point, 0), np.slice(point, 1)];
  return terms
    .map(([amplitude, a, b, c, x0, y0]) => {
      const [dx, dy] = [np.subtract(x, x0), np.subtract(y, y0)];
      const exponent = np.add(
        np.multiply(a, np.square(dx)),
        np.add(np.multiply(b, np.multiply(dx, dy)), np.multiply(c, np.square(dy))),
      );
      return np.multiply(amplitude, np.exp(exponent));
    })
    .reduce((sum, term) => np.add(sum, term));
}

/** The two deepest minima, and the highest saddle on the path of least energy between them. */
export const mullerBrownMinima = [
  [-0.558224, 1.441726],
  [0.623499, 0.028038],
] as const;
export const mullerBrownSaddle = -40.66484;

/** cos 2 pi x + cos 2 pi y: minima -2 at half-integers, saddles 0 between neighbours, maxima 2 at integers. */
export const eggCarton = (point: NDArray): NDArray => np.sum(np.cos(np.multiply(2 * Math.PI, point)));
