/**
 * The error function, its complement and their inverses, to about 1e-14 relative (erfc in its far tail to 1e-13).
 * Formulas: Abramowitz and Stegun, "Handbook of Mathematical Functions", chapters 7 and 26.
 */

/** Beyond this point erfc is taken from its continued fraction, below it from the series of erf. */
const SERIES_LIMIT = 1.5;

/** Levels of the continued fraction: its error at the series limit is then below 1e-19. */
const FRACTION_DEPTH = 120;

/** `2/sqrt(pi) * integral_0^x exp(-t^2) dt`. NaN for NaN. */
export function erf(x: number): number {
  if (Math.abs(x) >= SERIES_LIMIT) return x > 0 ? 1 - erfcFraction(x) : erfcFraction(-x) - 1;
  // A&S 7.1.6: all terms have one sign, so nothing cancels.
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** `1 - erf(x)`, accurate where that difference would vanish. NaN for NaN. */
export function erfc(x: number): number {
  if (x >= SERIES_LIMIT) return erfcFraction(x);
  return x <= -SERIES_LIMIT ? 2 - erfcFraction(-x) : 1 - erf(x);
}

/** A&S 7.1.14, evaluated from its tail; for x at or beyond the series limit. */
function erfcFraction(x: number): number {
  let denominator = x;
  for (let k = FRACTION_DEPTH; k > 0; k--) denominator = x + k / 2 / denominator;
  // exp(-x^2) in two factors: the rounding of x^2 alone would cost a relative x^2 * 1e-16.
  const head = Math.fround(x);
  return (Math.exp(-head * head) * Math.exp((head - x) * (head + x))) / (Math.sqrt(Math.PI) * denominator) || 0;
}

/** x with `erf(x) = y`. -Infinity and Infinity at -1 and 1, NaN outside [-1, 1]. */
export function erfinv(y: number): number {
  if (Math.abs(y) > 0.5) return y > 0 ? erfcinv(1 - y) : -erfcinv(1 + y);
  const slope = Math.sqrt(Math.PI) / 2;
  let x = slope * y * (1 + (Math.PI / 12) * y * y);
  // The start is within 0.005; Newton squares the error: 1e-5, 1e-10, 1e-20.
  for (let step = 0; step < 3; step++) x -= (erf(x) - y) * slope * Math.exp(x * x);
  return x;
}

/** x with `erfc(x) = q`. Infinity and -Infinity at 0 and 2, NaN outside [0, 2]. */
export function erfcinv(q: number): number {
  if (q > 1.5) return -erfcinv(2 - q);
  if (q >= 0.5) return erfinv(1 - q);
  if (!(q > 0)) return q === 0 ? Number.POSITIVE_INFINITY : Number.NaN;
  // A&S 26.2.23 for the start, then Newton on the logarithm, which is smooth however deep the tail.
  const t = Math.sqrt(-2 * Math.log(q / 2));
  let x =
    (t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))) /
    Math.SQRT2;
  for (let step = 0; step < 4; step++) {
    const tail = erfc(x);
    x += ((Math.log(tail / q) * tail * Math.sqrt(Math.PI)) / 2) * Math.exp(x * x);
  }
  return x;
}
