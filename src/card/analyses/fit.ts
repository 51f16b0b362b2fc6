/** The network and how well it does: the ground that everything else on the card stands on. */
import * as Plot from '@observablehq/plot';
import { namedLeaves } from '../../array/named-tree.ts';
import { constant } from '../../array/ndarray.ts';
import * as np from '../../numpy/index.ts';
import { type Analysis, type CardNumber, type Finding, targetsOf } from '../../results/analysis.ts';
import type { Figure } from '../../results/contract.ts';
import { countText, mean, numberText, percent } from '../../results/words.ts';
import { jit } from '../../runtime/index.ts';
import { meanInterval, proportionInterval, quantile } from '../../stats/index.ts';
import { vmap } from '../../transforms/index.ts';

export interface Fit {
  readonly parameters: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly size: number;
    readonly rms: number;
  }[];
  readonly layers: readonly { readonly name: string; readonly kind: string; readonly followedBy: string }[];
  readonly size: number;
  readonly inputShape: readonly number[];
  readonly outputs: number;
  readonly outputsAre: string;
  readonly work: number;
  readonly data: string;
  readonly selection: string;
  readonly n: number;
  readonly loss?: {
    readonly name: string;
    readonly formula: string;
    readonly reason: string;
    readonly perExample: Float32Array;
  };
  /** Of classes: examples by [class, predicted class]. */
  readonly confusion?: readonly (readonly number[])[];
  readonly classNames?: readonly string[];
  /** Factor on the logits that would make the cross-entropy smallest, and that loss. */
  readonly calibration?: { readonly factor: number; readonly loss: number };
  /** Of numbers: share of the variance that the outputs explain, and pairs to draw. */
  readonly regression?: {
    readonly explained: number;
    readonly pairs: readonly (readonly [target: number, output: number])[];
  };
}

export const fit: Analysis<Fit> = {
  name: 'fit',
  title: 'The network and its fit',
  question: 'What the network is, and how well it does on these data.',
  citations: [],
  obstacle: () => undefined,
  async measure(network) {
    const { params, layers, size, sample, outputs, outputsAre, work, loss, sampleOutputs } = network;
    const parameters = await Promise.all(
      [...namedLeaves(params, 'params')].map(async ([name, x]) => ({
        name,
        shape: x.shape,
        size: x.size,
        rms: Math.sqrt(((await x.data()) as Float32Array).reduce((sum: number, v: number) => sum + v * v, 0) / x.size),
      })),
    );
    const base: Fit = {
      ...{ parameters, size, inputShape: sample.shape, outputs, outputsAre, work, n: sample.n },
      ...{ data: sample.name, selection: sample.selection },
      layers: layers.map(({ name, kind, followedBy = 'nothing' }) => ({ name, kind, followedBy })),
    };
    if (loss === undefined) return base;
    const all = Int32Array.from({ length: sample.n }, (_, i) => i);
    const one = (y: np.NDArray, t: np.NDArray) => loss.of(np.expandDims(y, 0), np.expandDims(t, 0));
    const outputsOfAll = constant(sampleOutputs, [sample.n, outputs]);
    const perExample = (await jit(vmap(one))(outputsOfAll, targetsOf(network, all)).data()) as Float32Array;
    const { name, formula, reason } = loss;
    const judged = { ...base, loss: { name, formula, reason, perExample } };
    const { labels, targets, classNames } = sample;
    if (labels !== undefined && classNames !== undefined) {
      const confusion = classNames.map(() => classNames.map(() => 0));
      labels.forEach((label, i) => {
        confusion[label][predicted(sampleOutputs.subarray(i * outputs, (i + 1) * outputs), name)]++;
      });
      const calibration = name === 'cross-entropy' ? { calibration: bestFactor(sampleOutputs, labels, outputs) } : {};
      return { ...judged, confusion, classNames, ...calibration };
    }
    return { ...judged, regression: explained(targets!, sampleOutputs, outputs) };
  },
  describe: describeFit,
};

/** The class with the largest output; of one output its sign, or which of 0 and 1 it is nearer to. */
function predicted(outputs: Float32Array, loss: string): number {
  if (outputs.length === 1) return outputs[0] > (loss === 'squared-error' ? 0.5 : 0) ? 1 : 0;
  return outputs.reduce((best, v, k) => (v > outputs[best] ? k : best), 0);
}

/** Guo et al. (arXiv 1706.04599), section 4.2: one over their temperature, by golden section on its logarithm. */
export function bestFactor(logits: Float32Array, labels: Int32Array, K: number): { factor: number; loss: number } {
  const loss = (log: number) => {
    const factor = Math.exp(log);
    let sum = 0;
    for (let i = 0; i < labels.length; i++) {
      const row = logits.subarray(i * K, (i + 1) * K);
      const largest = row.reduce((a, b) => Math.max(a, b));
      let total = 0;
      for (const z of row) total += Math.exp(factor * (z - largest));
      sum += Math.log(total) - factor * (row[labels[i]] - largest);
    }
    return sum / labels.length;
  };
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(1e-3), Math.log(1e3)];
  for (let round = 0; round < 40; round++) {
    const [a, b] = [high - golden * (high - low), low + golden * (high - low)];
    if (loss(a) < loss(b)) high = b;
    else low = a;
  }
  return { factor: Math.exp((low + high) / 2), loss: loss((low + high) / 2) };
}

function explained(targets: Float32Array, outputs: Float32Array, K: number): Fit['regression'] {
  const n = targets.length / K;
  let [left, total] = [0, 0];
  for (let k = 0; k < K; k++) {
    let mean = 0;
    for (let i = 0; i < n; i++) mean += targets[i * K + k] / n;
    for (let i = 0; i < n; i++) {
      left += (targets[i * K + k] - outputs[i * K + k]) ** 2;
      total += (targets[i * K + k] - mean) ** 2;
    }
  }
  const shown = Array.from({ length: Math.min(n, 500) }, (_, i): [number, number] => [targets[i * K], outputs[i * K]]);
  return { explained: 1 - left / total, pairs: shown };
}

export function describeFit(m: Fit): Finding {
  const limits =
    m.loss === undefined ? ['The data has no labels or targets: no loss, and nothing that needs one.'] : [];
  const numbers: CardNumber[] = [
    {
      quantity: 'parameters',
      value: m.size,
      note: `${m.parameters.length} arrays, ${m.layers.length} dense or convolutional layers`,
    },
    {
      quantity: 'numbers per input',
      value: m.inputShape.reduce((a, b) => a * b, 1),
      note: `[${m.inputShape.join(', ')}]`,
    },
    { quantity: 'outputs', value: m.outputs, note: m.outputsAre },
    { quantity: 'multiplications for one example', value: m.work },
    { quantity: 'examples', value: m.n, note: `${m.data}: ${m.selection}` },
  ];
  const reading = [
    `The network has ${countText(m.size)} parameters in ${m.layers.length} dense or convolutional layers; its activations are ${activations(m)}.`,
  ];
  if (m.loss === undefined) {
    return {
      headline: `${countText(m.size)} parameters; no labels to judge it by.`,
      numbers,
      figures: layerFigures(m),
      reading,
      limits,
    };
  }
  const { perExample, name, formula, reason } = m.loss;
  const loss = mean(perExample);
  numbers.push({
    quantity: `loss (${name})`,
    value: loss,
    interval: meanInterval(perExample),
    note: `95 %; ${formula}; chosen because ${reason}`,
  });
  const half = quantile(perExample, 0.9);
  const worst = [...perExample].sort((a, b) => b - a).slice(0, Math.ceil(m.n / 10));
  const share = worst.reduce((a, b) => a + b, 0) / perExample.reduce((a, b) => a + b, 0);
  reading.push(
    `The mean loss is ${numberText(loss)}; the tenth of the examples with the largest loss (above ${numberText(half)}) makes up ${percent(share)} of it.`,
  );
  if (m.regression !== undefined) {
    numbers.push({ quantity: 'variance explained (R²)', value: m.regression.explained });
    reading.push(`The outputs explain ${percent(m.regression.explained)} of the variance of the targets.`);
    const warnings =
      m.regression.explained < 0.1
        ? [
            'The outputs explain hardly any of the targets. Are inputs and targets scaled as in training (--scale, --mean, --std)?',
          ]
        : [];
    return {
      headline: `${countText(m.size)} parameters, R² ${numberText(m.regression.explained)}.`,
      numbers,
      figures: [...regressionFigures(m), ...layerFigures(m)],
      reading,
      warnings,
      limits,
    };
  }
  return describeClasses(m, numbers, reading, limits);
}

function describeClasses(m: Fit, numbers: CardNumber[], reading: string[], limits: string[]): Finding {
  const confusion = m.confusion!;
  const names = m.classNames!;
  const right = confusion.reduce((sum, row, k) => sum + row[k], 0);
  const accuracy = right / m.n;
  const interval = proportionInterval(right, m.n);
  const chance = Math.max(...confusion.map((row) => row.reduce((a, b) => a + b, 0))) / m.n;
  numbers.push(
    { quantity: 'accuracy', value: accuracy, interval, note: `95 %, ${right} of ${m.n}` },
    { quantity: 'accuracy of always answering the most frequent class', value: chance },
  );
  reading.push(
    `It is right for ${percent(accuracy)} of the examples (95 % interval ${percent(interval[0])} to ${percent(interval[1])}).`,
  );
  const pairs = confusion.flatMap((row, i) =>
    row.flatMap((count, j) => (i === j || count === 0 ? [] : [{ i, j, count }])),
  );
  const [most] = pairs.sort((a, b) => b.count - a.count);
  if (most !== undefined) {
    reading.push(
      `Its most frequent mistake takes "${names[most.i]}" for "${names[most.j]}" (${most.count} of ${m.n - right} mistakes).`,
    );
  }
  const warnings: string[] = [];
  if (m.calibration !== undefined) {
    const { factor, loss } = m.calibration;
    const now = mean(m.loss!.perExample);
    numbers.push({
      quantity: 'factor on the logits that would fit best',
      value: factor,
      note: `loss ${numberText(loss)} with it; below 1 the network is too sure of itself, above 1 not sure enough`,
    });
    reading.push(
      `${factor < 0.8 ? 'It is surer than it should be' : factor > 1.25 ? 'It is less sure than it could be' : 'It is about as sure as it should be'}: logits times ${numberText(factor, 2)} would give the smallest loss, ${numberText(loss)}.`,
    );
    if (loss < 0.5 * now && accuracy > 2 * chance) {
      warnings.push(
        `The loss, ${numberText(now)}, is large for an accuracy of ${percent(accuracy)}: logits times ${numberText(factor, 2)} would bring it to ${numberText(loss)}. Was the network trained with another loss, or a softmax before it? If its outputs are meant to be the one-hot vectors, look at it with --loss squared-error; curvature and gradients below are those of the ${m.loss!.name} as it is.`,
      );
    }
  }
  // Twice as good as chance is still suspicious for a finished network; few classes leave less room above chance.
  if (accuracy < Math.min(2 * chance, (1 + chance) / 2)) {
    warnings.push(
      `The accuracy, ${percent(accuracy)}, is near that of always giving the same answer, ${percent(chance)}. Everything below describes the network on these inputs: check the preprocessing (--scale, --mean, --std, --layout), the data set, and --output.`,
    );
    const order = relabelled(confusion);
    if (order.right / m.n > Math.max(0.5, 2 * accuracy)) {
      warnings.push(
        `With the classes in another order it would be right for ${percent(order.right / m.n)}: it seems to number them so: ${order.to
          .map((j, i) => `"${names[i]}" as ${j}`)
          .slice(0, 12)
          .join(', ')}${order.to.length > 12 ? ', …' : ''}.`,
      );
    }
  }
  return {
    headline: `${countText(m.size)} parameters, right for ${percent(accuracy)} of ${m.n} examples.`,
    ...{ numbers, reading, warnings, limits },
    figures: [...classFigures(m), ...layerFigures(m)],
  };
}

/** The order of classes that makes most predictions right, greedily: which output means class i. */
export function relabelled(confusion: readonly (readonly number[])[]): { to: number[]; right: number } {
  const cells = confusion.flatMap((row, i) => row.map((count, j) => ({ i, j, count })));
  const to = confusion.map(() => -1);
  const taken = new Set<number>();
  let right = 0;
  for (const { i, j, count } of cells.sort((a, b) => b.count - a.count)) {
    if (to[i] >= 0 || taken.has(j)) continue;
    to[i] = j;
    taken.add(j);
    right += count;
  }
  return { to, right };
}

function activations({ layers }: Fit): string {
  const counts = new Map<string, number>();
  for (const { followedBy } of layers)
    if (followedBy !== 'nothing') counts.set(followedBy, (counts.get(followedBy) ?? 0) + 1);
  return [...counts].map(([type, count]) => `${type} (${count})`).join(', ') || 'none that follow a layer directly';
}

function layerFigures(m: Fit): Figure[] {
  const rows = m.parameters.filter(({ size }) => size > 1).slice(0, 60);
  return [
    {
      id: 'layers',
      title: 'Where the parameters are',
      caption: `Size of each array of parameters${rows.length < m.parameters.length ? ` (the first ${rows.length} of ${m.parameters.length})` : ''}, and how large its entries are (root mean square). Entries of very different size mean that one step of training moves layers by very different shares.`,
      panels: [
        {
          title: 'entries',
          plot: {
            marginLeft: 130,
            height: Math.max(120, 60 + 16 * rows.length),
            x: { type: 'log', label: 'number of entries' },
            y: { domain: rows.map(({ name }) => name), label: null, tickFormat: shortName },
            marks: [Plot.barX(rows, { y: 'name', x1: 0.7, x2: 'size', fill: '#4269d0' })],
          },
        },
        {
          title: 'root mean square of the entries',
          plot: {
            marginLeft: 130,
            height: Math.max(120, 60 + 16 * rows.length),
            x: { type: 'log', label: 'root mean square' },
            y: { domain: rows.map(({ name }) => name), label: null, tickFormat: shortName },
            marks: [
              Plot.dot(
                rows.filter(({ rms }) => rms > 0),
                { y: 'name', x: 'rms', fill: '#ff725c', r: 4 },
              ),
            ],
          },
        },
      ],
    },
  ];
}

const shortName = (name: string): string => (name.length <= 18 ? name : `…${name.slice(-17)}`);

function classFigures(m: Fit): Figure[] {
  const names = m.classNames!;
  const losses = Array.from(m.loss!.perExample);
  const positive = losses.filter((v) => v > 0);
  const histogram: Figure['panels'][number] = {
    title: 'loss per example',
    plot: {
      x: { type: 'log', label: `${m.loss!.name} of one example`, ticks: 5 },
      y: { label: 'examples' },
      marks: [
        Plot.rectY(bins(positive.map(Math.log10), 30), {
          x1: (d) => 10 ** d.from,
          x2: (d) => 10 ** d.to,
          y: 'count',
          fill: '#4269d0',
        }),
        Plot.ruleX([mean(losses)], { stroke: 'currentColor', strokeDasharray: '3 3' }),
      ],
    },
  };
  const caption =
    'Most of the loss sits in few examples when the right-hand end of the histogram is far from the rest (dashed: the mean).';
  if (names.length > 25) {
    return [{ id: 'fit', title: 'Which examples cost the loss', caption, panels: [histogram] }];
  }
  const cells = m.confusion!.flatMap((row, i) => {
    const total = Math.max(
      1,
      row.reduce((a, b) => a + b, 0),
    );
    return row.map((count, j) => ({ truth: names[i], answer: names[j], count, share: count / total }));
  });
  return [
    {
      id: 'fit',
      title: 'What it answers, and which examples cost the loss',
      caption: `Left: of the examples of each class (rows) the share that gets each answer (columns); a good network is dark on the diagonal only. Right: ${caption.toLowerCase()}`,
      panels: [
        {
          title: 'answers by class',
          plot: {
            height: 316,
            marginLeft: 80,
            marginBottom: 80,
            padding: 0.05,
            x: { domain: names, label: 'answer', tickRotate: -50 },
            y: { domain: names, label: 'class' },
            color: { type: 'linear', domain: [0, 1], scheme: 'blues', label: 'share of the class' },
            marks: [
              Plot.cell(cells, { x: 'answer', y: 'truth', fill: 'share' }),
              Plot.text(
                cells.filter(({ count }) => count > 0),
                {
                  x: 'answer',
                  y: 'truth',
                  text: (d) => String(d.count),
                  fill: (d) => (d.share > 0.5 ? 'white' : 'black'),
                  fontSize: names.length > 12 ? 6 : 8,
                },
              ),
            ],
          },
        },
        histogram,
      ],
    },
  ];
}

function regressionFigures(m: Fit): Figure[] {
  const { pairs } = m.regression!;
  return [
    {
      id: 'fit',
      title: 'Outputs against targets',
      caption: 'Each dot is an example; on the dashed line the output is the target (first output).',
      panels: [
        {
          plot: {
            x: { label: 'target' },
            y: { label: 'output' },
            marks: [
              Plot.line(
                [Math.min(...pairs.map(([t]) => t)), Math.max(...pairs.map(([t]) => t))].map((t) => [t, t]),
                { stroke: 'currentColor', strokeDasharray: '3 3' },
              ),
              Plot.dot(pairs, { x: '0', y: '1', r: 2, fill: '#4269d0', fillOpacity: 0.6 }),
            ],
          },
        },
      ],
    },
  ];
}

/** Counts in equal bins. */
export function bins(values: readonly number[], most: number): { from: number; to: number; count: number }[] {
  if (values.length === 0) return [];
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const width = (high - low || 1) / most;
  const counts = Array.from({ length: most }, (_, i) => ({
    from: low + i * width,
    to: low + (i + 1) * width,
    count: 0,
  }));
  for (const v of values) counts[Math.min(most - 1, Math.floor((v - low) / width))].count++;
  return counts;
}
