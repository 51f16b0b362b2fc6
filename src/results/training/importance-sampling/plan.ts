/** @file What a sampler is told, completed and checked; and how large a step each variant takes. */
import { UserError } from '../../../array/errors.ts';
import { tauThreshold as predictedThreshold } from './variance.ts';

export interface SamplingOptions {
  /** b, examples of an update. */
  readonly batchSize: number;
  /** B, examples scored before an update is drawn from them; default 3 b. */
  readonly presample?: number;
  /**
   * Importance sampling is on while the averaged tau is above; default (B + (1 + c) b) / ((1 + c) b), from where on it
   * must pay. At least 1, or 0 for a sampler that is always on.
   */
  readonly tauThreshold?: number;
  /** a in tau_k = a tau_{k-1} + (1 - a) tau(scores); default 0.9. */
  readonly smoothing?: number;
  /** c, cost of a backward over that of a forward pass; default 2. Measure it where time is what counts. */
  readonly backwardCost?: number;
}

export type SamplingPlan = Required<SamplingOptions>;

/**
 * Options with their defaults.
 *
 * @throws UserError for B <= b, a threshold between 0 and 1, smoothing outside of [0, 1) or a cost that is not positive
 */
export function samplingPlan({
  batchSize,
  presample = 3 * batchSize,
  backwardCost = 2,
  smoothing = 0.9,
  ...given
}: SamplingOptions): SamplingPlan {
  if (!(backwardCost > 0)) throw new UserError(`backwardCost: expected a ratio above 0, found ${backwardCost}`);
  const tauThreshold = given.tauThreshold ?? predictedThreshold(batchSize, presample, backwardCost);
  if (!(tauThreshold >= 1 || tauThreshold === 0)) {
    throw new UserError(
      `tauThreshold: tau is at least 1, so a threshold below would never switch; expected at least 1 (or 0: always on), found ${tauThreshold}`,
    );
  }
  // Also where a threshold is given: B and b must fit.
  predictedThreshold(batchSize, presample, backwardCost);
  if (!(smoothing >= 0 && smoothing < 1)) throw new UserError(`smoothing: expected [0, 1), found ${smoothing}`);
  return { batchSize, presample, tauThreshold, smoothing, backwardCost };
}

/**
 * Which of the two costs a variant keeps, as the authors' code offers them.
 *
 * - `presample`: score B, update with b (the paper's algorithm).
 * - `constantVariance`: score b, update with as few of them as have the variance of b uniform ones.
 * - `constantTime`: score and update with as many as cost together what a uniform step of b costs.
 */
export type SamplerVariant = 'presample' | 'constantVariance' | 'constantTime';

/** From which tau on a variant pays. */
export function variantThreshold(variant: SamplerVariant, { tauThreshold, backwardCost: c }: SamplingPlan): number {
  if (variant !== 'constantVariance') return tauThreshold;
  const threshold = 1 / (c / (1 + c) - 0.2);
  if (!(threshold >= 1)) {
    throw new UserError(`constantVariance: with a backward cost of ${c} scoring cannot pay; it needs more than 0.25`);
  }
  return threshold;
}

/** Examples scored and examples drawn from them by a step with importance sampling on. */
export function variantSizes(
  variant: SamplerVariant,
  tau: number,
  { batchSize: b, presample, backwardCost: c }: SamplingPlan,
): { readonly scored: number; readonly drawn: number } {
  const whole = (x: number) => Math.max(1, Math.round(x));
  if (variant === 'presample') return { scored: presample, drawn: b };
  // 1/tau of the batch has its variance; a fifth more for safety.
  if (variant === 'constantVariance') return { scored: b, drawn: Math.min(b, whole((1 / tau + 0.2) * b)) };
  const enough = Math.max(0.2 * b, b / tau);
  // Half of what is left of the budget is spent on scores.
  const scored = whole(b + 0.5 * ((1 + c) * b - (1 + c) * enough - b));
  return { scored, drawn: whole(((1 + c) * b - scored) / (1 + c)) };
}
