/** Characters of alphabets that do not exist, drawn by the program: a stand-in for Omniglot where nothing was downloaded. */
import { UserError } from '../../array/errors.ts';
import type { LabelledImages } from '../dataset.ts';
import { type Draws, draws } from '../draws.ts';
import type { Point, Stroke } from './digit-strokes.ts';
import { drawStrokes } from './handwriting.ts';

export interface RenderedCharacters {
  /** Number of characters, each a class. */
  readonly characters: number;
  /** Drawings of each; default 20, as Omniglot. */
  readonly drawings?: number;
  /** Safe integer. */
  readonly seed: number;
  /** Pixels along a side; default 28. */
  readonly size?: number;
}

/** Width of the pen, of the same unit as that of `drawStrokes`: about a pixel of 28. */
const PEN = 0.125;
/** Ink where at least so much of the pixel is covered, as Omniglot is brought to 28 x 28. */
const INK = 0.3;
/** Half the width and height of a character. */
const HALF_BOX = 1.15;
/** How far the control points of its curves are off from drawing to drawing, as a standard deviation. */
const JITTER = 0.33;
/** Points of a stroke. */
const POINTS = 16;
/** Streams of one seed: from here on those of the drawings, below those of the characters. */
const FIRST_DRAWING = 2 ** 24;
/** Drawings of one character, at most. */
const DRAWINGS = 128;

/**
 * Characters of one to three curved strokes (cubic Bézier curves with random control points), each drawn several times
 * with its control points a little off, as `renderedDigits` draws its digits, with a thin pen. A tenth of the pixels is
 * ink, and the nearest of five characters seen once is the right one in 44 % of trials; on Omniglot 42 %. Images are in order of the characters, and depend only on the
 * seed, the character and the number of the drawing: a larger set has the drawings of the smaller one.
 *
 * @returns `images` n x 1 x size x size, 1 where there is ink, else 0; `labels` n characters
 * @throws UserError when an argument is out of range
 */
export function renderedCharacters({ characters, drawings = 20, seed, size = 28 }: RenderedCharacters): LabelledImages {
  const limits = { characters: [1, FIRST_DRAWING], drawings: [1, DRAWINGS], size: [4, 4096] };
  for (const [name, value] of Object.entries({ characters, drawings, size })) {
    const [least, most] = limits[name as keyof typeof limits];
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new UserError(`renderedCharacters: expected ${name} from ${least} to ${most}, found ${value}.`);
    }
  }
  const n = characters * drawings;
  const images = new Float32Array(n * size * size);
  const labels = Int32Array.from({ length: n }, (_, i) => Math.floor(i / drawings));
  for (let c = 0; c < characters; c++) {
    const curves = inventCharacter(draws(seed, c));
    for (let k = 0; k < drawings; k++) {
      const start = (c * drawings + k) * size * size;
      const image = images.subarray(start, start + size * size);
      const random = draws(seed, FIRST_DRAWING + c * DRAWINGS + k);
      const hand = ([x, y]: Point): Point => [x + JITTER * random.normal(), y + JITTER * random.normal()];
      const strokes = curves.map((curve) => strokeOf(moved(curve, hand)));
      drawStrokes(image, size, strokes, random, PEN);
      for (let at = 0; at < image.length; at++) image[at] = image[at] >= INK ? 1 : 0;
    }
  }
  const classNames = Array.from({ length: characters }, (_, c) => `character ${c}`);
  return { images, labels, n, shape: [1, size, size], classNames };
}

type Curve = readonly [Point, Point, Point, Point];

/** Curves of a character, in a box of -1.15 .. 1.15 both ways: no character lies or looks larger than another. */
function inventCharacter({ below, uniform }: Draws): Curve[] {
  const point = (): Point => [2 * uniform() - 1, 2 * uniform() - 1];
  const curves = Array.from({ length: 1 + below(3) }, (): Curve => [point(), point(), point(), point()]);
  const points = curves.flatMap(strokeOf);
  const box = ([0, 1] as const).map((k) => {
    const values = points.map((p) => p[k]);
    return [Math.min(...values), Math.max(...values)];
  });
  const scaled = (p: Point, k: 0 | 1) => (HALF_BOX * (2 * p[k] - box[k][0] - box[k][1])) / (box[k][1] - box[k][0]);
  return curves.map((curve) => moved(curve, (p) => [scaled(p, 0), scaled(p, 1)]));
}

function moved([a, b, c, d]: Curve, move: (point: Point) => Point): Curve {
  return [move(a), move(b), move(c), move(d)];
}

/** The points of a curve from end to end. */
function strokeOf([a, b, c, d]: Curve): Stroke {
  return Array.from({ length: POINTS + 1 }, (_, i) => {
    const t = i / POINTS;
    const s = 1 - t;
    const at = (k: 0 | 1) => s ** 3 * a[k] + 3 * s ** 2 * t * b[k] + 3 * s * t ** 2 * c[k] + t ** 3 * d[k];
    return [at(0), at(1)];
  });
}
