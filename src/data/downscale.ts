/** Smaller images for smaller networks. */
import { UserError } from '../array/errors.ts';
import type { LabelledImages } from './dataset.ts';

/**
 * Averages blocks of `factor` x `factor` pixels: MNIST by 2 is 14 x 14, by 4 it is 7 x 7.
 *
 * @throws UserError when the factor does not divide height and width
 */
export function downscale<Images extends LabelledImages>(set: Images, factor: number): Images {
  const [channels, height, width] = set.shape;
  if (!Number.isInteger(factor) || factor < 1 || height % factor !== 0 || width % factor !== 0) {
    throw new UserError(`downscale: expected a factor that divides ${height} x ${width} pixels, found ${factor}.`);
  }
  const [h, w] = [height / factor, width / factor];
  const images = new Float32Array(set.n * channels * h * w);
  for (let plane = 0; plane < set.n * channels; plane++) {
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        let sum = 0;
        for (let dy = 0; dy < factor; dy++) {
          const start = (plane * height + y * factor + dy) * width + x * factor;
          for (let dx = 0; dx < factor; dx++) sum += set.images[start + dx];
        }
        images[(plane * h + y) * w + x] = sum / factor ** 2;
      }
    }
  }
  return { ...set, images, shape: [channels, h, w] };
}
