/** @file Images shifted and mirrored beforehand, as the paper trains on "pre-augmented" images. */
import type { LabelledImages } from '../../../../data/index.ts';
import { threefry2x32 } from '../../../../random/index.ts';

/**
 * Every image `copies` times, each shifted by up to `shift` pixels in both directions (zeros come in) and, with `flip`,
 * mirrored half of the time. With one copy, no shift and no flip: the images themselves.
 */
export function shiftedCopies(
  set: LabelledImages,
  { copies, shift, flip, seed }: { copies: number; shift: number; flip: boolean; seed: number },
): LabelledImages {
  const [channels, height, width] = set.shape;
  const size = channels * height * width;
  const n = set.n * copies;
  const images = new Float32Array(n * size);
  const labels = new Int32Array(n);
  const words = threefry2x32(
    [Math.floor(seed / 2 ** 32), seed],
    Uint32Array.from({ length: 2 * n }, (_, i) => i),
  );
  const span = 2 * shift + 1;
  for (let i = 0; i < n; i++) {
    const from = i % set.n;
    labels[i] = set.labels[from];
    const down = (words[i] % span) - shift;
    const right = (Math.floor(words[i] / span) % span) - shift;
    const mirrored = flip && words[n + i] % 2 === 1;
    for (let c = 0; c < channels; c++) {
      for (let y = Math.max(0, down); y < Math.min(height, height + down); y++) {
        for (let x = Math.max(0, right); x < Math.min(width, width + right); x++) {
          const column = mirrored ? width - 1 - (x - right) : x - right;
          images[i * size + (c * height + y) * width + x] =
            set.images[from * size + (c * height + y - down) * width + column];
        }
      }
    }
  }
  return { ...set, images, labels, n };
}
