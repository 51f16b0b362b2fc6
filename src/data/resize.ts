/** Images of another size and of another number of channels. */
import type { DecodedImage } from './formats/image.ts';

/**
 * An image of another size by linear interpolation; where it shrinks, every pixel of the original counts (the triangle
 * filter is as wide as the step, as in Pillow and in PyTorch with `antialias`). A size it has already changes nothing.
 */
export function resize({ values, shape }: DecodedImage, height: number, width: number): DecodedImage {
  const [channels, h, w] = shape;
  if (h === height && w === width) return { values, shape };
  const down = weights(h, height);
  const across = weights(w, width);
  const rows = new Float64Array(channels * height * w);
  for (let c = 0; c < channels; c++) {
    down.forEach(({ first, factors }, y) => {
      factors.forEach((factor, k) => {
        for (let x = 0; x < w; x++) rows[(c * height + y) * w + x] += factor * values[(c * h + first + k) * w + x];
      });
    });
  }
  const resized = new Float32Array(channels * height * width);
  for (let row = 0; row < channels * height; row++) {
    across.forEach(({ first, factors }, x) => {
      let sum = 0;
      factors.forEach((factor, k) => {
        sum += factor * rows[row * w + first + k];
      });
      resized[row * width + x] = sum;
    });
  }
  return { values: resized, shape: [channels, height, width] };
}

/** For each of `to` pixels the pixels of `from` that it is made of, from the first on, and their shares. */
function weights(from: number, to: number): { first: number; factors: number[] }[] {
  const step = from / to;
  const reach = Math.max(1, step);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * step;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const last = Math.min(from, Math.floor(centre + reach + 0.5));
    const shares = Array.from({ length: last - first }, (_, k) =>
      Math.max(0, 1 - Math.abs(first + k + 0.5 - centre) / reach),
    );
    const total = shares.reduce((sum, share) => sum + share, 0);
    return { first, factors: shares.map((share) => share / total) };
  });
}

/** Grey as colour, or colour as grey by its luma (ITU-R BT.601: 0.299 red, 0.587 green, 0.114 blue). */
export function withChannels(image: DecodedImage, channels: 1 | 3): DecodedImage {
  const {
    values,
    shape: [has, height, width],
  } = image;
  if (has === channels) return image;
  const size = height * width;
  const changed = new Float32Array(channels * size);
  for (let k = 0; k < size; k++) {
    if (channels === 1) changed[k] = 0.299 * values[k] + 0.587 * values[size + k] + 0.114 * values[2 * size + k];
    else for (let c = 0; c < 3; c++) changed[c * size + k] = values[k];
  }
  return { values: changed, shape: [channels, height, width] };
}
