/** What a convolutional layer reads: its kernel, reshaped to rows, and these patches are a layer and its inputs. */
import { UserError } from '../../../array/errors.ts';
import type { LabelledImages } from '../../../data/index.ts';
import type { Matrix } from './matrix.ts';

/**
 * The windows of images at every `stride`-th place, in the order of a convolution's kernel reshaped to
 * [outputs, channels * window^2]; windows of zeros, which have no direction, are left out.
 *
 * @param set images, n x channels x height x width
 * @param options.window side of a window, pixels
 * @param options.stride default: the window, so that patches do not overlap
 * @throws UserError when the window does not fit
 */
export function imagePatches(
  { images, n, shape: [channels, height, width] }: Pick<LabelledImages, 'images' | 'n' | 'shape'>,
  { window, stride = window }: { window: number; stride?: number },
): Matrix {
  if (![window, stride].every((k) => Number.isInteger(k) && k >= 1) || window > Math.min(height, width)) {
    throw new UserError(
      `imagePatches: expected a window and a stride of at least 1 pixel that fit ${height} x ${width} pixels, found ${window} and ${stride}.`,
    );
  }
  const columns = channels * window * window;
  const patches: Float64Array[] = [];
  for (let image = 0; image < n; image++) {
    for (let top = 0; top + window <= height; top += stride) {
      for (let left = 0; left + window <= width; left += stride) {
        const patch = new Float64Array(columns);
        for (let c = 0, at = 0; c < channels; c++) {
          for (let y = 0; y < window; y++) {
            const start = ((image * channels + c) * height + top + y) * width + left;
            for (let x = 0; x < window; x++) patch[at++] = images[start + x];
          }
        }
        if (patch.some((v) => v !== 0)) patches.push(patch);
      }
    }
  }
  const data = new Float64Array(patches.length * columns);
  patches.forEach((patch, i) => {
    data.set(patch, i * columns);
  });
  return { data, rows: patches.length, columns };
}
