/**
 * The two numbers in which every exact spectrum of this folder is written. On a straight segment with midpoint c,
 * half-length h and unit tangent tau, for f affine with value f_c at c and slope g along tau, and kappa = k . tau:
 *
 *   integral f(x) exp(-i k.x) ds = 2 h exp(-i k.c) [ f_c j0(kappa h) - i g h j1(kappa h) ]
 *
 * (substitute x = c + s tau: the even part of exp(-i kappa s) gives j0, the odd part j1). j0, j1 are the spherical Bessel
 * functions; written with them the integral has no division by k and is accurate for every k.
 */

/** j0(t) = sin(t) / t, the sinc of arXiv 1806.08734, Lemma 2. */
export function j0(t: number): number {
  return Math.abs(t) < 1e-4 ? 1 - (t * t) / 6 : Math.sin(t) / t;
}

/** j1(t) = (sin(t) / t - cos(t)) / t; its Taylor series below 1/2, where the difference cancels. */
export function j1(t: number): number {
  if (Math.abs(t) >= 0.5) return (Math.sin(t) / t - Math.cos(t)) / t;
  const u = t * t;
  return (t / 3) * (1 - (u / 10) * (1 - (u / 28) * (1 - (u / 54) * (1 - (u / 88) * (1 - u / 130)))));
}
