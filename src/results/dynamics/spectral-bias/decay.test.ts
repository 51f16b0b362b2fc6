import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spectralDecayExponent } from './decay.ts';

const k = Float64Array.from({ length: 400 }, (_, i) => 20 * 200 ** (i / 399));

describe('spectralDecayExponent', () => {
  it('is the exponent of a power law, in any order and unit', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -6, max: 2, noNaN: true }),
        fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
        (p, scale) => {
          const magnitude = k.map((v) => scale * v ** p);
          expect(spectralDecayExponent(k, magnitude)).toBeCloseTo(p, 8);
          expect(spectralDecayExponent(k.slice().reverse(), magnitude.slice().reverse())).toBeCloseTo(p, 8);
        },
      ),
    );
  });

  it('follows the envelope of an oscillation with zeros, not its mean', () => {
    const magnitude = k.map((v) => Math.abs(Math.sin(v)) / v ** 3);
    magnitude[7] = 0;
    expect(spectralDecayExponent(k, magnitude)).toBeCloseTo(-3, 1);
  });

  it('refuses sizes that differ, k <= 0, NaN and too narrow a range', () => {
    expect(() => spectralDecayExponent([1, 2], [1])).toThrow('2 wave numbers and 1 magnitudes');
    expect(() => spectralDecayExponent([0, 1], [1, 1])).toThrow('entry 0 has k = 0');
    expect(() => spectralDecayExponent([1, 2], [1, Number.NaN])).toThrow('entry 1');
    expect(() => spectralDecayExponent([1, 1.01, 1.02], [1, 1, 1])).toThrow('need 3');
  });
});
