/**
 * Fourier integrals over a simplex whose size is small against the wavelength, where closed forms cancel: the Taylor
 * series of a divided difference of the exponential.
 */

/** Below this |p| x size the Taylor series replaces the recursion: 20 terms reach round-off, 1 / 20! < 1e-18. */
export const SERIES_LIMIT = 1;
const SERIES_TERMS = 20;

/**
 * sum_n (-i)^n h_n(y_0..y_M) / (n + M)!, the divided difference of exp(-i y) up to (-i)^M, with h_n the complete
 * homogeneous symmetric polynomials. By Hermite and Genocchi the integral of exp(-i k.x) over an m-simplex is
 * m! vol exp(-i k.c) times this sum at the phases y_j = k . (v_j - c), M = m; with the barycentric weight lambda_j in the
 * integrand, y_j is repeated once more and M = m + 1 (at k = 0: m! vol / (m + 1)! = vol / (m + 1)).
 */
export function phaseSeries(phases: readonly number[]): readonly [number, number] {
  const M = phases.length - 1;
  const h = new Float64Array(SERIES_TERMS);
  h[0] = 1;
  // h_n(y_0..y_j) = h_n(y_0..y_{j-1}) + y_j h_{n-1}(y_0..y_j)
  for (const y of phases) for (let n = 1; n < SERIES_TERMS; n++) h[n] += y * h[n - 1];
  let factorial = 1;
  for (let n = 2; n <= M; n++) factorial *= n;
  let [re, im] = [0, 0];
  for (let n = 0; n < SERIES_TERMS; n++) {
    const term = h[n] / factorial;
    if (n % 2 === 0) re += n % 4 === 0 ? term : -term;
    else im += n % 4 === 1 ? -term : term;
    factorial *= n + 1 + M;
  }
  return [re, im];
}

/** scale (re + i im) exp(-i angle). */
export function rotate(re: number, im: number, angle: number, scale: number): readonly [number, number] {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [scale * (re * c + im * s), scale * (im * c - re * s)];
}
