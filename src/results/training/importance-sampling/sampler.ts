/** @file The drop-in sampler for a training loop of one's own: batches with weights, uniform while nothing is to be gained. */
import { UserError } from '../../../array/errors.ts';
import type { NDArray } from '../../../array/ndarray.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { jit } from '../../../runtime/index.ts';
import type { Examples } from './example-loss.ts';
import { type SamplerVariant, type SamplingOptions, samplingPlan, variantSizes, variantThreshold } from './plan.ts';
import {
  biasedWeights,
  checkScores,
  effectiveSampleSize,
  importanceWeights,
  inverseCumulative,
  samplingProbabilities,
} from './sampling.ts';
import { stepCost, varianceReduction } from './variance.ts';

export interface SamplerOptions extends SamplingOptions {
  /** Default: presample, the paper's algorithm. */
  readonly variant?: SamplerVariant;
  /** k of the weights w^k; default 1, unbiased. */
  readonly bias?: number;
  /** Added to every score, in units of the running mean score; default 0. Flattens the distribution. */
  readonly additive?: number;
  /** Of everything that is drawn; default `random.key(0)`. */
  readonly key?: NDArray;
}

export interface SampledBatch {
  /** int32 [b], rows of the data; one drawn twice stands there twice. */
  readonly indices: NDArray;
  /** [b]; the update is that of (1/b) sum w_i l_i. Ones while importance sampling is off. */
  readonly weights: NDArray;
  readonly x: NDArray;
  readonly y: NDArray;
  readonly state: {
    /** Whether this batch was drawn by importance. */
    readonly on: boolean;
    /** The running tau before this batch, and what it must exceed. */
    readonly tau: number;
    readonly threshold: number;
    /** Of the weights: `batchSize` while they are equal. */
    readonly effectiveSampleSize: number;
    /** Of this step, in forward passes of one example. */
    readonly cost: number;
    /** The scores were all 0, so that the batch is a uniform one. */
    readonly allScoresZero: boolean;
  };
}

export interface ImportanceSampler extends AsyncIterable<SampledBatch> {
  readonly next: () => Promise<SampledBatch>;
  /**
   * Tells the scores of a batch that was drawn uniformly (they come from the forward pass of the update itself), so that
   * the sampler sees when to switch on. Batches drawn by importance have been scored already.
   *
   * @throws UserError when a score is negative or not finite
   */
  readonly update: (scores: NDArray) => Promise<void>;
}

const rows = jit(
  (data: Examples, indices: NDArray): Examples => ({
    x: np.take(data.x, indices, 0),
    y: np.take(data.y, indices, 0),
  }),
);

/**
 * Batches for a training loop of one's own (algorithm 1). While the running tau is at most the threshold they are uniform;
 * above it B examples are scored and b drawn from them by their scores.
 *
 * @param data examples along axis 0
 * @param score scores [n] of a batch under the parameters of the moment, e.g. `gradientNormUpperBound`
 * @throws UserError for a plan that cannot be (see `samplingPlan`) or a pre-sample larger than the data
 */
export function importanceSampler(
  data: Examples,
  score: (x: NDArray, y: NDArray) => NDArray | Promise<NDArray>,
  { variant = 'presample', bias = 1, additive = 0, key = random.key(0), ...options }: SamplerOptions,
): ImportanceSampler {
  const plan = samplingPlan(options);
  const { batchSize, smoothing, backwardCost } = plan;
  const n = data.x.shape[0];
  checkFits(plan.presample, n);
  const threshold = variantThreshold(variant, plan);
  const drawn = jit((scores: NDArray, u: NDArray) => {
    const local = inverseCumulative(samplingProbabilities(scores), u);
    const weights = importanceWeights(scores, local);
    return { local, weights: bias === 1 ? weights : biasedWeights(weights, np.take(scores, local, 0), bias) };
  });
  const tauOf = jit((scores: NDArray) => varianceReduction(scores).tau);

  let tau = 0;
  let steps = 0;
  let meanScore: number | undefined;

  /** Moves the running tau; returns the scores with what is added to them. */
  async function told(given: NDArray): Promise<NDArray> {
    const values = await given.data();
    checkScores(values);
    const mean = Array.from(values).reduce((sum, s) => sum + s, 0) / values.length;
    meanScore = meanScore === undefined ? mean : smoothing * meanScore + (1 - smoothing) * mean;
    const scores = additive === 0 ? given : np.add(given, additive * meanScore);
    tau = smoothing * tau + (1 - smoothing) * (await tauOf(scores).item());
    return scores;
  }

  async function next(): Promise<SampledBatch> {
    const [first, second] = [0, 1].map((i) => np.slice(random.split(random.foldIn(key, steps)), i));
    steps++;
    const before = tau;
    const on = tau > threshold || threshold === 0;
    const state = { on, tau: before, threshold, allScoresZero: false };
    if (!on) {
      const indices = random.randint(first, [batchSize], 0, n);
      return {
        ...rows(data, indices),
        indices,
        weights: np.ones([batchSize]),
        state: { ...state, effectiveSampleSize: batchSize, cost: stepCost(batchSize, 0, backwardCost) },
      };
    }
    const sizes = variantSizes(variant, before, plan);
    const candidates = random.randint(first, [sizes.scored], 0, n);
    const presample = rows(data, candidates);
    const scores = await told(await score(presample.x, presample.y));
    const { local, weights } = drawn(scores, random.uniform(second, [sizes.drawn]));
    const indices = np.take(candidates, local, 0);
    return {
      ...rows(data, indices),
      indices,
      weights,
      state: {
        ...state,
        effectiveSampleSize: await effectiveSampleSize(weights).item(),
        cost: stepCost(sizes.drawn, sizes.scored, backwardCost),
        allScoresZero: (await np.max(scores).item()) === 0,
      },
    };
  }

  return {
    next,
    update: async (scores) => void (await told(scores)),
    async *[Symbol.asyncIterator]() {
      for (;;) yield await next();
    },
  };
}

/** @throws UserError for a pre-sample larger than the data */
export function checkFits(presample: number, n: number): void {
  if (presample > n) throw new UserError(`importance sampling: a pre-sample of ${presample} from ${n} examples`);
}
