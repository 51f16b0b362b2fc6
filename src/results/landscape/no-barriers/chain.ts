/** @file Chains of pivots: a path from A to B as a polyline, [P, p] with its ends (Section 2 of the paper). */
import { UserError } from '../../../array/errors.ts';
import type { NDArray } from '../../../array/ndarray.ts';
import * as np from '../../../numpy/index.ts';

/** Rule of the tangent at an extremum of the loss: as Henkelman and Jonsson wrote it, or as the authors' code has it. */
export type TangentRule = 'improved' | 'officialCode';

/** @throws UserError for weights that are not one positive number for each segment of the path */
export function checkChain(operation: string, pivots: number, weights: ArrayLike<number>): void {
  if (pivots < 3) {
    throw new UserError(`${operation}: a path needs at least 3 pivots (both ends and one between), found ${pivots}`);
  }
  const bad = Array.from(weights).findIndex((w) => !(w > 0 && Number.isFinite(w)));
  if (weights.length !== pivots - 1 || bad >= 0) {
    const found = bad >= 0 ? `weight ${weights[bad]} at segment ${bad}` : `${weights.length} weights`;
    throw new UserError(
      `${operation}: ${pivots} pivots need ${pivots - 1} positive weights, one for each segment; found ${found}`,
    );
  }
}

/** Equal weights of the segments between so many pivots. */
export const equalWeights = (pivots: number): number[] => new Array<number>(pivots - 1).fill(1 / (pivots - 1));

/** `pivots` points at equal distances on the segment from `start` [p] to `end` [p], ends included: [pivots, p]. */
export function straightPath(start: NDArray, end: NDArray, pivots: number): NDArray {
  const a = np.expandDims(np.linspace(0, 1, pivots, true, start.dtype as 'float32'), 1);
  return np.add(np.multiply(np.subtract(1, a), start), np.multiply(a, end));
}

const steps = (path: NDArray): NDArray => np.subtract(np.slice(path, [1, null]), np.slice(path, [0, -1]));

/** Length of each segment, [P - 1]. */
export const segmentLengths = (path: NDArray): NDArray => np.norm(steps(path), 1);

/** Share of the arc length at which each inner pivot belongs, [P - 2]: w_1, w_1 + w_2, … over the sum of all. */
export function targetFractions(weights: ArrayLike<number>): number[] {
  const list = Array.from(weights);
  const upTo = list.map((_, i) => list.slice(0, i + 1).reduce((sum, w) => sum + w, 0));
  return upTo.slice(0, -1).map((sum) => sum / upTo[upTo.length - 1]);
}

/**
 * Moves the inner pivots along the polyline so that its segments have lengths in the ratio of the weights (the spring
 * constant at infinity). The ends stay.
 *
 * @param path [P, p]
 * @param weights [P - 1], positive: target lengths, up to a factor; or the array of their `targetFractions`, [P - 2]
 * @returns [P, p]; each new pivot lies on the old polyline
 * @throws UserError for weights that do not fit
 */
export function redistributePath(path: NDArray, weights: ArrayLike<number> | NDArray): NDArray {
  let fractions: NDArray;
  if (weights instanceof np.NDArray) {
    fractions = weights;
  } else {
    checkChain('redistributePath', path.shape[0], weights);
    fractions = np.array(targetFractions(weights), { dtype: path.dtype });
  }
  const segments = path.shape[0] - 1;
  const length = segmentLengths(path);
  // Where each segment ends and begins, in arc length.
  const upTo = np.cumsum(length);
  const before = np.subtract(upTo, length);
  const target = np.multiply(fractions, np.slice(upTo, -1));
  // The number of segments that end at or before the target is the number of the segment that holds it.
  const passed = np.sum(np.astype(np.lessEqual(np.expandDims(upTo, 0), np.expandDims(target, 1)), 'int32'), 1);
  const segment = np.minimum(passed, segments - 1);
  const share = np.divide(np.subtract(target, np.take(before, segment, 0)), np.take(length, segment, 0));
  const a = np.expandDims(share, 1);
  const left = np.take(path, segment, 0);
  const right = np.take(path, np.add(segment, 1), 0);
  const inner = np.add(np.multiply(np.subtract(1, a), left), np.multiply(a, right));
  return np.concatenate([np.slice(path, [0, 1]), inner, np.slice(path, [-1, null])]);
}

const unit = (rows: NDArray): NDArray => np.divide(rows, np.norm(rows, 1, true));

/**
 * Unit tangents at the inner pivots: towards the neighbour of higher loss, at extrema a mixture of both directions
 * (Henkelman and Jonsson, J. Chem. Phys. 113, 2000, eq. 8 to 11, with the two differences scaled to length 1).
 *
 * @param path [P, p], no two neighbours equal
 * @param losses [P]
 * @param rule `improved` (default) gives the direction of the larger difference the larger share; the authors' code the smaller
 * @returns [P - 2, p]
 */
export function pathTangents(path: NDArray, losses: NDArray, rule: TangentRule = 'improved'): NDArray {
  const difference = steps(path);
  const direction = unit(difference);
  const forward = np.slice(direction, [1, null]);
  const backward = np.slice(direction, [0, -1]);
  const column = (x: NDArray) => np.expandDims(x, 1);
  const rise = steps(losses);
  const next = column(np.slice(rise, [1, null]));
  const last = column(np.slice(rise, [0, -1]));
  const large = np.maximum(np.abs(next), np.abs(last));
  const small = np.minimum(np.abs(next), np.abs(last));
  const [greater, lesser] = rule === 'improved' ? [large, small] : [small, large];
  // E_{i+1} > E_{i-1}: the sum of both rises.
  const upwards = np.greater(np.add(next, last), 0);
  const mixed = np.add(
    np.multiply(np.where(upwards, greater, lesser), forward),
    np.multiply(np.where(upwards, lesser, greater), backward),
  );
  const both = (sign: typeof np.greater) => np.logicalAnd(sign(next, 0), sign(last, 0));
  const chosen = np.where(both(np.greater), forward, np.where(both(np.less), backward, mixed));
  // All three losses equal, or two directions that cancel: the direction from neighbour to neighbour.
  const straight = np.add(np.slice(difference, [1, null]), np.slice(difference, [0, -1]));
  const size = np.norm(chosen, 1, true);
  return unit(np.where(np.greater(size, 0), chosen, straight));
}

export interface Chain {
  /** [P, p] */
  readonly path: NDArray;
  /** [P - 1], sum 1. */
  readonly weights: readonly number[];
}

/**
 * Adds pivots where the loss between two pivots is far above the line between their losses: at most `count`, in the
 * segments of the largest deviation, each at the point of that deviation.
 *
 * @param path [P, p]
 * @param weights [P - 1]
 * @param profile loss on the dense path, (P - 1)(subPivots + 1) + 1 values: each pivot and so many points after it
 * @param count insert at most so many; 0 inserts none
 * @param threshold smallest deviation that counts, in units of the range of the pivots' losses; default 0.1
 * @throws UserError for a profile or weights that do not fit the path
 */
export function insertPivots(
  path: NDArray,
  weights: readonly number[],
  profile: ArrayLike<number>,
  count: number,
  threshold = 0.1,
): Chain {
  const pivots = path.shape[0];
  const segments = pivots - 1;
  checkChain('insertPivots', pivots, weights);
  const stride = (profile.length - 1) / segments;
  if (!Number.isInteger(stride) || stride < 1) {
    throw new UserError(
      `insertPivots: the profile must have (${pivots} - 1)(subPivots + 1) + 1 values, found ${profile.length}`,
    );
  }
  const atPivots = Array.from({ length: pivots }, (_, i) => profile[i * stride]);
  const range = Math.max(...atPivots) - Math.min(...atPivots) + 1e-12;
  const highest = Array.from({ length: segments }, (_, j) => {
    let best = { segment: j, share: 0, deviation: Number.NEGATIVE_INFINITY };
    for (let k = 1; k < stride; k++) {
      const a = k / stride;
      const line = (1 - a) * atPivots[j] + a * atPivots[j + 1];
      const deviation = (profile[j * stride + k] - line) / range;
      if (deviation > best.deviation) best = { segment: j, share: a, deviation };
    }
    return best;
  });
  const chosen = new Map(
    highest
      .filter(({ deviation }) => deviation > threshold)
      .sort((a, b) => b.deviation - a.deviation)
      .slice(0, count)
      .map(({ segment, share }) => [segment, share]),
  );
  if (chosen.size === 0) return { path, weights };
  const left: number[] = [];
  const shares: number[] = [];
  const next: number[] = [];
  for (let j = 0; j < segments; j++) {
    left.push(j);
    shares.push(0);
    const a = chosen.get(j);
    if (a === undefined) {
      next.push(weights[j]);
      continue;
    }
    left.push(j);
    shares.push(a);
    next.push(a * weights[j], (1 - a) * weights[j]);
  }
  const a = np.array(
    shares.map((share) => [share]),
    { dtype: path.dtype },
  );
  const inner = np.add(
    np.multiply(np.subtract(1, a), np.take(path, left, 0)),
    np.multiply(
      a,
      np.take(
        path,
        left.map((j) => j + 1),
        0,
      ),
    ),
  );
  const total = next.reduce((sum, w) => sum + w, 0);
  return {
    path: np.concatenate([inner, np.slice(path, [-1, null])]),
    weights: next.map((w) => w / total),
  };
}
