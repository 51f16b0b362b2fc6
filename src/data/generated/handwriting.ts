/** Strokes of a pen as pixels, each time a little otherwise. */
import type { Draws } from '../draws.ts';
import type { Point, Stroke } from './digit-strokes.ts';

/** Spread of what differs between images, as standard deviations; lengths in units of half a digit's height. */
const ROTATION = 0.15;
const SHEAR = 0.24;
const SCALE = 0.09;
const SHIFT = 0.06;
const BEND = 0.1;
/** Width of the pen, its relative spread, and the thinnest pen by its mean. */
const PEN = 0.31;
const PEN_SPREAD = 0.07 / PEN;
const THINNEST = 0.14 / PEN;
/** Relative noise of inked pixels; the background stays exactly 0, as it does in MNIST. */
const INK_NOISE = 0.06;

/** Half a digit's height in pixels of a 28 x 28 image: MNIST fits its digits into 20 x 20. */
const HALF_HEIGHT = 8.6 / 28;

/**
 * Draws strokes with a round pen and anti-aliased, under a rotation, shear, scaling, shift, bending, pen width and ink
 * noise of its own.
 *
 * @param image size x size pixels, blank
 * @param strokes in a box of about -0.6 .. 0.6 by -1 .. 1, y downwards
 * @param width mean width of the pen in units of half a digit's height; default that of MNIST
 */
export function drawStrokes(
  image: Float32Array,
  size: number,
  strokes: readonly Stroke[],
  { normal }: Draws,
  width: number = PEN,
): void {
  const place = handwriting(normal, size);
  const pen = Math.max(THINNEST * width, width * (1 + PEN_SPREAD * normal())) * HALF_HEIGHT * size;
  for (const stroke of strokes) {
    for (let k = 1; k < stroke.length; k++) drawSegment(image, size, place(stroke[k - 1]), place(stroke[k]), pen);
  }
  for (let k = 0; k < image.length; k++) {
    if (image[k] > 0) image[k] = Math.min(1, Math.max(0, image[k] * (1 + INK_NOISE * normal())));
  }
}

/** A random smooth map from the strokes' box to pixels: bending by slow waves, then an affine map. */
function handwriting(normal: () => number, size: number): (point: Point) => Point {
  const rotation = ROTATION * normal();
  const shear = SHEAR * normal();
  const scaleX = Math.exp(SCALE * normal());
  const scaleY = Math.exp((SCALE / 2) * normal());
  const shiftX = SHIFT * normal();
  const shiftY = SHIFT * normal();
  const bends = Array.from({ length: 8 }, () => BEND * normal());
  const cos = Math.cos(rotation);
  const sin = Math.sin(rotation);
  return ([x, y]) => {
    const bentX = x + bends[0] * Math.sin(2 * y) + bends[1] * Math.cos(3 * y) + bends[2] * Math.sin(3 * x + bends[3]);
    const bentY = y + bends[4] * Math.sin(3 * x) + bends[5] * Math.cos(2 * x) + bends[6] * Math.sin(3 * y + bends[7]);
    const u = scaleX * (bentX - shear * bentY) + shiftX;
    const v = scaleY * bentY + shiftY;
    const unit = HALF_HEIGHT * size;
    return [size / 2 + unit * (cos * u - sin * v), size / 2 + unit * (sin * u + cos * v)];
  };
}

/** Inks the pixels within half a pen width of a segment, with an edge one pixel wide; ink does not add up. */
function drawSegment(image: Float32Array, size: number, [x0, y0]: Point, [x1, y1]: Point, pen: number): void {
  const reach = pen / 2 + 0.5;
  const squaredLength = (x1 - x0) ** 2 + (y1 - y0) ** 2;
  const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
  const right = Math.min(size - 1, Math.ceil(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
  const bottom = Math.min(size - 1, Math.ceil(Math.max(y0, y1) + reach));
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const dx = column + 0.5 - x0;
      const dy = row + 0.5 - y0;
      const along = squaredLength === 0 ? 0 : (dx * (x1 - x0) + dy * (y1 - y0)) / squaredLength;
      const t = Math.min(1, Math.max(0, along));
      const distance = Math.hypot(dx - t * (x1 - x0), dy - t * (y1 - y0));
      const ink = Math.min(1, reach - distance);
      const at = row * size + column;
      if (ink > image[at]) image[at] = ink;
    }
  }
}
