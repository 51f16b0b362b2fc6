import { describe, expect, it } from 'vitest';
import { cutByPyramid, heNet, pyramidNet } from './compact-nets.ts';
import { type ComplexArray, magnitude } from './complex.ts';
import {
  networkFourierTransform,
  transformCompact1d,
  transformCompact2d,
  transformRegions1d,
  transformRegions2d,
} from './network-transform.ts';
import { normals } from './normals.fixture.ts';
import { evaluate } from './piecewise-linear-net.ts';
import { quadrature1d, quadrature2d } from './quadrature.ts';
import { linearRegions1d } from './regions.ts';
import { linearRegions2d } from './regions2d.ts';

const SQUARE = [-1, -1, 1, -1, 1, 1, -1, 1];

function expectClose(actual: ComplexArray, expected: ComplexArray, tolerance: number): void {
  const scale = magnitude(expected).reduce((max, v) => Math.max(max, v), 0);
  for (let q = 0; q < expected.re.length; q++)
    expect(Math.hypot(actual.re[q] - expected.re[q], actual.im[q] - expected.im[q])).toBeLessThan(tolerance * scale);
}

describe('networkFourierTransform in 1-D', () => {
  const net = heNet([1, 10, 10, 1], normals(1));
  const ks = Float64Array.of(0, 1e-6, 0.3, 2, -5, 19);

  it('equals quadrature on a window whose ends f does not vanish at', () => {
    const exact = networkFourierTransform(net, ks, { dim: 1, domain: [-0.5, 2] });
    expectClose(
      exact,
      quadrature1d((x) => evaluate(net, x), [-0.5, 2], 100_000, ks),
      1e-8,
    );
  });

  it('equals the formula with the boundary term as the paper-style sum writes it', () => {
    const { breakpoints: t, slopes: s, intercepts: c } = linearRegions1d(net, -1, 1);
    const last = s.length - 1;
    const [fa, fb] = [s[0] * t[0] + c[0], s[last] * t[last + 1] + c[last]];
    const k = 7.3;
    // [f(b) e^{-ikb} - f(a) e^{-ika}] / (-ik) = i/k [..];  1/(ik)^2 = -1/k^2
    let re = (fb * Math.sin(k) - fa * Math.sin(-k)) / k;
    let im = (fb * Math.cos(k) - fa * Math.cos(-k)) / k;
    for (let j = 0; j <= last; j++) {
      re -= (s[j] * (Math.cos(k * t[j]) - Math.cos(k * t[j + 1]))) / k ** 2;
      im += (s[j] * (Math.sin(k * t[j]) - Math.sin(k * t[j + 1]))) / k ** 2;
    }
    const exact = networkFourierTransform(net, Float64Array.of(k), { dim: 1, domain: [-1, 1] });
    expect(exact.re[0]).toBeCloseTo(re, 12);
    expect(exact.im[0]).toBeCloseTo(im, 12);
  });

  it('is the sum over kinks for compact support: the tent has 2 (1 - cos k) / k^2', () => {
    const tent = linearRegions1d(pyramidNet(1), -1, 1);
    const k = Float64Array.of(0.7, 4, 250);
    const expected = { re: k.map((v) => (2 * (1 - Math.cos(v))) / v ** 2), im: new Float64Array(3) };
    expectClose(transformCompact1d(tent, k), expected, 1e-13);
    expectClose(transformRegions1d(tent, k), expected, 1e-13);
  });

  it('refuses support that is not compact, k = 0 there, and domains and wave vectors that do not fit', () => {
    expect(() => transformCompact1d(linearRegions1d(net, -1, 1), [1])).toThrow('must vanish there');
    expect(() => transformCompact1d(linearRegions1d(pyramidNet(1), -1, 1), [0])).toThrow('k = 0 has no direction');
    expect(() => networkFourierTransform(net, ks, { dim: 1, domain: SQUARE })).toThrow('1-D domain is [a, b]');
    expect(() => networkFourierTransform(net, Float64Array.of(Number.NaN), { dim: 1, domain: [0, 1] })).toThrow(
      'finite',
    );
  });
});

describe('networkFourierTransform in 2-D', () => {
  const net = heNet([2, 8, 8, 1], normals(2));
  const ks = Float64Array.of(0, 0, 1e-5, 2e-5, 0.3, -0.2, 2, 3, -6, 1, 0, 9, 11, 5);

  it('equals quadrature on a square on whose edge f does not vanish', () => {
    const exact = networkFourierTransform(net, ks, { dim: 2, domain: SQUARE });
    expectClose(
      exact,
      quadrature2d((x) => evaluate(net, x), [-1, 1], 400, ks),
      1e-5,
    );
  });

  it('does not depend on how the domain is cut: a triangle pair sums to the square', () => {
    const whole = networkFourierTransform(net, ks, { dim: 2, domain: SQUARE });
    const [lower, upper] = [[-1, -1, 1, -1, 1, 1], [-1, -1, 1, 1, -1, 1]].map((domain) => networkFourierTransform(net, ks, { dim: 2, domain })); // biome-ignore format: triangles
    const sum = { re: lower.re.map((v, q) => v + upper.re[q]), im: lower.im.map((v, q) => v + upper.im[q]) };
    expectClose(whole, sum, 1e-13);
  });

  it('is Lemma 1 with -i for compact support', () => {
    const compact = linearRegions2d(cutByPyramid(net), SQUARE);
    const nonZero = ks.subarray(2);
    expectClose(transformCompact2d(compact, SQUARE, nonZero), transformRegions2d(compact, nonZero), 1e-9);
    // Where |k| is not tiny, to round-off.
    const large = ks.subarray(4);
    expectClose(transformCompact2d(compact, SQUARE, large), transformRegions2d(compact, large), 1e-13);
  });

  it('restricted to a direction is the 1-D transform of the projection: F(k, 0) of the pyramid', () => {
    // Integrated over y, the pyramid is 1 - x^2: F(k, 0) = 4 (sin k - k cos k) / k^3.
    const k = Float64Array.of(1, 6, 40);
    const vectors = Float64Array.from(Array.from(k).flatMap((v) => [v, 0]));
    const expected = { re: k.map((v) => (4 * (Math.sin(v) - v * Math.cos(v))) / v ** 3), im: new Float64Array(3) };
    expectClose(networkFourierTransform(pyramidNet(2), vectors, { dim: 2, domain: SQUARE }), expected, 1e-13);
  });

  it('refuses support that is not compact', () => {
    const regions = linearRegions2d(net, SQUARE);
    expect(() => transformCompact2d(regions, SQUARE, Float64Array.of(1, 0))).toThrow(/on the edge of the domain/);
    const pyramid = linearRegions2d(pyramidNet(2), SQUARE);
    expect(() => transformCompact2d(pyramid, SQUARE, Float64Array.of(0, 0))).toThrow('k = 0 has no direction');
  });
});
