import { describe, expect, it } from 'vitest';
import { heNet } from './compact-nets.ts';
import { cutNetworkDecay1d, cutNetworkDecay2d, pyramidDecay, smoothControl } from './decay-measurement.ts';
import { normals } from './normals.fixture.ts';

describe('decay of spectra (claim B2)', () => {
  it('pyramid: -2 +- 0.1 along normals, -3 +- 0.25 elsewhere', () => {
    for (const { direction, predicted, exponent } of pyramidDecay()) {
      expect(predicted).toBe(direction === 'generic' ? -3 : -2);
      expect(Math.abs(exponent - predicted)).toBeLessThan(direction === 'generic' ? 0.25 : 0.1);
    }
  });

  it('random networks cut to compact support', () => {
    const normal = normals(1);
    const line = Array.from({ length: 8 }, () => cutNetworkDecay1d(heNet([1, 16, 16, 1], normal)).exponent);
    expect(Math.abs(line.reduce((a, b) => a + b, 0) / 8 + 2)).toBeLessThan(0.15);
    const curves = cutNetworkDecay2d(heNet([2, 8, 8, 1], normal), { normals: 3 });
    expect(curves.map(({ direction }) => direction)).toEqual([
      'facet normal',
      'facet normal',
      'facet normal',
      'generic',
    ]);
    for (const { exponent } of curves.slice(0, 3)) expect(Math.abs(exponent + 2)).toBeLessThan(0.25);
    expect(curves[3].exponent).toBeLessThan(-2.5);
  });

  it('control: the tanh twin of a network has no power law, its relu twin under the same window has', () => {
    const { relu, tanh } = smoothControl(heNet([1, 16, 16, 1], normals(2)));
    expect(relu && Math.abs(relu.exponent + 2)).toBeLessThan(0.35);
    expect(tanh.exponent).toBeLessThan(-4);
    expect(smoothControl(heNet([2, 8, 8, 1], normals(3)), 0.5).tanh.exponent).toBeLessThan(-4);
  });
});
