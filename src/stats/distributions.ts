/** Distribution functions and quantiles of the normal, Student's t and the chi-squared distribution. */
import { erfc, erfcinv, erfinv } from './error-function.ts';
import { betaincOf, gammaincOf } from './gamma-function.ts';

/** Probability that a standard normal variable is at most x. */
export function normalCdf(x: number): number {
  return erfc(-x / Math.SQRT2) / 2;
}

/** x with `normalCdf(x) = p`; about 1e-14 relative. -Infinity at 0, Infinity at 1, NaN outside [0, 1]. */
export function normalQuantile(p: number): number {
  // 2 p - 1 is exact where it is small, and so is 1 - p where that is.
  if (p >= 0.25 && p <= 0.75) return Math.SQRT2 * erfinv(2 * p - 1);
  return p < 0.5 ? -Math.SQRT2 * erfcinv(2 * p) : Math.SQRT2 * erfcinv(2 * (1 - p));
}

/**
 * Probability that Student's t with the given degrees of freedom is at most t.
 *
 * @param degrees degrees of freedom, > 0; Infinity gives the normal distribution; else NaN
 */
export function studentTCdf(t: number, degrees: number): number {
  if (degrees === Number.POSITIVE_INFINITY) return normalCdf(t);
  return t < 0 ? tTail(-t, degrees) : 1 - tTail(t, degrees);
}

/** `P(T > t)` for t >= 0. */
function tTail(t: number, degrees: number): number {
  if (t === Number.POSITIVE_INFINITY) return degrees > 0 ? 0 : Number.NaN;
  const ratio = (t / degrees) * t;
  return betaincOf(degrees / 2, 0.5, 1 / (1 + ratio), ratio / (1 + ratio)) / 2;
}

/** `P(0 < T < t)` for t >= 0: keeps its relative accuracy for small t. */
function tCentre(t: number, degrees: number): number {
  const ratio = (t / degrees) * t;
  return betaincOf(0.5, degrees / 2, ratio / (1 + ratio), 1 / (1 + ratio)) / 2;
}

/**
 * t with `studentTCdf(t, degrees) = p`, to about 1e-13 relative.
 *
 * @param p probability; -Infinity at 0, Infinity at 1, NaN outside [0, 1]
 * @param degrees degrees of freedom, > 0; Infinity gives the normal quantile; else NaN
 */
export function studentTQuantile(p: number, degrees: number): number {
  if (degrees === Number.POSITIVE_INFINITY) return normalQuantile(p);
  if (!(degrees > 0) || !(p >= 0 && p <= 1)) return Number.NaN;
  if (p === 0.5) return 0;
  const sign = p < 0.5 ? -1 : 1;
  const tail = Math.min(p, 1 - p);
  if (tail === 0) return sign * Number.POSITIVE_INFINITY;
  const central = tail > 0.25;
  const probability = central ? tCentre : tTail;
  const target = Math.log(central ? 0.5 - tail : tail);
  // Both probabilities are monotone in t and nearly straight in logarithms: a secant there, kept inside a bracket.
  const excess = (u: number) => (Math.log(probability(Math.exp(u), degrees)) - target) * (central ? 1 : -1);
  let low = -1;
  let high = 1;
  while (excess(low) > 0) low = 2 * low - 1;
  while (excess(high) < 0) high = 2 * high + 1;
  return sign * Math.exp(root(excess, low, high));
}

/**
 * Probability that a chi-squared variable is at most x.
 *
 * @param degrees degrees of freedom, > 0; else NaN
 */
export function chiSquaredCdf(x: number, degrees: number): number {
  return gammaincOf(degrees / 2, Math.max(x, 0) / 2).below;
}

/**
 * x with `chiSquaredCdf(x, degrees) = p`, to about 1e-13 relative.
 *
 * @param p probability; 0 at 0, Infinity at 1, NaN outside [0, 1]
 * @param degrees degrees of freedom, > 0; else NaN
 */
export function chiSquaredQuantile(p: number, degrees: number): number {
  if (!(degrees > 0) || !(p >= 0 && p <= 1)) return Number.NaN;
  if (p === 0 || p === 1) return p === 0 ? 0 : Number.POSITIVE_INFINITY;
  const target = Math.log(Math.min(p, 1 - p));
  const excess = (u: number) => {
    const { below, above } = gammaincOf(degrees / 2, Math.exp(u) / 2);
    return p <= 0.5 ? Math.log(below) - target : target - Math.log(above);
  };
  const middle = Math.log(degrees);
  let reach = 1;
  while (excess(middle - reach) > 0) reach *= 2;
  const low = middle - reach;
  for (reach = 1; excess(middle + reach) < 0; reach *= 2);
  return Math.exp(root(excess, low, middle + reach));
}

/**
 * Root of an increasing function between low and high, by the Illinois variant of the regula falsi (Dowell, Jarratt
 * 1971).
 */
function root(f: (u: number) => number, low: number, high: number): number {
  let below = f(low);
  let above = f(high);
  let kept = 0;
  for (let step = 0; step < 200 && high - low > 1e-16 * Math.max(1, Math.abs(low + high)); step++) {
    // An infinite end (a probability that underflows) gives no secant; halve instead.
    const finite = Number.isFinite(below) && Number.isFinite(above);
    const u = finite ? (low * above - high * below) / (above - below) : (low + high) / 2;
    if (!(u > low && u < high)) break;
    const value = f(u);
    if (value === 0) return u;
    if (value < 0) {
      low = u;
      below = value;
      if (kept === -1) above /= 2;
      kept = -1;
    } else {
      high = u;
      above = value;
      if (kept === 1) below /= 2;
      kept = 1;
    }
  }
  return Math.abs(below) < Math.abs(above) ? low : high;
}
