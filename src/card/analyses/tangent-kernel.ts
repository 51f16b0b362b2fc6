/** The tangent kernel on a part of the sample: which patterns of labels gradient descent would learn fast from here. */
import * as Plot from '@observablehq/plot';
import type { Tree } from '../../array/tree.ts';
import { draws } from '../../data/draws.ts';
import { eigh } from '../../linalg/index.ts';
import * as np from '../../numpy/index.ts';
import {
  type Analysis,
  type CardNumber,
  examplesTogether,
  type Finding,
  type FinishedNetwork,
  inputsOf,
} from '../../results/analysis.ts';
import type { Figure } from '../../results/contract.ts';
import { numberText, percent } from '../../results/words.ts';
import { jit } from '../../runtime/index.ts';
import { quantile, studentTQuantile } from '../../stats/index.ts';
import { empiricalNtk } from '../../transforms/index.ts';

export interface TangentKernel {
  readonly n: number;
  readonly outputs: number;
  /** Eigenvalues of the kernel averaged over outputs, descending (n). */
  readonly mean: Float64Array;
  /** Of the kernel with all outputs, on fewer examples, descending. */
  readonly full: { readonly n: number; readonly values: Float64Array; readonly coupling: number } | null;
  readonly labels: LabelsInKernel | null;
  readonly limits: readonly string[];
}

interface LabelsInKernel {
  readonly alignment: number;
  /** By leaving out a tenth of the examples at a time. */
  readonly standardError: number;
  /** Alignments of the labels in random order. */
  readonly shuffled: readonly number[];
  /** Share of the labels' variance along each eigenvector (n), and the same for labels in random order. */
  readonly energy: Float64Array;
  readonly shuffledEnergy: Float64Array;
}

const most = 200;
const largestDense = 600;
const permutations = 200;

export const tangentKernel: Analysis<TangentKernel> = {
  name: 'tangent-kernel',
  title: 'Tangent kernel: what would be learned fast from here',
  question:
    'Which changes of the outputs gradient descent makes easily from these weights, and whether the labels are among them.',
  citations: [
    {
      authors: ['Arthur Jacot', 'Franck Gabriel', 'Clément Hongler'],
      title: 'Neural Tangent Kernel: Convergence and Generalization in Neural Networks',
      venue: 'Advances in Neural Information Processing Systems (NeurIPS)',
      year: 2018,
      arxiv: '1806.07572',
    },
    {
      authors: ['Corinna Cortes', 'Mehryar Mohri', 'Afshin Rostamizadeh'],
      title: 'Algorithms for Learning Kernels Based on Centered Alignment',
      venue: 'Journal of Machine Learning Research',
      year: 2012,
      arxiv: '1203.0550',
    },
    {
      authors: [
        'Aristide Baratin',
        'Thomas George',
        'César Laurent',
        'R Devon Hjelm',
        'Guillaume Lajoie',
        'Pascal Vincent',
        'Simon Lacoste-Julien',
      ],
      title: 'Implicit Regularization via Neural Feature Alignment',
      venue: 'Artificial Intelligence and Statistics (AISTATS)',
      year: 2021,
      arxiv: '2008.00938',
    },
  ],
  obstacle: ({ sample }) =>
    sample.n < 20 ? `it needs at least 20 examples to say anything; there are ${sample.n}` : undefined,
  async measure(network, { seed, progress }) {
    const { sample, outputs } = network;
    const block = examplesTogether(network, outputs, Math.min(32, sample.n));
    const budget = Math.floor(Math.sqrt((1.5e11 * block) / Math.max(1, outputs * network.work)));
    const n = block * Math.max(1, Math.floor(Math.min(most, sample.n, Math.max(40, budget)) / block));
    const limits =
      n < sample.n
        ? [`On the first ${n} examples of the sample of ${sample.n}: the kernel grows with the square of their number.`]
        : [];
    const perOutput = Math.floor(largestDense / outputs / block) * block;
    const m = outputs === 1 ? 0 : Math.min(n, perOutput);
    const pairs = (count: number) => ((count / block) * (count / block + 1)) / 2;
    const total = pairs(n) + pairs(m);
    const kernel = await kernelMatrix(network, n, block, 'mean', (done) => progress(done, total));
    const { values, vectors } = eigh(kernel, n);
    let full: TangentKernel['full'] = null;
    if (m > 1) {
      const all = await kernelMatrix(network, m, block, 'full', (done) => progress(pairs(n) + done, total));
      full = { n: m, values: eigh(all, m * outputs).values.toReversed(), coupling: couplingOf(all, m, outputs) };
    } else if (outputs > 1) {
      limits.push(
        `The kernel with all ${outputs} outputs apart would be too large; only its mean over outputs is shown.`,
      );
    }
    const targets = centredTargets(network, n);
    const labels = targets === undefined ? null : labelsIn(kernel, n, vectors, targets, seed);
    return { n, outputs, mean: values.toReversed(), full, labels, limits };
  },
  describe: describeKernel,
};

/** [n, n] as the mean over outputs, or [n K, n K] with the outputs of an example next to each other. */
async function kernelMatrix(
  { model, params, outputs: K, sample }: FinishedNetwork,
  n: number,
  block: number,
  mode: 'mean' | 'full',
  onBlock: (done: number) => void,
): Promise<Float64Array> {
  const one = (p: Tree, x: np.NDArray) => np.reshape(model(p, np.expandDims(x, 0)), [K]);
  const pair = jit((p: Tree, a: np.NDArray, b: np.NDArray) => empiricalNtk(one, { outputs: mode })(p, a, b));
  const inputs = Array.from({ length: n / block }, (_, b) =>
    inputsOf(
      sample,
      Int32Array.from({ length: block }, (_, i) => b * block + i),
    ),
  );
  const width = mode === 'mean' ? 1 : K;
  const side = n * width;
  const matrix = new Float64Array(side * side);
  let done = 0;
  for (let a = 0; a < inputs.length; a++) {
    for (let b = a; b < inputs.length; b++) {
      // [block, block], or [block, block, K, K]
      const values = await pair(params, inputs[a], inputs[b]).data();
      for (let at = 0; at < values.length; at++) {
        const [i, j] = [Math.floor(at / (block * width * width)), Math.floor(at / (width * width)) % block];
        const [k, l] = [Math.floor(at / width) % width, at % width];
        const row = (a * block + i) * width + k;
        const column = (b * block + j) * width + l;
        matrix[row * side + column] = matrix[column * side + row] = values[at];
      }
      onBlock(++done);
    }
  }
  return matrix;
}

/** Share of the squared entries that lies between different outputs. */
function couplingOf(matrix: Float64Array, m: number, K: number): number {
  const side = m * K;
  let [between, all] = [0, 0];
  matrix.forEach((v, at) => {
    all += v * v;
    if (Math.floor(at / side) % K !== at % K) between += v * v;
  });
  return between / all;
}

/** What the outputs should be, without their mean over the examples: [n, columns]. */
function centredTargets({ sample }: FinishedNetwork, n: number): Float64Array[] | undefined {
  const { labels, classNames, targets } = sample;
  if (labels === undefined && targets === undefined) return undefined;
  const K = labels === undefined ? targets!.length / sample.n : classNames!.length;
  const columns = Array.from({ length: K }, (_, k) =>
    Float64Array.from({ length: n }, (_, i) => (labels === undefined ? targets![i * K + k] : Number(labels[i] === k))),
  );
  for (const column of columns) {
    const middle = column.reduce((a, b) => a + b, 0) / n;
    column.forEach((v, i) => {
      column[i] = v - middle;
    });
  }
  return columns.some((column) => column.some((v) => v !== 0)) ? columns : undefined;
}

function labelsIn(
  kernel: Float64Array,
  n: number,
  vectors: Float64Array,
  targets: readonly Float64Array[],
  seed: number,
): LabelsInKernel {
  const all = Int32Array.from({ length: n }, (_, i) => i);
  const stream = draws(seed, 0);
  const orders = Array.from({ length: permutations }, () => stream.permutation(n));
  const folds = 10;
  const without = Array.from({ length: folds }, (_, f) => {
    const kept = all.filter((i) => i % folds !== f);
    return alignment(kernel, n, kept, targets, kept);
  });
  const middle = without.reduce((a, b) => a + b, 0) / folds;
  const squares = without.reduce((sum, v) => sum + (v - middle) ** 2, 0);
  return {
    alignment: alignment(kernel, n, all, targets, all),
    standardError: Math.sqrt(((folds - 1) / folds) * squares),
    shuffled: orders.map((order) => alignment(kernel, n, all, targets, order)),
    energy: energyOf(vectors, n, targets, all),
    shuffledEnergy: energyOf(vectors, n, targets, orders[0]),
  };
}

/**
 * Centred alignment of the kernel with `Y Y^T` on some rows (Cortes et al., definition 4): 1 where the kernel is the
 * labels', 0 where it knows nothing of them. `order[i]` has the label of `rows[i]`.
 */
export function alignment(
  kernel: Float64Array,
  n: number,
  rows: Int32Array,
  targets: readonly Float64Array[],
  order: Int32Array,
): number {
  const m = rows.length;
  const means = new Float64Array(m);
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) means[i] += kernel[rows[i] * n + rows[j]] / m;
  const whole = means.reduce((a, b) => a + b, 0) / m;
  const columns = targets.map((column) => {
    const middle = order.reduce((sum, i) => sum + column[i], 0) / m;
    return Float64Array.from(order, (i) => column[i] - middle);
  });
  let [product, ofKernel, ofLabels] = [0, 0, 0];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) {
      const k = kernel[rows[i] * n + rows[j]] - means[i] - means[j] + whole;
      let y = 0;
      for (const column of columns) y += column[i] * column[j];
      product += k * y;
      ofKernel += k * k;
      ofLabels += y * y;
    }
  }
  return product / Math.sqrt(ofKernel * ofLabels);
}

/** Share of the targets' squares along each eigenvector, those of the largest eigenvalue first. */
function energyOf(vectors: Float64Array, n: number, targets: readonly Float64Array[], order: Int32Array): Float64Array {
  const total = targets.reduce((sum, column) => sum + column.reduce((s, v) => s + v * v, 0), 0);
  return Float64Array.from({ length: n }, (_, at) => {
    const k = n - 1 - at;
    let energy = 0;
    for (const column of targets) {
      let along = 0;
      for (let i = 0; i < n; i++) along += vectors[i * n + k] * column[order[i]];
      energy += along * along;
    }
    return energy / total;
  });
}

/** Share of the energy that is left after a time, in units of 1 / the largest eigenvalue: modes decay at their rates. */
function leftAfter(values: Float64Array, energy: Float64Array, time: number): number {
  return energy.reduce((sum, e, i) => sum + e * Math.exp((-2 * time * Math.max(0, values[i])) / values[0]), 0);
}

/** The time by which half the energy is gone. */
export function halfTime(values: Float64Array, energy: Float64Array): number {
  let [low, high] = [0, 1];
  while (leftAfter(values, energy, high) > 0.5) {
    if (high > 1e12) return Number.POSITIVE_INFINITY;
    high *= 2;
  }
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2;
    if (leftAfter(values, energy, middle) > 0.5) low = middle;
    else high = middle;
  }
  return high;
}

export function describeKernel(m: TangentKernel): Finding {
  const { mean: values, full, labels, n } = m;
  const sum = values.reduce((a, b) => a + b, 0);
  const rank = sum ** 2 / values.reduce((a, b) => a + b * b, 0);
  const smallest = values[n - 1];
  // Float32 products know eigenvalues to about 1e-6 of the largest.
  const isKnown = smallest > 2e-6 * values[0];
  const condition = values[0] / smallest;
  const numbers: CardNumber[] = [
    { quantity: 'examples', value: n },
    { quantity: 'effective rank (Σλ)² / Σλ²', value: rank, note: `of ${n}` },
    { quantity: 'share of the largest eigenvalue in the trace', value: values[0] / sum },
    {
      quantity: 'condition number λ1/λn',
      value: isKnown ? condition : null,
      note: isKnown ? undefined : 'above 500,000: the smallest eigenvalue is lost in rounding',
    },
  ];
  if (full !== null) {
    numbers.push(
      {
        quantity: 'share of the kernel between different outputs',
        value: full.coupling,
        note: `on ${full.n} examples; 0 if outputs were independent`,
      },
      {
        quantity: 'largest eigenvalue with all outputs',
        value: full.values[0],
        note: `${full.n * m.outputs} eigenvalues`,
      },
    );
  }
  const reading = [
    `From these weights gradient descent sees ${n} examples as if there were ${numberText(rank, 2)} (effective rank of the kernel): ${rank < 0.05 * n ? 'the outputs for different examples move together, few patterns can be changed apart' : 'many patterns can be changed apart'}.`,
  ];
  const limits = [
    ...m.limits,
    'The kernel describes training near these weights with small steps; further away it changes.',
  ];
  const figures: Figure[] = [spectrumFigure(m)];
  if (labels === null) {
    limits.push('Without labels (or with only one class in the sample) nothing can be said of their alignment.');
    const headline = `Effective rank ${numberText(rank, 2)} of ${n} examples.`;
    return { headline, numbers, figures, reading, limits };
  }
  const half = studentTQuantile(0.975, 9) * labels.standardError;
  const chance = [quantile(labels.shuffled, 0.025), quantile(labels.shuffled, 0.975)] as const;
  const above = labels.shuffled.filter((v) => v >= labels.alignment).length;
  const p = (1 + above) / (1 + labels.shuffled.length);
  const [fast, slow] = [halfTime(values, labels.energy), halfTime(values, labels.shuffledEnergy)];
  const leading = labels.energy.slice(0, 10).reduce((a, b) => a + b, 0);
  numbers.push(
    {
      quantity: 'alignment with the labels',
      value: labels.alignment,
      interval: [labels.alignment - half, labels.alignment + half],
      note: '95 %, jackknife over tenths of the sample',
    },
    {
      quantity: 'the same with labels in random order',
      value: quantile(labels.shuffled, 0.5),
      interval: chance,
      note: `95 % of ${permutations} orders; p = ${numberText(p, 2)}`,
    },
    { quantity: 'share of the labels in the 10 leading modes', value: leading },
    {
      quantity: 'time to learn half of the labels, in units of 1/λ1',
      value: Number.isFinite(fast) ? fast : null,
      note: `labels in random order: ${numberText(slow, 2)}`,
    },
  );
  const aligned = p < 0.05;
  reading.push(
    aligned
      ? `The kernel knows the labels: their alignment is ${numberText(labels.alignment)}, for labels in random order it is ${numberText(quantile(labels.shuffled, 0.5), 2)} (p = ${numberText(p, 2)}). ${percent(leading)} of the labels’ variance lies in the ten modes that are learned fastest.`
      : `The kernel knows no more of these labels than of labels in random order (alignment ${numberText(labels.alignment)}, p = ${numberText(p, 2)}): features and labels do not belong together.`,
    Number.isFinite(fast) && Number.isFinite(slow)
      ? `With squared loss, half of the labels’ variance would be learned in a time of ${numberText(fast, 2)}, of labels in random order in ${numberText(slow, 2)} (in units of 1/λ1): ${slow > 2 * fast ? `a factor of ${numberText(slow / fast, 2)} that the features give` : 'hardly a difference'}.`
      : 'Part of the labels lies where the kernel is zero and would not be learned from here.',
  );
  figures.push(learningFigure(m));
  return {
    headline: aligned
      ? `The features know the labels (alignment ${numberText(labels.alignment, 2)}, by chance ${numberText(quantile(labels.shuffled, 0.5), 1)}).`
      : 'The features know no more of these labels than of random ones.',
    ...{ numbers, figures, reading, limits },
  };
}

function spectrumFigure({ mean: values, full, n }: TangentKernel): Figure {
  const rows = (list: Float64Array, kernel: string) =>
    Array.from(list, (value, i) => ({ rank: i + 1, value: value / list[0], kernel })).filter(
      ({ value }) => value > 1e-7,
    );
  const names = ['mean over outputs', ...(full === null ? [] : ['all outputs'])];
  const data = [...rows(values, names[0]), ...(full === null ? [] : rows(full.values, names[1]))];
  return {
    id: 'spectrum',
    title: 'Speed at which each pattern of outputs is learned',
    caption: `Eigenvalues of the tangent kernel relative to the largest, on ${n} examples${full === null ? '' : ` (all outputs apart: on ${full.n})`}. A pattern at 0.01 takes 100 times as long to learn as the first. A steep fall means that gradient descent from here changes few things quickly.`,
    panels: [
      {
        plot: {
          color: { legend: full !== null, domain: names, range: ['#4269d0', '#efb118'] },
          x: { type: 'log', label: 'mode' },
          y: { type: 'log', label: 'eigenvalue / largest' },
          marks: [
            Plot.line(data, { x: 'rank', y: 'value', stroke: 'kernel', strokeWidth: 1.8 }),
            Plot.dot(
              data.filter(({ rank }) => rank <= 10),
              { x: 'rank', y: 'value', fill: 'kernel', r: 2.5 },
            ),
          ],
        },
      },
    ],
  };
}

function learningFigure({ mean: values, labels, n }: TangentKernel): Figure {
  const kinds = [
    ['labels', labels!.energy],
    ['labels in random order', labels!.shuffledEnergy],
  ] as const;
  const cumulative = kinds.flatMap(([kind, energy]) => {
    let sum = 0;
    return Array.from(energy, (e, i) => {
      sum += e;
      return { rank: i + 1, share: sum, kind };
    });
  });
  const curves = kinds.flatMap(([kind, energy]) =>
    Array.from({ length: 81 }, (_, i) => 10 ** (-1 + (6 * i) / 80)).map((time) => ({
      time,
      left: leftAfter(values, energy, time),
      kind,
    })),
  );
  const color = { domain: kinds.map(([kind]) => kind), range: ['#3ca951', '#9498a0'] };
  return {
    id: 'learning',
    title: 'The labels against labels in random order',
    caption: `Left: how much of the labels lies in the leading modes (a good network has most of it in as many modes as there are classes). Right: how much of the labels is still to be learned after some time of gradient descent on the squared loss, as the kernel predicts. Grey: the control, the same labels in random order.`,
    panels: [
      {
        title: 'in the leading modes',
        plot: {
          color: { ...color, legend: true },
          x: { type: 'log', label: 'modes', domain: [1, n] },
          y: { label: 'share of the labels', domain: [0, 1] },
          marks: [Plot.line(cumulative, { x: 'rank', y: 'share', stroke: 'kind', strokeWidth: 2 })],
        },
      },
      {
        title: 'predicted learning curve',
        plot: {
          color,
          x: { type: 'log', label: 'time, in units of 1/λ1', ticks: 6 },
          y: { label: 'share still to be learned', domain: [0, 1] },
          marks: [Plot.line(curves, { x: 'time', y: 'left', stroke: 'kind', strokeWidth: 2 })],
        },
      },
    ],
  };
}
