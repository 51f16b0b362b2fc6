/** How unequal the examples' gradients are: whether training on would gain from choosing examples by them. */
import * as Plot from '@observablehq/plot';
import type { Tree } from '../../array/tree.ts';
import * as np from '../../numpy/index.ts';
import {
  type Analysis,
  affordable,
  type CardNumber,
  type Finding,
  inputsOf,
  targetsOf,
  withoutLoss,
} from '../../results/analysis.ts';
import type { Figure } from '../../results/contract.ts';
import { mean, numberText, percent } from '../../results/words.ts';
import { jit } from '../../runtime/index.ts';
import { bootstrapInterval, quantile } from '../../stats/index.ts';
import { grad, perExampleGradientNorms } from '../../transforms/index.ts';

export interface SampleRedundancy {
  readonly n: number;
  /** Norm of each example's gradient. */
  readonly norms: Float64Array;
  /** Norm of the mean gradient. */
  readonly whole: number;
  readonly size: number;
  readonly limits: readonly string[];
}

/** Examples drawn to choose from, and chosen of them: the ratio of the paper's experiments. */
const presample = 3;

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
    const { params, model, loss, sample, size } = network;
    const { n, limits } = affordable(network, 30, 100);
    const one = (p: Tree, x: np.NDArray, t: np.NDArray) => loss!.of(model(p, np.expandDims(x, 0)), np.expandDims(t, 0));
    const normsOf = jit(perExampleGradientNorms(one));
    const meanGradient = jit(
      (p: Tree, x: np.NDArray, t: np.NDArray) => np.ravelTree(grad((q: Tree) => loss!.of(model(q, x), t))(p))[0],
    );
    // Of convolutions the gradients themselves are needed, a layer at a time.
    const block = Math.min(n, Math.max(1, Math.min(256, Math.floor(3e7 / size))));
    const norms = new Float64Array(n);
    const sum = new Float64Array(size);
    for (let at = 0; at < n; at += block) {
      const rows = Int32Array.from({ length: Math.min(block, n - at) }, (_, i) => at + i);
      const [x, t] = [inputsOf(sample, rows), targetsOf(network, rows)];
      norms.set((await normsOf(params, x, t).data()) as Float32Array, at);
      const g = await meanGradient(params, x, t).data();
      for (let i = 0; i < size; i++) sum[i] += (g[i] * rows.length) / n;
      progress(at + rows.length, n);
    }
    if (norms.some((v) => !Number.isFinite(v))) throw new Error('the gradients of some examples are not finite');
    if (norms.every((v) => v === 0)) {
      throw new Error('all gradients are zero: the outputs do not depend on the parameters in a differentiable way');
    }
    return { n, norms, whole: Math.sqrt(sum.reduce((total, v) => total + v * v, 0)), size, limits };
  },
  describe: describeRedundancy,
};

/** sqrt(E G^2) / E G: a batch drawn by gradient norms is worth a uniform one this many times as large (eq. 26). */
export function tau(norms: ArrayLike<number>): number {
  let [first, second] = [0, 0];
  for (let i = 0; i < norms.length; i++) {
    first += norms[i];
    second += norms[i] ** 2;
  }
  return Math.sqrt(second * norms.length) / first;
}

export function describeRedundancy({ norms, whole, n, limits }: SampleRedundancy): Finding {
  const t = tau(norms);
  const interval = bootstrapInterval(norms, tau, { method: 'percentile', resamples: 1000 });
  const second = mean(norms.map((v) => v * v));
  const variance = second - whole ** 2;
  const reduced = (second - mean(norms) ** 2) / variance;
  const sorted = [...norms].sort((a, b) => b - a);
  const total = sorted.reduce((a, b) => a + b, 0);
  const tenth = sorted.slice(0, Math.ceil(n / 10)).reduce((a, b) => a + b, 0) / total;
  const idle = norms.filter((v) => v < 0.01 * sorted[0]).length / n;
  // Eq. 27 with B = 3 b: choosing costs B forward passes, a third of a step each.
  const needed = (presample + 3) / 3;
  const pays = interval[0] > needed;
  const never = interval[1] < needed;
  const numbers: CardNumber[] = [
    {
      quantity: 'τ = √(mean of squared gradient norms) / mean norm',
      value: t,
      interval,
      note: '95 %, bootstrap over examples; 1 where all examples pull equally',
    },
    { quantity: 'τ that pays for choosing one example in three', value: needed },
    { quantity: 'variance of the gradient that choosing by norm removes', value: reduced },
    { quantity: 'share of all gradient norms in the top tenth of examples', value: tenth },
    { quantity: 'examples with less than a hundredth of the largest norm', value: idle },
    {
      quantity: 'norm of the mean gradient',
      value: whole,
      note: `the mean norm of single ones is ${numberText(mean(norms))}`,
    },
    { quantity: 'examples', value: n },
  ];
  const reading = [
    `A tenth of the examples makes up ${percent(tenth)} of all gradient norms; ${percent(idle)} of the examples hardly pull at all (less than a hundredth of the strongest).`,
    `Drawing examples in proportion to their gradient norm would make a batch worth ${numberText(t)} times as many uniform examples (τ), and would remove ${percent(reduced)} of the gradient’s variance.`,
    pays
      ? `That is above ${numberText(needed)}, where choosing one example in three by a forward pass begins to pay (τ > (B + 3b)/3b with B = 3b): importance sampling would save time when training goes on from here.`
      : never
        ? `That is below ${numberText(needed)}, where choosing one example in three by a forward pass begins to pay (τ > (B + 3b)/3b with B = 3b): importance sampling would cost more than it saves.`
        : `That is not clearly on either side of ${numberText(needed)}, where choosing one example in three by a forward pass begins to pay (τ > (B + 3b)/3b with B = 3b).`,
  ];
  return {
    headline: pays
      ? `A few examples pull hardest (τ ${numberText(t)}): importance sampling would pay when training goes on.`
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
