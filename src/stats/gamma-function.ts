/**
 * The logarithm of the gamma function and the regularized incomplete gamma and beta functions, to about 1e-13 relative.
 */

/** Euler's constant. */
const EULER = 0.5772156649015329;

/** `zeta(k) - 1` for k = 2, 3, ...: the Taylor coefficients of log Gamma about 2. */
const ZETA_MINUS_ONE = [
  0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914,
  0.008349277381922827, 0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853, 0.0004941886041194645,
  0.0002460865533080483, 0.00012271334757848915, 6.124813505870483e-5, 3.058823630702049e-5, 1.528225940865187e-5,
  7.637197637899763e-6, 3.81729326499984e-6, 1.908212716553939e-6, 9.539620338727962e-7, 4.769329867878064e-7,
  2.38450502727733e-7, 1.1921992596531106e-7, 5.960818905125948e-8, 2.980350351465228e-8, 1.4901554828365043e-8,
  7.45071178983543e-9, 3.725334024788457e-9, 1.862659723513049e-9, 9.313274324196682e-10,
];

/** Above this point Stirling's series with its first eight terms is exact to double precision. */
const STIRLING_FROM = 15;

/**
 * `log |Gamma(x)|`; the relative accuracy holds for x > 0, zeros at 1 and 2 included. Infinity at 0, -1, -2, ...
 * (Abramowitz and Stegun 6.1.33, 6.1.17 and 6.1.41.)
 */
export function lgamma(x: number): number {
  if (x <= 0) {
    if (Number.isInteger(x) || x === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY;
    // x - floor(x) is exact, sin(pi x) for a large x is not.
    return Math.log(Math.PI / Math.sin(Math.PI * (x - Math.floor(x)))) - lgamma(1 - x);
  }
  if (x >= STIRLING_FROM) {
    if (x === Number.POSITIVE_INFINITY) return x;
    return x * (Math.log(x) - 1) - Math.log(x / (2 * Math.PI)) / 2 + stirlingRemainder(x);
  }
  if (x < 0.5) return lgammaAboutTwo(x) - Math.log1p(x) - Math.log(x);
  if (x < 1.5) return lgammaAboutTwo(x - 1) - Math.log1p(x - 1);
  let product = 1;
  let y = x;
  while (y > 2.5) {
    y -= 1;
    product *= y;
  }
  return lgammaAboutTwo(y - 2) + Math.log(product);
}

/**
 * `log Gamma(2 + z)` for |z| <= 1/2 by its Taylor series, so that the zeros at 1 and 2 keep their relative accuracy.
 */
function lgammaAboutTwo(z: number): number {
  let sum = 0;
  for (let k = ZETA_MINUS_ONE.length + 1; k >= 2; k--) sum = (ZETA_MINUS_ONE[k - 2] / k - sum) * z;
  return z * (1 - EULER + sum);
}

/** Stirling's series: `log Gamma(x) - ((x - 1/2) log x - x + log(2 pi) / 2)`, for x at or beyond STIRLING_FROM. */
function stirlingRemainder(x: number): number {
  const y = 1 / (x * x);
  return (
    (1 / 12 +
      y *
        (-1 / 360 +
          y *
            (1 / 1260 +
              y * (-1 / 1680 + y * (1 / 1188 + y * (-691 / 360360 + y * (1 / 156 - (y * 3617) / 122400))))))) /
    x
  );
}

/** The remainder of Stirling's formula at any x > 0. */
function stirlingError(x: number): number {
  if (x >= STIRLING_FROM) return stirlingRemainder(x);
  return lgamma(x) - ((x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2);
}

/** `x log(x / m) + m - x` without cancellation for x near m. */
function deviance(x: number, m: number): number {
  if (Math.abs(x - m) >= 0.1 * (x + m)) {
    const ratio = x / m;
    return x * (ratio < Number.POSITIVE_INFINITY ? Math.log(ratio) : Math.log(x) - Math.log(m)) + m - x;
  }
  const v = (x - m) / (x + m);
  let power = 2 * x * v;
  let sum = (x - m) * v;
  for (let j = 3; ; j += 2) {
    power *= v * v;
    const next = sum + power / j;
    if (next === sum) return sum;
    sum = next;
  }
}

/**
 * Regularized incomplete beta function `I_x(a, b)`, the distribution function of Beta(a, b).
 *
 * @param a first shape, > 0
 * @param b second shape, > 0
 * @param x point in [0, 1]
 * @returns NaN outside these ranges
 */
export function betainc(a: number, b: number, x: number): number {
  return betaincOf(a, b, x, 1 - x);
}

/** `I_x(a, b)` for callers who know both x and y = 1 - x to full accuracy. */
export function betaincOf(a: number, b: number, x: number, y: number): number {
  if (!(a > 0 && b > 0 && x >= 0 && y >= 0 && a + b < Number.POSITIVE_INFINITY)) return Number.NaN;
  if (x === 0) return 0;
  if (y === 0) return 1;
  // x^a y^b / B(a, b) through deviances from the mean: the logarithms of three large gamma functions would cancel.
  // C. Loader, "Fast and accurate computation of binomial probabilities", 2000.
  const n = a + b;
  const exponent = stirlingError(n) - stirlingError(a) - stirlingError(b) - deviance(a, n * x) - deviance(b, n * y);
  const density = Math.exp(exponent) * Math.sqrt((a / n) * (b / (2 * Math.PI)));
  // The fraction converges fast below the mean; the far side is the complement of the near one.
  return x <= a / n ? density * betaFraction(a, b, x, y) : 1 - density * betaFraction(b, a, y, x);
}

/**
 * `I_x(a, b) B(a, b) / (x^a y^b)` for x at or below the mean: the continued fraction of Didonato and Morris, "Algorithm
 * 708", ACM TOMS 18, 1992, doi:10.1145/131766.131776, equation 9. Its terms use the distance from the mean, `a - n x`,
 * where the classical fraction (A&S 26.5.8) loses digits for large a to the difference of two numbers near 1.
 */
function betaFraction(a: number, b: number, x: number, y: number): number {
  const n = a + b;
  const fromMean = 1 + (a > b ? n * y - b : a - n * x);
  // Ratios of successive convergents' numerators and denominators, scaled so that the last denominator is 1.
  let numerator0 = 0;
  let denominator0 = 1;
  let numerator1 = 1;
  let denominator1 = (fromMean * a) / (a + 1);
  let ratio = numerator1 / denominator1;
  // About sqrt(max(a, b)) steps are needed; the bound only stops a loop on arguments at the edge of the number range.
  for (let k = 1; k < 1e6; k++) {
    const w = k * (b - k) * x;
    const s = a + 2 * k - 1;
    const alpha = ((a + k - 1) / s) * ((n + k - 1) / s) * w * x;
    const beta = k + w / s + ((a + k) / (s + 2)) * (fromMean + k * (1 + y));
    const numerator = alpha * numerator0 + beta * numerator1;
    const denominator = alpha * denominator0 + beta * denominator1;
    const before = ratio;
    ratio = numerator / denominator;
    if (Math.abs(ratio - before) <= 1e-16 * ratio) break;
    numerator0 = numerator1 / denominator;
    denominator0 = denominator1 / denominator;
    numerator1 = ratio;
    denominator1 = 1;
  }
  return ratio;
}

/**
 * Regularized incomplete gamma function `P(a, x)`, the distribution function of Gamma(a) with scale 1.
 *
 * @param a shape, > 0
 * @param x point, >= 0
 * @returns NaN outside these ranges
 */
export function gammainc(a: number, x: number): number {
  return gammaincOf(a, x).below;
}

/** `P(a, x)` and `1 - P(a, x)`, each to full relative accuracy where it is the smaller one. */
export function gammaincOf(a: number, x: number): { below: number; above: number } {
  if (!(a > 0 && a < Number.POSITIVE_INFINITY && x >= 0)) return { below: Number.NaN, above: Number.NaN };
  if (x === 0) return { below: 0, above: 1 };
  if (x === Number.POSITIVE_INFINITY) return { below: 1, above: 0 };
  // x^a e^-x / Gamma(a) as in `betaincOf`: deviance and Stirling's remainder, so that no large logarithms cancel.
  const density = Math.exp(-stirlingError(a) - deviance(a, x)) * Math.sqrt(a / (2 * Math.PI));
  if (x < a + 1) {
    const below = Math.min((density / a) * gammaSeries(a, x), 1);
    return { below, above: 1 - below };
  }
  const above = density * gammaFraction(a, x);
  return { below: 1 - above, above };
}

/** `1 + x / (a + 1) + x^2 / ((a + 1) (a + 2)) + ...` (A&S 6.5.29). */
function gammaSeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= x / (a + k);
    sum += term;
  }
  return sum;
}

/** `Gamma(a, x) e^x / x^a` by the continued fraction A&S 6.5.31, evaluated by Lentz's method. */
function gammaFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = Number.POSITIVE_INFINITY;
  let d = 1 / b;
  let value = d;
  // About sqrt(a) steps are needed; the bound only stops a loop on arguments at the edge of the number range.
  for (let k = 1; k < 1e6; k++) {
    const term = -k * (k - a);
    b += 2;
    d = 1 / (term * d + b);
    c = b + term / c;
    const factor = c * d;
    value *= factor;
    if (Math.abs(factor - 1) < 2e-16) break;
  }
  return value;
}
