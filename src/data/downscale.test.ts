import { expect, test } from 'vitest';
import { downscale } from './downscale.ts';
import { renderedDigits } from './generated/rendered-digits.ts';

test('downscale averages blocks of each channel, and keeps what else the set has', () => {
  const images = Float32Array.from({ length: 2 * 2 * 4 * 2 }, (_, i) => i);
  const set = {
    images,
    labels: Int32Array.of(1, 0),
    n: 2,
    shape: [2, 4, 2] as const,
    classNames: ['a', 'b'],
    extra: 7,
  };
  const small = downscale(set, 2);
  // Blocks [0 1; 2 3], [4 5; 6 7] and so on.
  expect([...small.images]).toEqual([1.5, 5.5, 9.5, 13.5, 17.5, 21.5, 25.5, 29.5]);
  expect([small.shape, small.labels, small.extra]).toEqual([[2, 2, 1], set.labels, 7]);
  expect(downscale(set, 1).images).toEqual(images);
  const digits = renderedDigits({ n: 3, seed: 1 });
  const mean = (values: Float32Array) => values.reduce((sum, x) => sum + x, 0) / values.length;
  expect(mean(downscale(digits, 4).images)).toBeCloseTo(mean(digits.images), 6);
  expect(() => downscale(digits, 3)).toThrow(/divides 28 x 28 pixels, found 3/);
});
