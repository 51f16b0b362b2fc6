/** Lists of two-bit patterns whose label says whether some pattern has two equal bits. */
import { UserError } from '../../array/errors.ts';
import type { LabelledPoints } from '../dataset.ts';
import { type Draws, draws } from '../draws.ts';

/** (1, 1) and (-1, -1) are positive, (1, -1) and (-1, 1) negative. */
export const XOR_PATTERNS = [
  [1, 1],
  [-1, -1],
  [1, -1],
  [-1, 1],
] as const;

const FIRST_NEGATIVE = 2;

export interface XorPatterns {
  /** Number of points. */
  readonly n: number;
  /** Patterns of a point. */
  readonly patterns: number;
  /** Probability of a positive point; default 0.5. */
  readonly positive?: number;
  /**
   * Probability that a point is drawn among the diverse ones: positives with all four patterns, negatives with both of
   * theirs. The others have one positive pattern among random negative ones, or one negative pattern alone. Default:
   * patterns are independent and uniform, given the label.
   */
  readonly diverse?: number;
  /** Safe integer. */
  readonly seed: number;
}

/**
 * The data of Brutzkus and Globerson, "Why do larger models generalize better? A theoretical perspective via the XOR
 * problem", ICML 2019: the label is 1 where some pattern is positive, else 0. Point i depends only on the seed and i, so
 * that a larger sample begins with the smaller one.
 *
 * @returns `inputs` n x (2 patterns), each -1 or 1
 * @throws UserError when a number is out of range, or too few patterns are asked for to be diverse (four)
 */
export function xorPatterns({ n, patterns, positive = 0.5, diverse, seed }: XorPatterns): LabelledPoints {
  if (!Number.isInteger(n) || n < 1) throw new UserError(`xorPatterns: expected at least 1 point, found ${n}.`);
  const fewest = diverse === undefined ? 1 : 4;
  if (!Number.isInteger(patterns) || patterns < fewest) {
    throw new UserError(`xorPatterns: expected at least ${fewest} patterns, found ${patterns}.`);
  }
  for (const [name, value] of Object.entries({ positive, diverse: diverse ?? 0 })) {
    if (!(value >= 0 && value <= 1)) throw new UserError(`xorPatterns: expected ${name} from 0 to 1, found ${value}.`);
  }
  const inputs = new Float32Array(n * 2 * patterns);
  const labels = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const random = draws(seed, i);
    labels[i] = random.uniform() < positive ? 1 : 0;
    const point = drawPoint(labels[i] === 1, patterns, diverse, random);
    point.forEach((pattern, j) => {
      inputs.set(XOR_PATTERNS[pattern], (i * patterns + j) * 2);
    });
  }
  return { inputs, labels, n, dimension: 2 * patterns };
}

/** The patterns of one point, as places in `XOR_PATTERNS`. */
function drawPoint(positive: boolean, count: number, diverse: number | undefined, { uniform, below }: Draws): number[] {
  const negative = () => FIRST_NEGATIVE + below(2);
  const drawAny = () => Array.from({ length: count }, () => (positive ? below(4) : negative()));
  const wanted = diverse === undefined ? null : uniform() < diverse;
  if (wanted === false) {
    const alone = negative();
    const point = Array.from({ length: count }, () => (positive ? negative() : alone));
    if (positive) point[below(count)] = below(2);
    return point;
  }
  const kinds = wanted === null ? 1 : positive ? 4 : 2;
  // Drawn again until it has the label and, where asked for, each pattern that the label allows.
  for (;;) {
    const point = drawAny();
    if (point.some((pattern) => pattern < FIRST_NEGATIVE) === positive && new Set(point).size >= kinds) return point;
  }
}
