/** @file The paper's key figures, redrawn from the measurements with what theory predicts in the same axes. */
import * as Plot from '@observablehq/plot';
import type { Figure } from '../../contract.ts';
import { type Measurements, meanOver } from './claims.ts';
import type { SequentialCurve } from './measure/sequential.ts';
import type { PhaseDiagram } from './phase-diagram.ts';
import type { Settings } from './settings.ts';

const wide = { width: 640, height: 360, marginLeft: 60, marginBottom: 42 } as const;
const narrow = { width: 330, height: 330, marginLeft: 56, marginBottom: 42 } as const;
const accuracyColor = { type: 'linear', domain: [0, 1], scheme: 'viridis', label: 'accuracy', legend: true } as const;

const kindName = { gaussian: 'Gaussian', orthogonal: 'orthogonal' } as const;
const cellName = { minimal: 'minimalRNN', gru: 'GRU', lstm: 'LSTM', vanilla: 'vanilla' } as const;

function phasePanel({ x, y, xi, critical }: PhaseDiagram, labels: [string, string], legend: boolean): Plot.PlotOptions {
  const half = (values: readonly number[]) => (values[1] - values[0]) / 2;
  const [dx, dy] = [half(x.values), half(y.values)];
  const cells = y.values.flatMap((b, j) =>
    x.values.map((a, i) => ({
      x1: a - dx,
      x2: a + dx,
      y1: b - dy,
      y2: b + dy,
      xi: Math.min(1000, Math.max(1, xi[j * x.values.length + i])),
    })),
  );
  const line = critical.map(([x1, y1, x2, y2]) => ({ x1, y1, x2, y2 }));
  return {
    ...narrow,
    color: { type: 'log', domain: [1, 1000], scheme: 'viridis', label: 'time scale xi (steps)', legend },
    x: { label: labels[0] },
    y: { label: labels[1] },
    marks: [
      Plot.rect(cells, { x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2', fill: 'xi', inset: -0.3 }),
      Plot.link(line, { x1: 'x1', y1: 'y1', x2: 'x2', y2: 'y2', stroke: 'red', strokeWidth: 2 }),
    ],
  };
}

function phaseFigure(_: Settings, { theory: { phases } }: Measurements): Figure {
  return {
    id: 'phases',
    title: 'Order, chaos and the line between them',
    caption:
      'Time scale xi over two parameters of the initialisation; on the red line chi = 1 and xi is infinite (drawn up to 1000 steps). The bright band, where long sequences can be learned, is thin for the vanilla cell and, at mean biases from about 5 on, broad for the minimalRNN.',
    panels: [
      { title: 'vanilla RNN', plot: phasePanel(phases.vanilla, ['σ_w of W', 'σ_v of V'], true) },
      {
        title: 'minimalRNN',
        plot: phasePanel(phases.minimal, ['mean bias μ_b', 'σ_w of W'], false),
      },
    ],
  };
}

function trajectoryFigure(_: Settings, { trajectories }: Measurements): Figure {
  const rows = (pick: (t: Measurements['trajectories'][number]) => readonly number[]) =>
    trajectories.flatMap((t) => pick(t).map((c, step) => ({ step: step + 1, c, bias: String(t.mub) })));
  const panel = (pick: (t: Measurements['trajectories'][number]) => readonly number[], legend: boolean) => ({
    ...narrow,
    color: { legend, domain: trajectories.map((t) => String(t.mub)), label: 'mean bias' },
    x: { label: 'step' },
    y: { label: 'correlation of the states', domain: [-0.1, 1] },
    marks: [
      Plot.line(
        rows((t) => t.theory),
        { x: 'step', y: 'c', stroke: 'bias', strokeWidth: 1.8 },
      ),
      Plot.dot(
        rows(pick).filter(({ step }) => step % 3 === 0),
        { x: 'step', y: 'c', stroke: 'bias', r: 2.2, clip: true },
      ),
    ],
  });
  return {
    id: 'trajectories',
    title: 'Two sequences whose inputs are equal from step 11 on',
    caption:
      'Correlation of the hidden states of two sequences: theory (lines) and the mean over simulated networks (dots). Ordered networks (mean bias -3; 5.5, slowly) come to agree; chaotic ones (2) stay apart although they read the same. Theory takes the weights as drawn anew at each step; look where weights that stay leave it.',
    panels: [
      { title: 'weights drawn anew at each step', plot: panel((t) => meanOver(t.untied), true) },
      { title: 'weights that stay', plot: panel((t) => meanOver(t.tied), false) },
    ],
  };
}

function spectrumFigure(_: Settings, { spectra }: Measurements): Figure {
  return {
    id: 'spectra',
    title: 'Squared singular values of one step’s Jacobian at critical points',
    caption:
      'Histograms of the squared singular values (first seed, matrices of 200 units at most). The red line is the predicted mean, 1 at criticality; the thick red bar on the axis spans the predicted mean ± one standard deviation. Dynamical isometry means a narrow histogram: orthogonal weights bring it to the vanilla cell, open gates (a large mean bias) to the minimalRNN, whatever its weights.',
    panels: spectra.map((s) => {
      const squares = s.singularValues.map((value) => value ** 2);
      const deviation = Math.sqrt(s.meanFieldSpread);
      const most = Math.min(Math.max(...squares), 1 + 4 * deviation);
      return {
        title: `${s.name.replace('mu_b', 'μ_b')}, ${kindName[s.kind]}`,
        plot: {
          ...narrow,
          height: 230,
          x: { label: 'squared singular value', domain: [0, Math.max(most, 1.2)] },
          y: { label: 'count' },
          marks: [
            Plot.rectY(
              squares.filter((value) => value <= most),
              Plot.binX({ y: 'count' }, { x: (value: number) => value, thresholds: 40 }),
            ),
            Plot.ruleX([1], { stroke: 'red', strokeWidth: 1.5 }),
            Plot.ruleY([0]),
            Plot.link([{ x1: Math.max(0, 1 - deviation), x2: 1 + deviation, y: 0 }], {
              x1: 'x1',
              x2: 'x2',
              y1: 'y',
              y2: 'y',
              stroke: 'red',
              strokeWidth: 5,
              strokeOpacity: 0.7,
              clip: true,
            }),
          ],
        } satisfies Plot.PlotOptions,
      };
    }),
  };
}

function spreadFigure(_: Settings, { theory: { spreads } }: Measurements): Figure {
  const of = (cell: 'vanilla' | 'minimal') => spreads.filter((s) => s.cell === cell);
  const marks = (cell: 'vanilla' | 'minimal') => [
    Plot.line(of(cell), { x: 'at', y: 'spread', strokeWidth: 1.8 }),
    Plot.dot(of(cell), { x: 'at', y: 'spread', fill: 'currentColor', r: 2.5 }),
  ];
  return {
    id: 'isometry',
    title: 'The way to dynamical isometry along the critical line',
    caption:
      'Predicted variance of the squared singular values where chi = 1. It vanishes with the size of the pre-activations in a vanilla cell with orthogonal weights, and with opening gates in the minimalRNN.',
    panels: [
      {
        title: 'vanilla RNN, orthogonal weights',
        plot: {
          ...narrow,
          x: { type: 'log', label: 'variance q* of the pre-activations', ticks: 4 },
          y: { type: 'log', label: 'variance of the squared singular values', ticks: 5 },
          marks: marks('vanilla'),
        },
      },
      {
        title: 'minimalRNN, Gaussian weights',
        plot: {
          ...narrow,
          x: { label: 'mean bias μ_b' },
          y: { type: 'log', label: 'variance of the squared singular values', ticks: 5 },
          marks: marks('minimal'),
        },
      },
    ],
  };
}

function sweepFigure({ sweepLength, sweepRates }: Settings, { sweep }: Measurements): Figure {
  const panel = (cell: 'minimal' | 'vanilla', label: string, legend: boolean) => {
    const s = sweep.find((found) => found.cell === cell)!;
    const rows = s.at.flatMap((at, i) => [
      { at, value: Math.max(...s.accuracy[i]), what: 'accuracy' },
      { at, value: Math.min(s.chi[i], 1 / s.chi[i]) ** (sweepLength / 6), what: 'theory: exp(-T |ln chi| / 6)' },
    ]);
    return {
      ...narrow,
      color: { legend, domain: ['accuracy', 'theory: exp(-T |ln chi| / 6)'] },
      x: { label },
      y: { label: 'accuracy; theory', domain: [0, 1] },
      marks: [
        Plot.ruleY([0.1], { stroke: 'currentColor', strokeDasharray: '3 3', strokeOpacity: 0.5 }),
        Plot.line(rows, { x: 'at', y: 'value', stroke: 'what', strokeWidth: 1.8 }),
        Plot.dot(rows, { x: 'at', y: 'value', fill: 'what', r: 3 }),
      ],
    };
  };
  return {
    id: 'sweep',
    title: `Which initialisations learn to remember over ${sweepLength} steps`,
    caption: `Accuracy on held-out digits at the best of the rates ${sweepRates.join(', ')} of Adam, over the prior of each cell, beside how critical theory says the initialisation is (1 at chi = 1). The minimalRNN learns on a broad band of open gates, the vanilla cell near its critical line (chance: dashed).`,
    panels: [
      { title: 'minimalRNN', plot: panel('minimal', 'mean bias μ_b', true) },
      { title: 'vanilla RNN', plot: panel('vanilla', 'σ_w of W', false) },
    ],
  };
}

function lengthFigure({ lengthRate }: Settings, { lengths }: Measurements): Figure {
  const cells = lengths.accuracy.flatMap((row, b) =>
    row.map((accuracy, t) => ({ bias: String(lengths.biases[b]), T: lengths.lengths[t], accuracy })),
  );
  const [low, high] = [lengths.lengths[0], lengths.lengths[lengths.lengths.length - 1]];
  const curve = lengths.xi.map((xi, b) => ({
    bias: String(lengths.biases[b]),
    T: Math.min(high * 1.3, Math.max(low / 1.3, 6 * xi)),
  }));
  return {
    id: 'lengths',
    title: 'How long a sequence the minimalRNN learns from',
    caption: `Accuracy by mean bias and length of the sequence (Adam with rate ${lengthRate}). The red line is 6 xi, cut at the range of the lengths: theory says that what lies below it can be learned.`,
    panels: [
      {
        plot: {
          ...wide,
          color: accuracyColor,
          x: { type: 'band', label: 'mean bias μ_b', domain: lengths.biases.map(String) },
          y: {
            type: 'log',
            label: 'length T',
            domain: [low / 1.5, high * 1.5],
          },
          marks: [
            // With texts of its own: a logarithmic axis leaves out labels.
            Plot.axisY(lengths.lengths, { text: (length: number) => String(length) }),
            Plot.barY(cells, {
              x: 'bias',
              y1: (d: { T: number }) => d.T / 1.38,
              y2: (d: { T: number }) => d.T * 1.38,
              fill: 'accuracy',
            }),
            Plot.line(curve, { x: 'bias', y: 'T', stroke: 'red', strokeWidth: 2.5 }),
          ],
        },
      },
    ],
  };
}

function criticalFigure({ vanillaRate, minimalRate, criticalLength }: Settings, { critical }: Measurements): Figure {
  const rows = (curves: Measurements['critical']['vanilla']) =>
    curves.flatMap((c) =>
      meanOver(c.accuracy).map((accuracy, t) => ({
        step: c.steps[t],
        accuracy,
        name: c.permuted ? `${c.name}, random labels` : c.name,
        kind: c.kind,
      })),
    );
  const panel = (curves: Measurements['critical']['vanilla']) => ({
    ...narrow,
    width: 400,
    color: { legend: true },
    x: { label: 'training step' },
    y: { label: 'accuracy', domain: [0, 1] },
    marks: [
      Plot.ruleY([0.1], { stroke: 'currentColor', strokeDasharray: '3 3', strokeOpacity: 0.5 }),
      ...(['orthogonal', 'gaussian'] as const).map((kind) =>
        Plot.line(
          rows(curves).filter((row) => row.kind === kind),
          {
            x: 'step',
            y: 'accuracy',
            stroke: 'name',
            strokeWidth: 2,
            ...(kind === 'gaussian' ? { strokeDasharray: '5 3' } : {}),
          },
        ),
      ),
    ],
  });
  return {
    id: 'learning',
    title: `Learning to remember a digit over ${criticalLength} steps`,
    caption: `Mean over seeds; orthogonal recurrent weights solid, Gaussian ones dashed. Thin dashes: chance. Theory: left, near the critical line (σ_w = 1.05) the vanilla cell learns, faster with orthogonal weights; below it (σ_w = 0.9) with neither (Adam, ${vanillaRate}). Right, the minimalRNN, Gaussian weights only, learns with open gates (μ_b = 5.5) and not with closed ones (Adam, ${minimalRate}).`,
    panels: [
      { title: 'vanilla RNN', plot: panel(critical.vanilla) },
      { title: 'minimalRNN', plot: panel(critical.minimal) },
    ],
  };
}

function sequentialFigure(sequential: readonly SequentialCurve[]): Figure {
  const panel = (cell: 'vanilla' | 'minimal', legend: boolean) => ({
    ...narrow,
    color: { legend },
    x: { type: 'log' as const, label: 'training step' },
    y: { label: 'accuracy', domain: [0, 1] },
    marks: [
      Plot.line(
        sequential
          .filter((c) => c.cell === cell)
          .flatMap((c) =>
            meanOver(c.accuracy).map((accuracy, t) => ({
              step: Math.max(1, c.steps[t]),
              accuracy,
              name: `${c.critical ? 'critical' : 'σ_w + 10 %'}, ${kindName[c.kind]}${c.permuted ? ', random labels' : ''}`,
            })),
          ),
        { x: 'step', y: 'accuracy', stroke: 'name', strokeWidth: 1.8 },
      ),
    ],
  });
  return {
    id: 'sequential',
    title: 'Images read piece by piece',
    caption:
      'Accuracy on held-out digits, mean over seeds. Theory: the critical, orthogonal vanilla cell is the fastest; in the minimalRNN the kind of weights matters less.',
    panels: [
      { title: 'vanilla RNN', plot: panel('vanilla', true) },
      { title: 'minimalRNN', plot: panel('minimal', false) },
    ],
  };
}

function languageFigure(
  { languageSteps, languageRates }: Settings,
  found: NonNullable<Measurements['language']>,
): Figure {
  const rows = found.results.flatMap(({ cell, units, bits }) =>
    bits.flatMap((row, r) =>
      row.slice(1).map((value, t) => ({
        step: ((t + 1) * languageSteps) / (row.length - 1),
        bits: value,
        cell: `${cellName[cell]}, ${units} units`,
        rate: r,
      })),
    ),
  );
  return {
    id: 'language',
    title: 'The next character of a text',
    caption: `Bits per character on held-out text, cells of equally many parameters, one line per rate of Adam (${languageRates.join(', ')}; from faint to strong). Dashed: by the frequencies of single characters. Not comparable with the paper’s word models.`,
    panels: [
      {
        plot: {
          ...wide,
          color: { legend: true },
          x: { label: 'training step' },
          y: { label: 'bits per character' },
          marks: [
            Plot.ruleY([found.unigram], { strokeDasharray: '3 3' }),
            ...languageRates.map((_, r) =>
              Plot.line(
                rows.filter(({ rate }) => rate === r),
                {
                  x: 'step',
                  y: 'bits',
                  stroke: 'cell',
                  strokeWidth: 1.8,
                  strokeOpacity: (r + 1) / languageRates.length,
                },
              ),
            ),
          ],
        },
      },
    ],
  };
}

export const figures = (settings: Settings, measurements: Measurements): Figure[] => [
  ...[phaseFigure, trajectoryFigure, spectrumFigure, spreadFigure, sweepFigure, lengthFigure, criticalFigure].map(
    (draw) => draw(settings, measurements),
  ),
  ...(measurements.sequential === null ? [] : [sequentialFigure(measurements.sequential)]),
  ...(measurements.language === null ? [] : [languageFigure(settings, measurements.language)]),
];
