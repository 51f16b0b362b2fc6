/** Kernels of layers with weights -1 and 1, without sampling error: how fast the central limit is reached. */
import { UserError } from '../../../array/errors.ts';
import { lgamma } from '../../../stats/index.ts';
import { checkSlope } from './rectifier-kernel.ts';

/**
 * E[s(w.x) s(w.y)] for equally likely signs w_i and inputs of m coordinates of size 1/sqrt(m) of which `agreeing` have
 * the same sign in x and y and the others opposite ones: cosine `2 agreeing / m - 1`. With A the sum of the agreeing
 * signs and B that of the others, w.x = (A + B)/sqrt(m) and w.y = (A - B)/sqrt(m); both are binomial. O(m^2), exact.
 */
export function rademacherKernel(m: number, agreeing: number, slope = 0): number {
  checkSlope(slope);
  if (!(Number.isInteger(m) && m >= 1 && Number.isInteger(agreeing) && agreeing >= 0 && agreeing <= m)) {
    throw new UserError(
      `rademacherKernel: expected whole numbers 0 <= agreeing <= m with m >= 1, found ${agreeing} and ${m}.`,
    );
  }
  const s = (z: number) => (z > 0 ? z : slope * z);
  const [same, opposite] = [signSums(agreeing), signSums(m - agreeing)];
  let sum = 0;
  for (const a of same)
    for (const b of opposite) sum += a.probability * b.probability * s(a.value + b.value) * s(a.value - b.value);
  return sum / m;
}

/** Values and probabilities of the sum of n equally likely signs. */
function signSums(n: number): { value: number; probability: number }[] {
  return Array.from({ length: n + 1 }, (_, k) => ({
    value: 2 * k - n,
    probability: Math.exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) - n * Math.LN2),
  }));
}

/**
 * What m (kernel - limit) tends to: the fourth cumulant of the signs in the Edgeworth expansion gives a third of
 * `-(1-a)^2 sin(theta) / (2 pi)`, and the other two thirds come from the kinks of s, which lie on the lattice of the sums
 * (Euler and Maclaurin). Our addition.
 */
export const rademacherCorrection = (theta: number, slope: number): number =>
  (-((1 - slope) ** 2) * Math.sin(theta)) / (2 * Math.PI);

/**
 * E[s(w.x) s(w.y)] for equally likely signs by going through all of them.
 *
 * @param x,y inputs of the same length that are zero in all but at most 20 coordinates
 */
export function enumeratedRademacherKernel(x: ArrayLike<number>, y: ArrayLike<number>, slope = 0): number {
  checkSlope(slope);
  if (x.length !== y.length) {
    throw new UserError(
      `enumeratedRademacherKernel: expected inputs of one length, found ${x.length} and ${y.length}.`,
    );
  }
  const pairs = Array.from(x, (value, i) => [value, y[i]] as const).filter(([a, b]) => a !== 0 || b !== 0);
  if (pairs.length > 20) {
    throw new UserError(
      `enumeratedRademacherKernel: expected at most 20 coordinates that are not zero, found ${pairs.length}.`,
    );
  }
  const s = (z: number) => (z > 0 ? z : slope * z);
  const all = 2 ** pairs.length;
  let sum = 0;
  for (let signs = 0; signs < all; signs++) {
    let [u, v] = [0, 0];
    pairs.forEach(([a, b], i) => {
      const sign = (signs >> i) & 1 ? 1 : -1;
      u += sign * a;
      v += sign * b;
    });
    sum += s(u) * s(v);
  }
  return sum / all;
}
