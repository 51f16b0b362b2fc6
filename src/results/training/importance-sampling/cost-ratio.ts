/** @file What scoring and training really cost on the machine at hand. */
import type { NDArray } from '../../../array/ndarray.ts';
import type { Tree } from '../../../array/tree.ts';
import * as np from '../../../numpy/index.ts';
import { jit } from '../../../runtime/index.ts';
import { median } from '../../../stats/index.ts';
import { grad, scan } from '../../../transforms/index.ts';
import type { Examples } from './example-loss.ts';
import { gradientNormUpperBound, type ScoreArguments } from './scores.ts';

export interface MeasuredCost {
  /** Seconds to score one example of a pre-sample. */
  readonly score: number;
  /** Seconds of forward and backward pass for one example of a batch. */
  readonly gradient: number;
  /** c = gradient / score - 1: for `backwardCost`, so that the threshold of tau is one of seconds. */
  readonly backwardCost: number;
}

/**
 * Times scoring B and differentiating b examples, several times each in turns, and takes medians. A batch much smaller
 * than the pre-sample uses the machine worse, and c grows.
 *
 * @param given model, parameters and at least B examples
 * @param options.repetitions of either; default 5. `steps`: in one call; default 20
 */
export async function measureBackwardCost<P extends Tree>(
  given: ScoreArguments<P>,
  {
    batchSize,
    presample,
    repetitions = 5,
    steps = 20,
  }: { batchSize: number; presample: number; repetitions?: number; steps?: number },
): Promise<MeasuredCost> {
  const { apply, loss, params, x, y } = given;
  const first = (n: number): Examples => ({ x: np.slice(x, [0, n]), y: np.slice(y, [0, n]) });
  // Each step depends on the one before, or the compiler would do it once.
  const chained = (one: (nudge: NDArray, data: Examples, p: P) => NDArray) =>
    jit(
      (p: P, data: Examples) => scan((s: NDArray) => [one(s, data, p), null], np.array(0), null, { length: steps })[0],
    );
  const nudged = (nudge: NDArray, data: Examples): Examples => ({ ...data, x: np.add(data.x, nudge) });
  const scoring = chained((s, data, p) =>
    np.multiply(1e-20, np.sum(gradientNormUpperBound({ apply, loss, params: p, ...nudged(s, data) }))),
  );
  const training = chained((s, data, p) => {
    const batch = nudged(s, data);
    const gradient = grad((q: P) => np.mean(loss(apply(q, batch.x), batch.y)))(p);
    return np.multiply(1e-20, np.sum(np.ravelTree(gradient)[0]));
  });
  const time = async (f: typeof scoring, n: number, data: Examples) => {
    const start = performance.now();
    await f(params, data).data();
    return (performance.now() - start) / 1000 / (n * steps);
  };
  const [large, small] = [first(presample), first(batchSize)];
  // Compilation is not what is asked for.
  await time(scoring, presample, large);
  await time(training, batchSize, small);
  const seconds: { score: number[]; gradient: number[] } = { score: [], gradient: [] };
  for (let k = 0; k < repetitions; k++) {
    seconds.score.push(await time(scoring, presample, large));
    seconds.gradient.push(await time(training, batchSize, small));
  }
  const score = median(seconds.score);
  const gradient = median(seconds.gradient);
  return { score, gradient, backwardCost: Math.max(0.01, gradient / score - 1) };
}
