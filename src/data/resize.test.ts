import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resize, withChannels } from './resize.ts';

const image = (channels: number, height: number, width: number, at: (c: number, y: number, x: number) => number) => ({
  values: Float32Array.from({ length: channels * height * width }, (_, i) =>
    at(Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width),
  ),
  shape: [channels, height, width] as const,
});

describe('resize', () => {
  test('is the sum over all pixels under a triangle as wide as the step', () => {
    const length = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(length, length, length, length, (h, w, height, width) => {
        const original = image(2, h, w, (c, y, x) => Math.sin(3 * y + 7 * x * x + c));
        const share = (to: number, from: number, i: number, j: number) => {
          const reach = Math.max(1, from / to);
          return Math.max(0, 1 - Math.abs(j + 0.5 - ((i + 0.5) * from) / to) / reach);
        };
        const expected = image(2, height, width, (c, y, x) => {
          let [sum, total] = [0, 0];
          for (let v = 0; v < h; v++) {
            for (let u = 0; u < w; u++) {
              const weight = share(height, h, y, v) * share(width, w, x, u);
              sum += weight * original.values[(c * h + v) * w + u];
              total += weight;
            }
          }
          return sum / total;
        });
        const { values, shape } = resize(original, height, width);
        expect(shape).toEqual([2, height, width]);
        values.forEach((value, i) => {
          expect(Math.abs(value - expected.values[i])).toBeLessThan(1e-6);
        });
      }),
      { numRuns: 40 },
    );
  });

  test('leaves a size as it is', () => {
    const original = image(1, 3, 4, (_, y, x) => y * x);
    expect(resize(original, 3, 4)).toEqual(original);
  });
});

test('withChannels: grey three times, colour by its luma', () => {
  const grey = image(1, 1, 2, (_, __, x) => x / 2);
  expect([...withChannels(grey, 3).values]).toEqual([0, 0.5, 0, 0.5, 0, 0.5]);
  const colour = image(3, 1, 3, (c, _, x) => (c === x ? 1 : 0));
  expect(withChannels(colour, 1).values).toEqual(Float32Array.of(0.299, 0.587, 0.114));
  expect(withChannels(colour, 3)).toBe(colour);
});
