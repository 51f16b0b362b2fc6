/** @file What the method says about a finished classifier: which classes and confusions its steepest directions are made of. */
import * as Plot from '@observablehq/plot';
import { hessianOperator, lanczosEigenpairs } from '../../../linalg/index.ts';
import type { NDArray } from '../../../numpy/index.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import {
  type Analysis,
  affordable,
  batchesOf,
  type CardNumber,
  examplesTogether,
  type Finding,
  type FinishedNetwork,
  inputsOf,
  lossOnBatch,
} from '../../analysis.ts';
import type { Figure } from '../../contract.ts';
import { countText, numberText, percent } from '../../words.ts';
import { clusterReport, deltaEmbedding, type EmbeddedMean } from './cluster-report.ts';
import { hessianOutlierDecomposition } from './decomposition.ts';
import { type LabelledBatch, labelPartitionControl } from './samples.ts';
import { approximateTopSubspace, knockout, outlierCount, subspaceOverlap } from './top-subspace.ts';

export interface OutlierCard {
  readonly n: number;
  readonly size: number;
  readonly classNames: readonly string[];
  readonly missing: readonly number[];
  /** Leading eigenvalues of the Hessian, of the classes' part G1, and of the same with the classes in random order. */
  readonly hessian: readonly number[];
  readonly predicted: readonly number[];
  readonly shuffled: readonly number[];
  /** Largest eigenvalue of the Hessian without the span of the class centres. */
  readonly left: number;
  /** Overlap of the leading C - 1 eigenvectors with that span, and with that of the shuffled classes. */
  readonly overlap: number;
  readonly shuffledOverlap: number;
  /** Null where C^2 means of all parameters would take too much memory. */
  readonly parts: {
    readonly traces: Readonly<Record<'G0' | 'G1' | 'G2' | 'G3' | 'total', number>>;
    /** C x C: trace that class c gets from the alternative c'. */
    readonly pairs: readonly (readonly number[])[];
    readonly clusterAccuracy: number;
    readonly embedding: readonly EmbeddedMean[];
  } | null;
  readonly limits: readonly string[];
}

/** Numbers that the C class centres may hold together, and all C^2 means: a few of them are in memory at a time. */
const mostOfCentres = 1e8;
const mostOfMeans = 3e7;

export const hessianOutliers: Analysis<OutlierCard> = {
  name: 'hessian-outliers',
  title: 'What the steepest directions are made of: classes and confusions',
  question:
    'A few eigenvalues of a classifier’s Hessian stand far out. Are they caused by the classes, and by which ones?',
  citations: [
    {
      authors: ['Vardan Papyan'],
      title: 'Measurements of Three-Level Hierarchical Structure in the Outliers in the Spectrum of Deepnet Hessians',
      venue: 'International Conference on Machine Learning (ICML)',
      year: 2019,
      arxiv: '1901.08244',
    },
  ],
  obstacle: ({ loss, sample, outputs, size }) => {
    if (loss === undefined || sample.labels === undefined) return 'the data has no classes';
    if (loss.name !== 'cross-entropy')
      return `the decomposition is that of the cross-entropy; the loss here is ${loss.name}`;
    if (outputs * size > mostOfCentres)
      return `the centres of ${outputs} classes in ${countText(size)} parameters would take too much memory`;
    return undefined;
  },
  async measure(network, { key, seed, progress }) {
    const { params, model, size, outputs: classes, sample } = network;
    const isWhole = classes ** 2 * size <= mostOfMeans;
    const wanted = Math.min(size, Math.min(2 * classes, classes + 5));
    const limitOf = (count: number) => Math.min(size, Math.max(2 * count + 10, 40)) * 4;
    const { n, limits } = affordable(network, (isWhole ? 6 * classes : 0) + 900, 10 * classes);
    const batches = labelledBatches(network, n, examplesTogether(network, classes, Math.min(network.batch, 100)));
    const steps = (isWhole ? n : 0) + 2 * n + limitOf(wanted) + limitOf(1);
    let before = 0;
    const onStep = (done: number) => progress(Math.min(before + done, steps), steps);
    const stage = async <T>(length: number, work: Promise<T>): Promise<T> => {
      const result = await work;
      before += length;
      return result;
    };
    const own = await stage(n, approximateTopSubspace(model, params, batches, { onStep }));
    const control = await stage(
      n,
      approximateTopSubspace(model, params, labelPartitionControl(batches, seed), { onStep }),
    );
    const hessian = hessianOperator(lossOnBatch(network), params, batchesOf(network, n));
    const start = (i: number) => random.normal(random.foldIn(key, i), [size]);
    const top = await stage(
      limitOf(wanted),
      lanczosEigenpairs(hessian, start(0), wanted, { products: limitOf(wanted), onStep }),
    );
    const rest = await stage(
      limitOf(1),
      lanczosEigenpairs(knockout(hessian, own.vectors), start(1), 1, { products: limitOf(1), tolerance: 1e-3, onStep }),
    );
    const leading = rows(top.vectors, Math.min(classes - 1, own.values.length));
    let parts: OutlierCard['parts'] = null;
    if (isWhole) {
      const split = await stage(n, hessianOutlierDecomposition(model, params, batches, { onStep }));
      const { gram, counts, samples } = split;
      const side = classes ** 2;
      parts = {
        traces: split.traces,
        pairs: counts.map((count, c) =>
          counts.map((_, other) => (count / samples) * gram[(c * classes + other) * (side + 1)]),
        ),
        clusterAccuracy: clusterReport(split).clusterAccuracy,
        embedding: classes <= 12 ? deltaEmbedding(split) : [],
      };
    }
    const whole = isWhole
      ? []
      : [
          `The split by pairs of classes would take ${countText(classes ** 2 * size)} numbers, too many; only the class centres were computed.`,
        ];
    return {
      ...{ n, size, parts, limits: [...limits, ...whole], missing: own.missing },
      classNames: sample.classNames!,
      hessian: [...top.values],
      predicted: [...own.values],
      shuffled: [...control.values],
      left: rest.values[0],
      overlap: await subspaceOverlap(own.vectors, leading),
      shuffledOverlap: await subspaceOverlap(control.vectors, leading),
    };
  },
  describe: describeOutliers,
};

const rows = (vectors: NDArray, count: number): NDArray => np.slice(vectors, [0, count]);

function labelledBatches(network: FinishedNetwork, n: number, size: number): LabelledBatch<NDArray>[] {
  const { sample } = network;
  return Array.from({ length: Math.ceil(n / size) }, (_, b) => {
    const at = Int32Array.from({ length: Math.min(size, n - b * size) }, (_, i) => b * size + i);
    return { x: inputsOf(sample, at), labels: Int32Array.from(at, (i) => sample.labels![i]) };
  });
}

/** The C - 1 largest of the classes' part, which is what the theory predicts for as many of the Hessian. */
export function describeOutliers(m: OutlierCard): Finding {
  const { hessian, predicted, parts, classNames, left, overlap, shuffledOverlap, shuffled } = m;
  const C = classNames.length;
  const count = outlierCount(hessian, C);
  const removed = 1 - left / hessian[0];
  const numbers: CardNumber[] = [
    { quantity: 'largest eigenvalue of the Hessian', value: hessian[0] },
    {
      quantity: 'largest eigenvalue of the part that the classes make (G1)',
      value: predicted[0],
      note: `with the classes in random order ${numberText(shuffled[0])}`,
    },
    { quantity: 'largest eigenvalue without the directions of the class centres', value: left },
    { quantity: 'outliers: eigenvalues before the largest gap', value: count, note: `theory: about ${C - 1} to ${C}` },
    {
      quantity: `overlap of the ${Math.min(C - 1, predicted.length)} leading eigenvectors with the class centres`,
      value: overlap,
      note: `0 to 1; with the classes in random order ${numberText(shuffledOverlap)}`,
    },
  ];
  // The span of averages over shuffled classes holds steep directions, too: the classes must do clearly better.
  const isDirection = overlap > 0.5 && overlap > shuffledOverlap + 0.15;
  const size = predicted[0] / hessian[0];
  const isCause = isDirection && size > 0.3;
  const meaning = isCause
    ? 'the steepest directions are those that move whole classes.'
    : isDirection
      ? 'the classes set these directions, but what differs between examples of one class (hard ones, most of all) sets how steep they are.'
      : 'here the steepest directions are not those that move whole classes.';
  const reading = [
    `The leading eigenvectors lie to ${percent(overlap)} in the space of ${predicted.length} averages of gradients over the classes, and these averages alone give ${percent(size)} of the largest eigenvalue (with the classes in random order: ${percent(shuffledOverlap)} and ${percent(shuffled[0] / hessian[0])}): ${meaning}`,
    `Without the directions of the averages the largest eigenvalue would be ${numberText(left)} instead of ${numberText(hessian[0])} (${percent(Math.max(0, removed))} less).`,
    `${count === 1 ? 'One eigenvalue stands' : `${count} eigenvalues stand`} out before the largest gap, for ${C} classes.`,
  ];
  const limits = [...m.limits];
  if (m.missing.length > 0)
    limits.push(
      `Classes without examples in the sample have no part in it: ${m.missing.map((c) => classNames[c]).join(', ')}.`,
    );
  limits.push('The split is that of the Gauss-Newton part of the Hessian, in which the outliers are.');
  const figures: Figure[] = [spectrumFigure(m)];
  if (parts !== null) {
    const { G0, G1, G2, G3, total } = parts.traces;
    numbers.push(
      { quantity: 'trace of the Gauss-Newton matrix', value: total, note: 'exact on these examples' },
      { quantity: 'its share between classes (G1)', value: G1 / total },
      { quantity: 'its share between confusions within a class (G2)', value: G2 / total },
      { quantity: 'its share from the true classes (G0)', value: G0 / total },
      { quantity: 'its share within (class, confusion), the bulk (G3)', value: G3 / total },
      {
        quantity: 'confusions that lie nearest to their own class centre',
        value: parts.clusterAccuracy,
        note: `by chance ${numberText(1 / C)}`,
      },
    );
    const pairs = parts.pairs
      .flatMap((row, c) => row.map((value, other) => ({ c, other, value })))
      .filter(({ c, other }) => c !== other);
    const whole = pairs.reduce((sum, { value }) => sum + value, 0);
    const [first, second] = pairs.sort((a, b) => b.value - a.value);
    const classes = parts.pairs
      .map((row, c) => ({ c, value: row.reduce((a, b) => a + b, 0) - row[c] }))
      .sort((a, b) => b.value - a.value);
    reading.push(
      `Class "${classNames[classes[0].c]}" has the largest part in the curvature between classes and confusions (${percent(classes[0].value / whole)}; an equal part would be ${percent(1 / C)}); the steepest confusions are "${classNames[first.c]}" with "${classNames[first.other]}" and "${classNames[second.c]}" with "${classNames[second.other]}".`,
    );
    figures.push(partsFigure(m));
    if (parts.embedding.length > 0) figures.push(embeddingFigure(m));
  }
  return {
    headline: isCause
      ? `The steepest directions are those of the classes (${percent(overlap)} overlap, ${percent(size)} of their size).`
      : isDirection
        ? `The classes set the steepest directions (${percent(overlap)} overlap) but only ${percent(size)} of their size.`
        : `The steepest directions are not simply those of the classes (${percent(overlap)} overlap).`,
    ...{ numbers, reading, figures, limits },
  };
}

function spectrumFigure({ hessian, predicted, shuffled, left, classNames }: OutlierCard): Figure {
  const kinds = ['Hessian', 'predicted from the classes (G1)', 'control: classes in random order'];
  const data = [hessian, predicted, shuffled]
    .flatMap((values, k) => values.map((value, i) => ({ rank: i + 1, value, kind: kinds[k] })))
    .filter(({ value }) => value > 1e-4 * hessian[0]);
  return {
    id: 'outliers',
    title: 'The outliers, and what averages over classes predict',
    caption: `Leading eigenvalues of the Hessian and those of the part that ${classNames.length} class averages of gradients make. Where the two go together, the classes are the cause. The control has the classes in random order. Dashed: the largest eigenvalue that is left when the directions of the class centres are taken away.`,
    panels: [
      {
        plot: {
          color: { legend: true, domain: kinds, range: ['#4269d0', '#ff725c', '#9498a0'] },
          x: { label: 'rank', ticks: 10 },
          y: { type: 'log', label: 'eigenvalue' },
          marks: [
            ...(left > 0 ? [Plot.ruleY([left], { stroke: '#4269d0', strokeDasharray: '4 3' })] : []),
            Plot.line(data, { x: 'rank', y: 'value', stroke: 'kind', strokeOpacity: 0.4 }),
            Plot.dot(data, { x: 'rank', y: 'value', fill: 'kind', r: 3.5 }),
          ],
        },
      },
    ],
  };
}

function partsFigure({ parts, classNames }: OutlierCard): Figure {
  const { traces, pairs } = parts!;
  const names = { G0: 'true class', G1: 'between classes', G2: 'between confusions', G3: 'within: the bulk' } as const;
  const shares = (['G1', 'G2', 'G0', 'G3'] as const).map((part) => ({
    part: names[part],
    share: traces[part] / traces.total,
  }));
  const cells = pairs
    .flatMap((row, c) =>
      row.map((value, other) => ({
        label: classNames[c],
        other: classNames[other],
        value: c === other ? Number.NaN : value,
      })),
    )
    .filter(({ value }) => Number.isFinite(value));
  const bars: Figure['panels'][number] = {
    title: 'shares of the curvature',
    plot: {
      marginLeft: 120,
      x: { label: 'share of the trace', domain: [0, Math.max(...shares.map(({ share }) => share))] },
      y: { domain: shares.map(({ part }) => part), label: null },
      marks: [Plot.barX(shares, { x: 'share', y: 'part', fill: '#4269d0' })],
    },
  };
  if (classNames.length > 25) {
    return {
      id: 'parts',
      title: 'What the curvature is made of',
      caption: 'Parts of the trace of the Gauss-Newton matrix.',
      panels: [bars],
    };
  }
  return {
    id: 'parts',
    title: 'What the curvature is made of',
    caption:
      'Left: parts of the trace of the Gauss-Newton matrix. Few directions carry the part between classes, very many the bulk. Right: the curvature that each class (rows) gets from each class it could be taken for (columns): the dark cells are the confusions that are hard to move without changing the loss.',
    panels: [
      bars,
      {
        title: 'curvature of each confusion',
        plot: {
          height: 316,
          marginLeft: 80,
          marginBottom: 80,
          padding: 0.05,
          x: { domain: classNames, label: 'taken for', tickRotate: -50 },
          y: { domain: classNames, label: 'class' },
          color: { type: 'linear', scheme: 'blues', label: 'trace' },
          marks: [Plot.cell(cells, { x: 'other', y: 'label', fill: 'value' })],
        },
      },
    ],
  };
}

function embeddingFigure({ parts, classNames }: OutlierCard): Figure {
  const points = parts!.embedding.filter(({ label, alternative }) => label !== alternative);
  const named = points.map((point) => ({ ...point, name: classNames[point.label] }));
  return {
    id: 'clusters',
    title: 'The averaged gradients gather by class',
    caption: `Each dot is the average gradient of the examples of one class (colour) towards one other class, in the plane that keeps most of the distances; rings are the class centres. Clusters of one colour mean that moving a class costs more than moving one of its confusions. ${percent(parts!.clusterAccuracy)} lie nearest to their own centre.`,
    panels: [
      {
        plot: {
          color: { legend: true, domain: classNames, scheme: 'tableau10' },
          x: { label: null, ticks: 0 },
          y: { label: null, ticks: 0 },
          marks: [
            Plot.dot(
              named.filter(({ alternative }) => alternative !== null),
              { x: 'x', y: 'y', fill: 'name', r: 3, fillOpacity: 0.75 },
            ),
            Plot.dot(
              named.filter(({ alternative }) => alternative === null),
              { x: 'x', y: 'y', stroke: 'name', r: 8, strokeWidth: 2 },
            ),
          ],
        },
      },
    ],
  };
}
