/** @file The paper's key figures, redrawn from the measurements with what theory predicts in the same axes. */
import * as Plot from '@observablehq/plot';
import type { Figure } from '../../contract.ts';
import type { Measurements } from './claims.ts';
import type { DecayCurve } from './decay-measurement.ts';
import type { TracedRuns } from './measure/frequency-order.ts';
import { kernelBins } from './measure/label-noise.ts';
import type { Settings } from './settings.ts';

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

/** At most `most` evenly spread positions of a list of `n`. */
const spread = (n: number, most: number): number[] => {
  const stride = Math.max(1, Math.ceil(n / most));
  return Array.from({ length: Math.ceil(n / stride) }, (_, i) => i * stride);
};

const wide = { width: 640, height: 360, marginLeft: 60, marginBottom: 42 } as const;
const narrow = { width: 330, height: 330, marginLeft: 56, marginBottom: 42 } as const;
const capturedColor = {
  type: 'linear',
  domain: [0, 1],
  scheme: 'viridis',
  clamp: true,
  label: 'captured fraction',
  legend: true,
} as const;

function heatMap(runs: TracedRuns, frequencies: readonly number[], legend: boolean): Plot.PlotOptions {
  const at = spread(runs.steps.length, 60);
  const cells = at.flatMap((t, i) =>
    frequencies.map((frequency, k) => ({
      frequency,
      from: runs.steps[t],
      to: runs.steps[at[i + 1] ?? runs.steps.length - 1],
      captured: mean(runs.captured.map((records) => records[t][k])),
    })),
  );
  return {
    ...narrow,
    width: 260,
    padding: 0,
    color: { ...capturedColor, legend },
    x: { type: 'band', label: 'frequency k', padding: 0.04 },
    y: { label: 'training step' },
    marks: [Plot.barY(cells, { x: 'frequency', y1: 'from', y2: 'to', fill: 'captured', inset: 0, insetTop: -0.3 })],
  };
}

function learningOrderFigure({ frequencies }: Settings, { order }: Measurements): Figure {
  return {
    id: 'learning-order',
    title: 'Low frequencies are learned first',
    caption:
      'How much of each target sinusoid the network has captured, by training step (mean over seeds; yellow = learned). With plain inputs the bright region climbs from left to right, whatever the amplitudes; with random Fourier features (control) all frequencies light up at once, in a small part of the time.',
    panels: [
      { title: 'equal amplitudes', plot: heatMap(order.equal, frequencies, true) },
      { title: 'growing amplitudes, 0.1 i', plot: heatMap(order.growing, frequencies, false) },
      { title: 'control: Fourier features', plot: heatMap(order.features, frequencies, false) },
    ],
  };
}

function normsFigure(_: Settings, { order }: Measurements): Figure {
  const { equal, clipped } = order;
  const at = spread(equal.steps.length, 120);
  const rows = (runs: TracedRuns) =>
    at.flatMap((t) =>
      runs.norms[0][t].map((__, layer) => ({
        step: runs.steps[t],
        layer: `layer ${layer + 1}`,
        norm: mean(runs.norms.map((records) => records[t][layer])),
      })),
    );
  const plot = (runs: TracedRuns, legend: boolean): Plot.PlotOptions => ({
    ...narrow,
    color: { legend },
    x: { label: 'training step', ticks: 5 },
    y: { type: 'log', label: 'spectral norm ‖W‖', domain: [0.4, Math.max(...rows(equal).map((r) => r.norm)) * 1.2] },
    marks: [Plot.line(rows(runs), { x: 'step', y: 'norm', stroke: 'layer', strokeWidth: 2, clip: true })],
  });
  return {
    id: 'spectral-norms',
    title: 'Fitting higher frequencies costs larger weights',
    caption:
      'Spectral norm of every layer while the equal-amplitude target is learned (mean over seeds). Their product bounds the Lipschitz constant and with it the amplitude of high frequencies; clipping the parameters (control) keeps it, and the learned frequencies, low.',
    panels: [
      { title: 'free', plot: plot(equal, true) },
      { title: 'control: parameters clipped', plot: plot(clipped, false) },
    ],
  };
}

function fitFigure(_: Settings, { order: { fit } }: Measurements): Figure {
  const rows = fit.z.flatMap((z, j) => [
    { z, value: fit.target[j], curve: 'target' },
    { z, value: fit.output[j], curve: 'network' },
  ]);
  return {
    id: 'fit',
    title: 'Target and network at the end of training',
    caption:
      'First seed, equal amplitudes: the slow waves are in place, the fast ones are still missing where the curves part.',
    panels: [
      {
        plot: {
          ...wide,
          height: 260,
          color: { legend: true, domain: ['target', 'network'] },
          x: { label: 'z' },
          y: { label: 'value' },
          marks: [Plot.line(rows, { x: 'z', y: 'value', stroke: 'curve', strokeWidth: 1.8 })],
        },
      },
    ],
  };
}

function robustnessFigure(settings: Settings, { robustness }: Measurements): Figure {
  const rows = settings.norms.flatMap((norm, d) =>
    settings.robustFrequencies.map((frequency, k) => ({
      norm,
      frequency,
      ratio: mean(robustness.robustness.map((r) => r.meanMagnitude[d][k])),
    })),
  );
  const { control } = robustness;
  const shown = control.frequencies.filter((k) => k <= Math.max(...settings.robustFrequencies));
  const controlRows = settings.norms.flatMap((norm, d) =>
    shown.map((frequency) => ({ norm, frequency, ratio: control.robustness.meanMagnitude[d][frequency - 1] })),
  );
  const top = Math.max(...rows.map((r) => r.ratio), 1.2);
  const plot = (data: typeof rows, legend: boolean): Plot.PlotOptions => ({
    ...narrow,
    // Purple to orange: the part of the scheme that reads on white and on black.
    color: { type: 'linear', scheme: 'warm', range: [0, 0.7], label: 'length of the perturbation', legend },
    x: { label: 'frequency k' },
    y: { label: '|f̂(k)| perturbed / clean', domain: [0, top] },
    marks: [
      Plot.ruleY([1], { stroke: 'currentColor', strokeDasharray: '3 3', strokeOpacity: 0.5 }),
      Plot.line(data, { x: 'frequency', y: 'ratio', z: 'norm', stroke: 'norm', strokeWidth: 2, clip: true }),
      Plot.dot(data, { x: 'frequency', y: 'ratio', fill: 'norm', r: 2.5, clip: true }),
    ],
  });
  return {
    id: 'robustness',
    title: 'Low frequencies survive random parameter changes',
    caption:
      'Size of each learned component after adding a random vector to all parameters (mean over directions and seeds). High frequencies fade first. A readout that is linear on fixed sinusoids (control) has no such preference.',
    panels: [
      { title: 'trained network', plot: plot(rows, true) },
      { title: 'control: linear readout', plot: plot(controlRows, false) },
    ],
  };
}

function labelNoiseFigure(_: Settings, { noise }: Measurements): Figure {
  const rows = noise.frequencies.flatMap((frequency, c) =>
    noise.steps.map((step, t) => ({
      step,
      noise: frequency === null ? 'no noise' : `k = ${frequency}`,
      error: mean(noise.validation.map((curves) => curves[c][t])),
    })),
  );
  return {
    id: 'label-noise',
    title: 'Noise of low frequency hurts at once, of high frequency late',
    caption:
      'Validation error against clean labels while training on digits 3 and 8 with radial label noise sin(2πk|x|) (mean over seeds). Low-frequency noise spoils the best error reached; high-frequency noise leaves a deep dip before the network begins to fit it.',
    panels: [
      {
        plot: {
          ...wide,
          color: { legend: true, domain: noise.frequencies.map((f) => (f === null ? 'no noise' : `k = ${f}`)) },
          x: { label: 'training step' },
          y: { type: 'log', label: 'validation error' },
          marks: [Plot.line(rows, { x: 'step', y: 'error', stroke: 'noise', strokeWidth: 2 })],
        },
      },
    ],
  };
}

function kernelNoiseFigure(_: Settings, { kernelNoise }: Measurements): Figure {
  const { steps, validation, captured } = kernelNoise;
  const curve = validation[0];
  const dip = curve.indexOf(Math.min(...curve));
  const last = steps.length - 1;
  const moments = [
    { t: Math.max(1, Math.round(dip / 4)), name: 'early' },
    { t: dip, name: 'at the dip' },
    { t: last, name: 'at the end' },
  ].map(({ t, name }) => ({ t, name: `${name} (step ${steps[t]})` }));
  const rows = moments.flatMap(({ t, name }) =>
    captured[0][t].map((value, bin) => ({ mode: (bin + 0.5) / kernelBins, captured: value, moment: name })),
  );
  const errors = steps.map((step, t) => ({ step, error: mean(validation.map((v) => v[t])) }));
  return {
    id: 'kernel-noise',
    title: 'The dip: low kernel modes are learned, high ones are not yet',
    caption:
      'Left: validation error under noise that grows with the mode of the data’s Gaussian kernel. Right: captured fraction of the noised labels by kernel mode (first seed); at the dip the smooth modes are complete and the rough ones, which carry the noise, are not.',
    panels: [
      {
        title: 'validation error',
        plot: {
          ...narrow,
          x: { label: 'training step' },
          y: { type: 'log', label: 'validation error' },
          marks: [
            Plot.ruleX([steps[dip]], { stroke: 'currentColor', strokeDasharray: '3 3', strokeOpacity: 0.6 }),
            Plot.line(errors, { x: 'step', y: 'error', strokeWidth: 2 }),
          ],
        },
      },
      {
        title: 'generalised spectrum',
        plot: {
          ...narrow,
          color: { legend: true, domain: moments.map((m) => m.name) },
          x: { label: 'kernel mode n/N (smooth to rough)', domain: [0, 1] },
          y: { label: 'captured fraction' },
          marks: [Plot.line(rows, { x: 'mode', y: 'captured', stroke: 'moment', strokeWidth: 2 })],
        },
      },
    ],
  };
}

function foldingFigure(_: Settings, { folding: { curves } }: Measurements): Figure {
  const shapes = curves.filter((c) => c.petals !== null && c.petals <= 16);
  const points = shapes.flatMap((c) => [...c.points, c.points[0]].map(([x, y]) => ({ x, y, curve: c.name })));
  const losses = curves.flatMap((c) => c.loss.map((loss) => ({ curve: c.name, loss })));
  return {
    id: 'folding',
    title: 'A folded curve makes high frequencies easier',
    caption:
      'Left: the curves on which the same one-dimensional target is laid. Right: final loss by curve, one dot per seed, bars at the mean. The more petals, the easier; stretching alone (circle of equal arc) helps less, and a curve that the samples do not resolve loses the gain.',
    panels: [
      {
        title: 'data curves',
        plot: {
          width: 330,
          height: 330,
          aspectRatio: 1,
          axis: null,
          color: { legend: true, domain: shapes.map((c) => c.name) },
          marks: [Plot.line(points, { x: 'x', y: 'y', z: 'curve', stroke: 'curve', strokeWidth: 1.4 })],
        },
      },
      {
        title: 'final loss',
        plot: {
          ...narrow,
          marginLeft: 120,
          x: { type: 'log', label: 'final loss', ticks: 4 },
          y: { label: null, domain: curves.map((c) => c.name) },
          marks: [
            Plot.dot(losses, { x: 'loss', y: 'curve', r: 4, fill: 'currentColor', fillOpacity: 0.5 }),
            Plot.tickX(losses, Plot.groupY({ x: 'mean' }, { x: 'loss', y: 'curve', strokeWidth: 3 })),
          ],
        },
      },
    ],
  };
}

/** A line of the given slope through a curve's first point. */
const guide = (curve: DecayCurve, slope: number, name: string) => {
  const [k0, k1] = [curve.k[0], curve.k[curve.k.length - 1]];
  const start = Math.max(...curve.magnitude.slice(0, 12)) * 2;
  return [
    { k: k0, magnitude: start, curve: name },
    { k: k1, magnitude: start * (k1 / k0) ** slope, curve: name },
  ];
};

function spectrumFigure(_: Settings, { exact }: Measurements): Figure {
  const points = (curve: DecayCurve, name: string) =>
    Array.from(curve.k, (k, i) => ({ k, magnitude: curve.magnitude[i], curve: name })).filter(
      (p) => p.magnitude > 1e-13,
    );
  const panel = (curves: readonly DecayCurve[], title: string) => {
    const normal = curves.find((c) => c.direction === 'facet normal')!;
    const generic = curves.find((c) => c.direction === 'generic')!;
    return {
      title,
      plot: {
        ...narrow,
        color: { legend: true, domain: ['facet normal', 'generic direction'] },
        x: { type: 'log', label: 'wave number |k|', ticks: 3 },
        y: { type: 'log', label: '|F(k)|', ticks: 6 },
        marks: [
          Plot.line(guide(normal, -2, 'k^-2'), {
            x: 'k',
            y: 'magnitude',
            stroke: 'currentColor',
            strokeDasharray: '4 3',
          }),
          Plot.line(guide(generic, -3, 'k^-3'), {
            x: 'k',
            y: 'magnitude',
            stroke: 'currentColor',
            strokeDasharray: '1 3',
          }),
          Plot.line(points(normal, 'facet normal'), { x: 'k', y: 'magnitude', stroke: 'curve' }),
          Plot.line(points(generic, 'generic direction'), { x: 'k', y: 'magnitude', stroke: 'curve' }),
        ],
      } satisfies Plot.PlotOptions,
    };
  };
  return {
    id: 'exact-spectrum',
    title: 'The exact spectrum decays like k⁻² along facet normals and k⁻³ elsewhere',
    caption:
      'Closed-form |F(k)| of two piecewise linear functions of the plane along a facet normal and a generic direction. Guides: slope -2 (dashed) and -(d+1) = -3 (dotted), as Theorem 1 says.',
    panels: [panel(exact.pyramid, 'pyramid'), panel(exact.cutPlane[0], 'random network, cut by the pyramid')],
  };
}

function kernelTimesFigure(_: Settings, { kernelTimes: { circle, interval, residual } }: Measurements): Figure {
  const dots = [
    ...circle.predicted.flatMap((row, s) =>
      row.map((p, k) => ({ predicted: p, measured: circle.measured[s][k], inputs: 'circle' })),
    ),
    ...interval.predicted.flatMap((row, s) =>
      row.map((p, k) => ({ predicted: p, measured: interval.measured[s][k], inputs: 'interval (control)' })),
    ),
  ].filter((d) => d.measured > 0);
  const ends = [Math.min(...dots.map((d) => d.predicted)), Math.max(...dots.map((d) => d.predicted))].map((t) => ({
    predicted: t,
    measured: t,
  }));
  const decays = spread(residual.length, 150).flatMap((t) =>
    residual[t].map((r, k) => ({ step: t, residual: r, frequency: `k = ${k + 1}` })),
  );
  return {
    id: 'kernel-times',
    title: 'The tangent kernel at initialisation predicts the learning times',
    caption:
      'Left: step at which the residual of each frequency has halved, measured against predicted from the kernel alone; on the circle the dots follow the diagonal, on the interval (control) they leave it, or never halve and are missing. Right: residuals of the first seed.',
    panels: [
      {
        title: 'predicted and measured',
        plot: {
          ...narrow,
          color: { legend: true },
          x: { type: 'log', label: 'predicted step' },
          y: { type: 'log', label: 'measured step' },
          marks: [
            Plot.line(ends, { x: 'predicted', y: 'measured', stroke: 'currentColor', strokeDasharray: '4 3' }),
            Plot.dot(dots, { x: 'predicted', y: 'measured', stroke: 'inputs', strokeWidth: 2, r: 4 }),
          ],
        },
      },
      {
        title: 'residuals on the circle',
        plot: {
          ...narrow,
          color: { legend: true },
          x: { label: 'training step' },
          y: { label: 'residual / initial', domain: [0, 1.2] },
          marks: [
            Plot.ruleY([0.5], { stroke: 'currentColor', strokeDasharray: '3 3', strokeOpacity: 0.6 }),
            Plot.line(decays, { x: 'step', y: 'residual', stroke: 'frequency', strokeWidth: 1.8, clip: true }),
          ],
        },
      },
    ],
  };
}

export const figures = (settings: Settings, measurements: Measurements): Figure[] =>
  [
    learningOrderFigure,
    fitFigure,
    normsFigure,
    robustnessFigure,
    labelNoiseFigure,
    kernelNoiseFigure,
    foldingFigure,
    kernelTimesFigure,
    spectrumFigure,
  ].map((draw) => draw(settings, measurements));
