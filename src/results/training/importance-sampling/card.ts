/** @file How unequal the gradients of a finished network's examples are: whether training on would gain from choosing by them. */
import * as Plot from '@observablehq/plot';
import type { NDArray } from '../../../array/ndarray.ts';
import type { Tree } from '../../../array/tree.ts';
import * as np from '../../../numpy/index.ts';
import { jit } from '../../../runtime/index.ts';
import { bootstrapInterval, quantile, spearman } from '../../../stats/index.ts';
import { grad } from '../../../transforms/index.ts';
import {
  type Analysis,
  affordable,
  type CardNumber,
  examplesTogether,
  type Finding,
  type FinishedNetwork,
  inputsOf,
  targetsOf,
  withoutLoss,
} from '../../analysis.ts';
import type { Figure } from '../../contract.ts';
import { mean, numberText, percent } from '../../words.ts';
import { type PerExampleLoss, sigmoidCrossEntropy, softmaxCrossEntropy } from './example-loss.ts';
import { gradientNormUpperBound, perSampleGradientNorm, perSampleLoss } from './scores.ts';
import { gradientVariance, noiseToSignal, tauThreshold } from './variance.ts';

export interface SampleRedundancy {
  readonly n: number;
  /** By what examples may be drawn, one score each. */
  readonly scores: Readonly<Record<Kind, Float64Array>>;
  /** Norm of the mean gradient. */
  readonly whole: number;
  readonly limits: readonly string[];
}

type Kind = 'norm' | 'bound' | 'loss';

/** Examples of a step, and those that are scored for it: the usual ratio. */
const batchSize = 64;
const presample = 3 * batchSize;

export const sampleRedundancy: Analysis<SampleRedundancy> = {
  name: 'sample-redundancy',
  title: 'Sample redundancy: would importance sampling help?',
  question: 'Whether some examples pull on the weights much more than others when training goes on from here.',
  citations: [
    {
      authors: ['Angelos Katharopoulos', 'François Fleuret'],
      title: 'Not All Samples Are Created Equal: Deep Learning with Importance Sampling',
      venue: 'International Conference on Machine Learning (ICML)',
      year: 2018,
      arxiv: '1803.00942',
    },
  ],
  obstacle: withoutLoss,
  async measure(network, { progress }) {
    const { params, model: apply, sample, size } = network;
    const { n, limits } = affordable(network, 30, 100);
    const loss = lossPerExample(network);
    const score = jit((p: Tree, x: NDArray, y: NDArray) => {
      const given = { apply, loss, params: p, x, y };
      const gradient = grad((q: Tree) => np.mean(loss(apply(q, x), y)))(p);
      const norm = perSampleGradientNorm(given);
      return {
        norm,
        bound: gradientNormUpperBound(given),
        loss: perSampleLoss(given),
        gradient: np.ravelTree(gradient)[0],
      };
    });
    const block = Math.min(n, examplesTogether(network, 1, 256));
    const scores = { norm: new Float64Array(n), bound: new Float64Array(n), loss: new Float64Array(n) };
    const sum = new Float64Array(size);
    for (let at = 0; at < n; at += block) {
      const rows = Int32Array.from({ length: Math.min(block, n - at) }, (_, i) => at + i);
      const found = score(params, inputsOf(sample, rows), targetsOf(network, rows));
      for (const kind of ['norm', 'bound', 'loss'] as const) {
        scores[kind].set((await found[kind].data()) as Float32Array, at);
      }
      const g = await found.gradient.data();
      for (let i = 0; i < size; i++) sum[i] += (g[i] * rows.length) / n;
      progress(at + rows.length, n);
    }
    if (scores.norm.some((v) => !Number.isFinite(v))) throw new Error('the gradients of some examples are not finite');
    if (scores.norm.every((v) => v === 0)) {
      throw new Error('all gradients are zero: the outputs do not depend on the parameters in a differentiable way');
    }
    return { n, scores, whole: Math.sqrt(sum.reduce((total, v) => total + v * v, 0)), limits };
  },
  describe: describeRedundancy,
};

/** The network's loss without the mean over examples. */
function lossPerExample({ loss }: FinishedNetwork): PerExampleLoss {
  if (loss!.name === 'cross-entropy') return softmaxCrossEntropy;
  if (loss!.name === 'binary-cross-entropy') return sigmoidCrossEntropy;
  return (z, y) => np.mean(np.square(np.subtract(z, y)), 1);
}

/** `varianceReduction(scores).tau` on numbers, for the bootstrap. */
export function tau(scores: ArrayLike<number>): number {
  let [first, second] = [0, 0];
  for (let i = 0; i < scores.length; i++) {
    first += scores[i];
    second += scores[i] ** 2;
  }
  return Math.sqrt(second * scores.length) / first;
}

export function describeRedundancy({ scores, whole, n, limits }: SampleRedundancy): Finding {
  const { norm, bound, loss } = scores;
  const t = tau(bound);
  const interval = bootstrapInterval(bound, tau, { method: 'percentile', resamples: 1000 });
  const needed = tauThreshold(batchSize, presample);
  const sorted = [...norm].sort((a, b) => b - a);
  const total = sorted.reduce((a, b) => a + b, 0);
  const tenth = sorted.slice(0, Math.ceil(n / 10)).reduce((a, b) => a + b, 0) / total;
  const idle = norm.filter((v) => v < 0.01 * sorted[0]).length / n;
  const varianceBy = (by: Float64Array) => {
    const floor = 1e-8 * mean(by) + 1e-30;
    const floored = by.map((v) => Math.max(v, floor));
    const all = floored.reduce((a, b) => a + b, 0);
    return gradientVariance({
      ...{ probabilities: floored.map((v) => v / all), gradientNorms: norm, meanGradientNorm: whole, batchSize },
    });
  };
  const uniform = varianceBy(norm.map(() => 1));
  const [byNorm, byBound, byLoss] = [norm, bound, loss].map((by) => uniform / varianceBy(by));
  const noise = noiseToSignal(uniform, whole);
  const pays = interval[0] > needed;
  const never = interval[1] < needed;
  const numbers: CardNumber[] = [
    {
      quantity: 'τ: a batch drawn by the upper bound is worth a uniform one this many times as large',
      value: t,
      interval,
      note: '95 %, bootstrap over examples; 1 where all pull equally; eq. 26',
    },
    {
      quantity: 'τ above which it pays to score three examples for each that is used',
      value: needed,
      note: 'eq. 29, a backward pass as dear as two forward ones',
    },
    {
      quantity: 'variance of a uniform step over that of one drawn by gradient norms',
      value: byNorm,
      note: 'the best there is',
    },
    {
      quantity: 'the same, drawn by the upper bound',
      value: byBound,
      note: `rank correlation with the true norms ${numberText(spearman(bound, norm))}`,
    },
    {
      quantity: 'the same, drawn by the loss',
      value: byLoss,
      note: `rank correlation with the true norms ${numberText(spearman(loss, norm))}`,
    },
    {
      quantity: `noise of a uniform step of ${batchSize} over the squared mean gradient`,
      value: noise,
      note: 'above 1, noise limits training',
    },
    { quantity: 'share of all gradient norms in the top tenth of examples', value: tenth },
    { quantity: 'examples with less than a hundredth of the largest norm', value: idle, note: 'share' },
    {
      quantity: 'norm of the mean gradient',
      value: whole,
      note: `the mean norm of single ones is ${numberText(mean(norm))}`,
    },
    { quantity: 'examples', value: n },
  ];
  const reading = [
    `A tenth of the examples makes up ${percent(tenth)} of all gradient norms; ${percent(idle)} of the examples hardly pull at all (less than a hundredth of the strongest).`,
    `Drawing examples by the upper bound of their gradient norm (one forward pass each) would divide the variance of a step by ${numberText(byBound)}; by the loss alone, by ${numberText(byLoss)}; by the true norms, which are too dear, by ${numberText(byNorm)}.`,
    `By the paper’s rule it pays to score three examples for each that is used when τ is above ${numberText(needed)}. Here τ is ${numberText(t)} (${numberText(interval[0])} to ${numberText(interval[1])}): ${pays ? 'importance sampling would save time when training goes on from here' : never ? 'importance sampling would cost more than it saves' : 'it is not clear on which side that is'}${pays && noise < 1 ? '; but the gradient is not noisy here, so fewer or larger steps may do as well' : ''}.`,
  ];
  return {
    headline: pays
      ? `A few examples pull hardest (τ ${numberText(t)}, needed ${numberText(needed)}): importance sampling would pay when training goes on.`
      : `Importance sampling would ${never ? 'not ' : 'hardly '}pay (τ ${numberText(t)}, needed ${numberText(needed)}).`,
    ...{ numbers, reading, limits },
    figures: [normsFigure(sorted, total)],
  };
}

function normsFigure(sorted: readonly number[], total: number): Figure {
  const n = sorted.length;
  let sum = 0;
  const lorenz = [
    { examples: 0, norms: 0 },
    ...sorted.map((v, i) => {
      sum += v;
      return { examples: (i + 1) / n, norms: sum / total };
    }),
  ].filter((_, i) => i % Math.max(1, Math.floor(n / 300)) === 0 || i === n);
  const ranked = sorted
    .map((norm, i) => ({ share: (i + 1) / n, norm }))
    .filter(({ norm }, i) => norm > 0 && i % Math.max(1, Math.floor(n / 500)) === 0);
  return {
    id: 'norms',
    title: 'How unequally the examples pull',
    caption: `Left: the gradient norm of each example, the strongest first (dashed: their median, ${numberText(quantile(sorted, 0.5))}). Right: the share of all norms that the strongest examples make up; on the dashed line all would pull equally.`,
    panels: [
      {
        title: 'gradient norms',
        plot: {
          x: { label: 'share of the examples', domain: [0, 1] },
          y: { type: 'log', label: 'norm of the gradient' },
          marks: [
            Plot.line(ranked, { x: 'share', y: 'norm', stroke: '#4269d0', strokeWidth: 2 }),
            ...(quantile(sorted, 0.5) > 0
              ? [Plot.ruleY([quantile(sorted, 0.5)], { stroke: 'currentColor', strokeDasharray: '3 3' })]
              : []),
          ],
        },
      },
      {
        title: 'share of the strongest',
        plot: {
          x: { label: 'share of the examples', domain: [0, 1] },
          y: { label: 'share of the norms', domain: [0, 1] },
          marks: [
            Plot.line(
              [
                [0, 0],
                [1, 1],
              ],
              { stroke: 'currentColor', strokeDasharray: '3 3' },
            ),
            Plot.line(lorenz, { x: 'examples', y: 'norms', stroke: '#ff725c', strokeWidth: 2 }),
          ],
        },
      },
    ],
  };
}
