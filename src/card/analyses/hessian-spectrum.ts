/** The curvature of the loss around the weights: extreme eigenvalues, trace, density, and what the Gauss-Newton part explains. */
import * as Plot from '@observablehq/plot';
import type { NDArray } from '../../array/ndarray.ts';
import type { Tree } from '../../array/tree.ts';
import {
  type Estimate,
  gaussNewtonOperator,
  hessianOperator,
  hutchinson,
  lanczosEigenpairs,
  type Operator,
  type SpectralQuadrature,
  spectralDensity,
  spectralSum,
  stochasticLanczosQuadrature,
} from '../../linalg/index.ts';
import * as np from '../../numpy/index.ts';
import * as random from '../../random/index.ts';
import {
  type Analysis,
  affordable,
  type Batch,
  batchesOf,
  type CardNumber,
  type Finding,
  type FinishedNetwork,
  lossOfOutputs,
  lossOnBatch,
  withoutLoss,
} from '../../results/analysis.ts';
import type { Figure } from '../../results/contract.ts';
import { mean, numberText, percent } from '../../results/words.ts';
import { jit } from '../../runtime/index.ts';
import { bootstrapInterval, meanInterval, median, studentTQuantile } from '../../stats/index.ts';
import { hvp } from '../../transforms/index.ts';

export interface HessianSpectrum {
  /** Number of parameters. */
  readonly size: number;
  readonly n: number;
  readonly outputs: number;
  readonly classes: number | null;
  readonly top: Extreme;
  readonly lowest: Extreme;
  /** Eigenvalues of the Gauss-Newton matrix. */
  readonly gaussNewton: Extreme;
  /** v^T G v for each eigenvector of `top`. */
  readonly explained: readonly number[];
  /** v^T H_b v of the first eigenvector over parts of the sample. */
  readonly parts: readonly number[];
  /** By the same random signs. */
  readonly traces: { readonly hessian: Estimate; readonly gaussNewton: Estimate };
  readonly quadrature: SpectralQuadrature;
  readonly limits: readonly string[];
}

interface Extreme {
  readonly values: readonly number[];
  readonly residuals: readonly number[];
  readonly converged: boolean;
}

const steps = 60;
const starts = 4;
const probes = 20;
/** Evaluations of the network that one product with the Hessian costs. */
const passesPerProduct = 5;

export const hessianSpectrum: Analysis<HessianSpectrum> = {
  name: 'hessian-spectrum',
  title: 'Curvature of the loss: the spectrum of the Hessian',
  question:
    'How steeply the loss rises around these weights in different directions; which learning rates training near here can bear.',
  citations: [
    {
      authors: ['Behrooz Ghorbani', 'Shankar Krishnan', 'Ying Xiao'],
      title: 'An Investigation into Neural Net Optimization via Hessian Eigenvalue Density',
      venue: 'International Conference on Machine Learning (ICML)',
      year: 2019,
      arxiv: '1901.10159',
    },
    {
      authors: ['Vardan Papyan'],
      title: 'The Full Spectrum of Deepnet Hessians at Scale: Dynamics with SGD Training and Sample Size',
      venue: 'arXiv preprint',
      year: 2018,
      arxiv: '1811.07062',
    },
    {
      authors: ['Levent Sagun', 'Utku Evci', 'V. Ugur Guney', 'Yann Dauphin', 'Leon Bottou'],
      title: 'Empirical Analysis of the Hessian of Over-Parametrized Neural Networks',
      venue: 'arXiv preprint',
      year: 2017,
      arxiv: '1706.04454',
    },
  ],
  obstacle: withoutLoss,
  async measure(network, { key, progress }) {
    const { params, size, outputs, model, loss, sample } = network;
    const wanted = Math.min(outputs + 5, 20, size);
    const { n, limits } = affordable(network, passesPerProduct * (steps * starts + 2 * probes + 200), 50);
    const batches = batchesOf(network, n);
    const hessian = hessianOperator(lossOnBatch(network), params, batches);
    const gaussNewton = gaussNewtonOperator(
      (p: typeof params, { inputs }: Batch) => model(p, inputs),
      lossOfOutputs(loss!),
      params,
      batches,
    );
    const limitOf = (count: number) => Math.min(size, Math.max(2 * count + 10, 40)) * 4;
    const total = 3 * limitOf(wanted) + steps * starts + 2 * probes;
    let done = 0;
    const counted =
      (A: Operator): Operator =>
      async (v) => {
        const image = await A(v);
        await image.data();
        progress(Math.min(++done, total), total);
        return image;
      };
    const [H, G] = [counted(hessian), counted(gaussNewton)];
    const keys = Array.from({ length: 5 }, (_, i) => random.foldIn(key, i));
    const start = (i: number) => random.normal(keys[i], [size]);
    const dead = await (await H(start(0))).data();
    if (dead.every((v) => v === 0)) {
      throw new Error(
        'the second derivative is zero in a random direction: the network is not differentiable where it counts (rounding, signs, thresholds), or its outputs do not depend on the parameters',
      );
    }
    const top = await lanczosEigenpairs(H, start(0), wanted, { products: limitOf(wanted) });
    const few = Math.min(3, size);
    const lowest = await lanczosEigenpairs(H, start(1), few, {
      which: 'smallest',
      products: limitOf(few),
      tolerance: 1e-3,
    });
    const vectors = Array.from({ length: wanted }, (_, i) => np.slice(top.vectors, i));
    const explained: number[] = [];
    for (const v of vectors) explained.push(await np.sum(np.multiply(v, await G(v))).item());
    const ofG = await lanczosEigenpairs(G, start(2), wanted, { products: limitOf(wanted) });
    const parts = await partsOf(network, n, vectors[0]);
    const traces = {
      hessian: await hutchinson(H, size, keys[3], probes),
      gaussNewton: await hutchinson(G, size, keys[3], probes),
    };
    const quadrature = await stochasticLanczosQuadrature(H, size, keys[4], {
      steps: Math.min(steps, size),
      probes: starts,
    });
    progress(total, total);
    return {
      ...{ size, n, outputs, explained, parts, quadrature, limits, traces },
      classes: sample.labels === undefined ? null : sample.classNames!.length,
      top: extremeOf(top),
      lowest: extremeOf(lowest),
      gaussNewton: extremeOf(ofG),
    };
  },
  describe: describeHessian,
};

const extremeOf = (pairs: { values: Float64Array; residuals: Float64Array; converged: boolean }): Extreme => ({
  values: [...pairs.values],
  residuals: [...pairs.residuals],
  converged: pairs.converged,
});

/** v^T H_b v, H_b the Hessian of the mean loss on a tenth of the sample. */
async function partsOf(network: FinishedNetwork, n: number, v: np.NDArray): Promise<number[]> {
  const size = Math.floor(n / 10);
  if (size < 1) return [];
  const loss = lossOnBatch(network);
  const whole = batchesOf(network, 10 * size, size).map((batch) => ({
    ...batch,
    share: np.array(1, { dtype: 'float32' }),
  }));
  const curvature = jit((params: Tree, batch: Batch, along: NDArray) => {
    const [, unravel] = np.ravelTree(params);
    const product = hvp((p: Tree) => loss(p, batch), params, unravel(along));
    return np.sum(np.multiply(along, np.ravelTree(product)[0]));
  });
  const values: number[] = [];
  for (const batch of whole) values.push(await curvature(network.params, batch, v).item());
  return values;
}

/** Shares of the eigenvalues, and what follows from moments of the spectrum. */
function summaries({ quadrature, top }: HessianSpectrum) {
  const [largest] = top.values;
  const flat = 1e-3 * largest;
  const share = (f: (x: number) => boolean) =>
    quadrature.rules.map(({ nodes, weights }) => nodes.reduce((sum, x, i) => sum + (f(x) ? weights[i] : 0), 0));
  const size = spectralSum(quadrature, Math.abs).value;
  const squares = spectralSum(quadrature, (x) => x * x).value;
  const nodes = quadrature.rules
    .flatMap(({ nodes: xs, weights }) =>
      Array.from(xs, (x, i) => ({ x: Math.abs(x), w: weights[i] / quadrature.rules.length })),
    )
    .sort((a, b) => a.x - b.x);
  let passed = 0;
  const middle = nodes.find(({ w }) => {
    passed += w;
    return passed >= 0.5;
  });
  return {
    flat,
    negative: share((x) => x < -flat),
    nearZero: share((x) => Math.abs(x) <= flat),
    effectiveRank: size ** 2 / squares,
    median: middle!.x,
  };
}

const spread = ({ value, standardError }: Estimate, n: number): readonly [number, number] => {
  const half = studentTQuantile(0.975, n - 1) * standardError;
  return [value - half, value + half];
};

export function describeHessian(m: HessianSpectrum): Finding {
  const { top, lowest, traces, explained, parts, classes, gaussNewton } = m;
  const [largest] = top.values;
  const [least] = lowest.values;
  const s = summaries(m);
  const over =
    parts.length >= 2
      ? {
          // Few examples may make all of it, which an interval of normal values would put below zero.
          interval: bootstrapInterval(parts, mean, { method: 'percentile' }),
          note: `95 %, bootstrap of the curvature in that direction over ${parts.length} parts of the sample`,
        }
      : {};
  const probesText = `95 %, over ${probes} random probes`;
  const numbers: CardNumber[] = [
    { quantity: 'largest eigenvalue λmax', value: largest, ...over },
    { quantity: 'second largest', value: top.values[1] ?? null },
    {
      quantity: 'lowest eigenvalue',
      value: least,
      note: lowest.converged ? undefined : `known to ± ${numberText(lowest.residuals[0])}`,
    },
    { quantity: 'largest stable learning rate of gradient descent, 2/λmax', value: 2 / largest },
    {
      quantity: 'trace (sum of all eigenvalues)',
      value: traces.hessian.value,
      interval: spread(traces.hessian, probes),
      note: probesText,
    },
    {
      quantity: 'trace of the Gauss-Newton matrix',
      value: traces.gaussNewton.value,
      interval: spread(traces.gaussNewton, probes),
      note: probesText,
    },
    { quantity: 'effective rank (Σ|λ|)² / Σλ²', value: s.effectiveRank, note: `of ${m.size.toLocaleString('en')}` },
    {
      quantity: 'λmax / median |λ|',
      value: s.median > 0 ? largest / s.median : null,
      note: 'the median only as far as the quadrature resolves it',
    },
    {
      quantity: 'share of eigenvalues within ± λmax/1000',
      value: mean(s.nearZero),
      interval: within(s.nearZero),
      note: `95 %, over ${starts} random starts`,
    },
    {
      quantity: 'share of eigenvalues below −λmax/1000',
      value: mean(s.negative),
      interval: within(s.negative),
      note: `95 %, over ${starts} random starts`,
    },
    { quantity: 'examples', value: m.n },
  ];
  const fromG = explained.map((v, i) => v / top.values[i]);
  const outliers = classes === null ? m.outputs : classes;
  const gap = gapOf(top.values);
  const reading = [
    `Plain gradient descent with a learning rate above 2/λmax = ${numberText(2 / largest)} moves away from these weights along the steepest direction; below it, it stays (on these ${m.n} examples, without momentum).`,
    `${percent(mean(s.nearZero))} of the ${m.size.toLocaleString('en')} directions are flat (curvature below a thousandth of the largest): the loss sees about ${numberText(s.effectiveRank, 2)} directions at a time (effective rank).`,
    gap.count >= top.values.length - 1
      ? `No gap separates a few outlying eigenvalues among the largest ${top.values.length}.`
      : `The largest gap in the leading eigenvalues comes after number ${gap.count} (a factor of ${numberText(gap.ratio, 2)} to the next)${classes === null ? '' : `; with ${classes} classes, theory expects up to ${outliers} outliers (usually ${outliers - 1} to ${outliers})`}.`,
    -least > 0.01 * largest
      ? `There are directions of negative curvature (down to ${numberText(least)}, ${percent(-least / largest)} of λmax): these weights are no minimum of this loss, and longer training would still find a way down.`
      : `The most negative eigenvalue is ${numberText(least)}, at most a hundredth of λmax: within this precision the weights lie near a minimum, or on a flat ridge.`,
    `The Gauss-Newton matrix, the part of the Hessian that comes from how the outputs move, makes up ${percent(fromG[0])} of the curvature along the steepest direction and ${percent(median(fromG))} along the middle one of the leading ${fromG.length}; its trace is ${percent(traces.gaussNewton.value / traces.hessian.value)} of the Hessian’s. ${median(fromG) > 0.9 ? 'Methods that replace one by the other (Gauss-Newton, natural gradient, K-FAC) see the same leading directions here.' : 'The rest comes from the curvature of the outputs themselves, which Gauss-Newton methods do not see.'}`,
  ];
  const limits = [...m.limits];
  if (!top.converged)
    limits.push(
      `Not all of the leading ${top.values.length} eigenvalues converged; the largest residual is ${numberText(Math.max(...top.residuals))}.`,
    );
  if (!lowest.converged)
    limits.push(
      `The lowest eigenvalues lie close together and are known only to ± ${numberText(lowest.residuals[0])}.`,
    );
  limits.push(
    'Where activations have kinks (ReLU, max-pooling) the second derivative is that of the piece these weights are on.',
  );
  return {
    headline: `Steepest curvature ${numberText(largest)}, so learning rates up to ${numberText(2 / largest)} are stable; ${percent(mean(s.nearZero))} of all directions are flat.`,
    ...{ numbers, reading, limits },
    figures: [densityFigure(m), eigenvalueFigure(m, gaussNewton.values)],
  };
}

const within = (values: readonly number[]): readonly [number, number] => {
  const [low, high] = meanInterval(values);
  return [Math.max(0, low), Math.min(1, high)];
};

/** After which of the leading positive eigenvalues the largest factor to the next lies. */
export function gapOf(values: readonly number[]): { count: number; ratio: number } {
  let best = { count: values.length, ratio: 1 };
  for (let i = 0; i + 1 < values.length && values[i + 1] > 0; i++) {
    const ratio = values[i] / values[i + 1];
    if (ratio > best.ratio) best = { count: i + 1, ratio };
  }
  return best;
}

function densityFigure({ quadrature, top, lowest, size }: HessianSpectrum): Figure {
  const { grid, density, standardError } = spectralDensity(quadrature, { points: 400 });
  const floor = 0.05 / size / (grid[1] - grid[0]);
  const rows = Array.from(grid, (x, i) => {
    const half =
      quadrature.rules.length > 1 ? studentTQuantile(0.975, quadrature.rules.length - 1) * standardError[i] : 0;
    return {
      x,
      y: Math.max(floor, density[i]),
      low: Math.max(floor, density[i] - half),
      high: Math.max(floor, density[i] + half),
    };
  });
  const marked = [...top.values, ...lowest.values];
  return {
    id: 'density',
    title: 'Most directions are flat, a few are steep',
    caption: `How many eigenvalues lie where (density, logarithmic; band: 95 % over ${quadrature.rules.length} random starts). The ticks below are the largest and lowest eigenvalues themselves. The peak at zero are the directions in which nothing happens; ticks far to the right are outliers, those left of zero directions in which the loss curves down. Each eigenvalue is drawn as a bump as wide as the method can resolve.`,
    panels: [
      {
        plot: {
          x: { label: 'eigenvalue of the Hessian' },
          y: { type: 'log', label: 'density', domain: [floor, Math.max(...rows.map(({ high }) => high)) * 1.3] },
          marks: [
            Plot.areaY(rows, { x: 'x', y1: 'low', y2: 'high', fill: '#4269d0', fillOpacity: 0.25 }),
            Plot.line(rows, { x: 'x', y: 'y', stroke: '#4269d0', strokeWidth: 1.5 }),
            Plot.ruleX(marked, { x: (v: number) => v, y1: floor, y2: floor * 3, stroke: '#ff725c', strokeWidth: 1.5 }),
          ],
        },
      },
    ],
  };
}

function eigenvalueFigure({ top, explained }: HessianSpectrum, ofG: readonly number[]): Figure {
  const rows = [
    ...top.values.map((value, i) => ({ rank: i + 1, value, matrix: 'Hessian' })),
    ...ofG.map((value, i) => ({ rank: i + 1, value, matrix: 'Gauss-Newton' })),
  ].filter(({ value }) => value > 0);
  const shares = explained
    .map((v, i) => ({ rank: i + 1, share: v / top.values[i] }))
    .filter((_, i) => top.values[i] > 0);
  const matrices = ['Hessian', 'Gauss-Newton'];
  return {
    id: 'leading',
    title: 'The leading eigenvalues, and how much of them Gauss-Newton sees',
    caption:
      'Left: the largest eigenvalues of the Hessian and of its Gauss-Newton part; a step down after as many as there are classes (or one less) is what theory expects. Right: along each leading direction of the Hessian, the share of the curvature that the Gauss-Newton part has (dashed: all of it).',
    panels: [
      {
        title: 'eigenvalues',
        plot: {
          color: { legend: true, domain: matrices, range: ['#4269d0', '#efb118'] },
          x: { label: 'rank', interval: 1, ticks: 8 },
          y: { type: 'log', label: 'eigenvalue' },
          marks: [Plot.dot(rows, { x: 'rank', y: 'value', stroke: 'matrix', strokeWidth: 2, r: 4 })],
        },
      },
      {
        title: 'share that Gauss-Newton has',
        plot: {
          x: { label: 'rank', interval: 1, ticks: 8 },
          y: {
            label: 'share of the curvature',
            domain: [
              Math.min(0, ...shares.map(({ share }) => share)),
              Math.max(1.1, ...shares.map(({ share }) => share)),
            ],
          },
          marks: [
            Plot.ruleY([1], { stroke: 'currentColor', strokeDasharray: '3 3' }),
            Plot.ruleY([0], { stroke: 'currentColor', strokeOpacity: 0.4 }),
            Plot.dot(shares, { x: 'rank', y: 'share', fill: '#3ca951', r: 4 }),
          ],
        },
      },
    ],
  };
}
