/** The power with which a spectrum decays (arXiv 1806.08734, Theorem 1): slope of its upper envelope in log-log axes. */
import { UserError } from '../../../array/errors.ts';
import { leastSquares } from '../../../stats/index.ts';

/**
 * Slope of log|F| against log k through the largest |F| of each logarithmic bin of k (least squares). A spectrum
 * C(k) / k^p with C oscillating gives -p as soon as the bins are wider than the oscillation. Bins without a positive
 * magnitude are left out.
 *
 * @param k wave numbers > 0, any order.
 * @param magnitude |F(k)| >= 0.
 * @param options.binsPerDecade bins per factor 10 of k (default 8).
 * @throws UserError for sizes that differ, k <= 0, a magnitude that is negative or not finite, or fewer than three bins.
 */
export function spectralDecayExponent(
  k: ArrayLike<number>,
  magnitude: ArrayLike<number>,
  options: { readonly binsPerDecade?: number } = {},
): number {
  const { binsPerDecade = 8 } = options;
  if (k.length !== magnitude.length)
    throw new UserError(`decay exponent: got ${k.length} wave numbers and ${magnitude.length} magnitudes.`);
  const start = Math.log10(Array.from(k).reduce((min, v) => Math.min(min, v), Number.POSITIVE_INFINITY));
  const envelope = new Map<number, { logK: number; logF: number }>();
  for (let i = 0; i < k.length; i++) {
    if (!(k[i] > 0 && Number.isFinite(k[i])) || !(magnitude[i] >= 0 && Number.isFinite(magnitude[i])))
      throw new UserError(
        `decay exponent: entry ${i} has k = ${k[i]} and |F| = ${magnitude[i]}; need finite k > 0 and |F| >= 0.`,
      );
    if (magnitude[i] === 0) continue;
    const logK = Math.log10(k[i]);
    const logF = Math.log10(magnitude[i]);
    // The nudge keeps the largest k of a range of whole bins out of a bin of its own.
    const bin = Math.floor((logK - start) * binsPerDecade - 1e-9);
    const best = envelope.get(bin);
    if (!best || logF > best.logF) envelope.set(bin, { logK, logF });
  }
  const points = [...envelope.values()];
  if (points.length < 3)
    throw new UserError(
      `decay exponent: ${points.length} bins of 1/${binsPerDecade} decade hold a positive magnitude; need 3. Widen the range of k.`,
    );
  const logK = points.map((point) => point.logK);
  return leastSquares(
    logK,
    points.map((point) => point.logF),
  ).slope;
}
