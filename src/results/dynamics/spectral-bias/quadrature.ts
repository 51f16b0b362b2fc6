/**
 * The Fourier integral by brute force: the midpoint rule, against which the closed forms of arXiv 1806.08734 are checked,
 * and the measurement for functions that have no closed form. Error O(h^2) for continuous piecewise-linear f.
 */
import type { ComplexArray } from './complex.ts';

/** Values of a function at n points (n x d, row-major). */
export type BatchFunction = (x: Float64Array) => Float64Array;

/** Points per call of f and between two exact evaluations of the phase. */
const CHUNK = 1000;

/**
 * integral_a^b f(x) exp(-i k x) dx for K wave numbers, midpoint rule.
 *
 * @param points number of intervals; k (b - a) / points should be well below 1.
 */
export function quadrature1d(
  f: BatchFunction,
  [a, b]: readonly [number, number],
  points: number,
  ks: ArrayLike<number>,
): ComplexArray {
  const h = (b - a) / points;
  const re = new Float64Array(ks.length);
  const im = new Float64Array(ks.length);
  for (let start = 0; start < points; start += CHUNK) {
    const x = Float64Array.from({ length: Math.min(CHUNK, points - start) }, (_, j) => a + (start + j + 0.5) * h);
    const values = f(x);
    for (let q = 0; q < ks.length; q++) {
      // exp(-i k x) by repeated rotation through k h, started exactly in every chunk.
      const [turnCos, turnSin] = [Math.cos(ks[q] * h), Math.sin(ks[q] * h)];
      let [cos, sin] = [Math.cos(ks[q] * x[0]), Math.sin(ks[q] * x[0])];
      let [sumRe, sumIm] = [0, 0];
      for (let j = 0; j < values.length; j++) {
        sumRe += values[j] * cos;
        sumIm -= values[j] * sin;
        const next = cos * turnCos - sin * turnSin;
        sin = sin * turnCos + cos * turnSin;
        cos = next;
      }
      re[q] += h * sumRe;
      im[q] += h * sumIm;
    }
  }
  return { re, im };
}

/**
 * integral over [a, b]^2 of f(x) exp(-i k.x) for K wave vectors, midpoint rule on points x points cells, row by row.
 *
 * @param ks K x 2, row-major.
 */
export function quadrature2d(
  f: BatchFunction,
  [a, b]: readonly [number, number],
  points: number,
  ks: ArrayLike<number>,
): ComplexArray {
  const h = (b - a) / points;
  const K = ks.length / 2;
  const at = (j: number) => a + (j + 0.5) * h;
  const cosX = new Float64Array(K * points);
  const sinX = new Float64Array(K * points);
  for (let q = 0; q < K; q++)
    for (let j = 0; j < points; j++) {
      cosX[q * points + j] = Math.cos(ks[2 * q] * at(j));
      sinX[q * points + j] = Math.sin(ks[2 * q] * at(j));
    }
  const re = new Float64Array(K);
  const im = new Float64Array(K);
  const row = new Float64Array(2 * points);
  for (let r = 0; r < points; r++) {
    for (let j = 0; j < points; j++) row.set([at(j), at(r)], 2 * j);
    const values = f(row);
    for (let q = 0; q < K; q++) {
      let [sumCos, sumSin] = [0, 0];
      for (let j = 0; j < points; j++) {
        sumCos += values[j] * cosX[q * points + j];
        sumSin += values[j] * sinX[q * points + j];
      }
      const [cosY, sinY] = [Math.cos(ks[2 * q + 1] * at(r)), Math.sin(ks[2 * q + 1] * at(r))];
      re[q] += h * h * (sumCos * cosY - sumSin * sinY);
      im[q] -= h * h * (sumCos * sinY + sumSin * cosY);
    }
  }
  return { re, im };
}
