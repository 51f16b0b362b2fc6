/** @file The paper's key figures, redrawn from the measurements with what theory predicts in the same axes. */
import * as Plot from '@observablehq/plot';
import type { Figure } from '../../contract.ts';
import { nextGap } from './angle-map.ts';
import { type Measurements, slopes } from './claims.ts';
import { kappa } from './gaussian-kernel.ts';
import { rademacherCorrection } from './rademacher-kernel.ts';
import { rectifiedSquare, shrinkage } from './rectifier-kernel.ts';
import type { Settings } from './settings.ts';

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

const wide = { width: 640, height: 340, marginLeft: 60, marginBottom: 42 } as const;
const narrow = { width: 330, height: 320, marginLeft: 56, marginBottom: 42 } as const;

/** A line of theory. */
const theory = { stroke: 'currentColor', strokeWidth: 1.6 } as const;
const nameOf = (slope: number): string => (slope === 0 ? 'ReLU' : `slope ${slope}`);

function kernelFigure(_: Settings, { invariance: { theta, laws } }: Measurements): Figure {
  const fine = Array.from({ length: 181 }, (__, i) => (i * Math.PI) / 180);
  const plot = (a: number, legend: boolean): Plot.PlotOptions => ({
    ...narrow,
    color: { legend, domain: laws.map(({ law }) => law) },
    symbol: { legend: false, domain: laws.map(({ law }) => law) },
    x: { label: 'angle between the inputs, degrees', domain: [0, 180] },
    y: { label: 'kernel / kernel at angle 0' },
    marks: [
      Plot.line(
        fine.map((angle) => ({
          angle: (angle * 180) / Math.PI,
          kernel: kappa(angle, slopes[a]) / kappa(0, slopes[a]),
        })),
        { x: 'angle', y: 'kernel', ...theory },
      ),
      Plot.dot(
        laws.flatMap(({ law, kernel }, l) =>
          theta.flatMap((angle, k) =>
            // Each law at every fifth angle, so that the points do not hide each other.
            k % laws.length === l ? [{ law, angle: (angle * 180) / Math.PI, kernel: kernel[0][a][k] }] : [],
          ),
        ),
        { x: 'angle', y: 'kernel', stroke: 'law', symbol: 'law', r: 4, strokeWidth: 1.8 },
      ),
    ],
  });
  return {
    id: 'kernel',
    title: 'One kernel for all rotation-invariant laws',
    caption:
      'Normalised kernel of a layer against the angle between two inputs: the formula (line) and sampled layers of five laws (points, first seed, the laws in turn along the angles). All points lie on the line.',
    panels: [
      { title: 'ReLU', plot: plot(0, true) },
      { title: 'leaky ReLU, slope 0.2', plot: plot(1, false) },
    ],
  };
}

function centralLimitFigure(_: Settings, { centralLimit: { dimensions, curves, sparse } }: Measurements): Figure {
  const cosine = (share: number) => `cosine ${Number((2 * share - 1).toFixed(2))}`;
  const relu = curves.filter(({ slope }) => slope === 0);
  const rows = relu.flatMap(({ share, error }) =>
    dimensions.map((m, i) => ({
      m,
      curve: cosine(share),
      error: Math.abs(error[i]),
      predicted: Math.abs(rademacherCorrection(Math.acos(2 * share - 1), 0)) / m,
    })),
  );
  const limit = 1 / (2 * Math.PI);
  return {
    id: 'central-limit',
    title: 'Random signs act as Gaussian weights, up to 1/m',
    caption:
      'Exact distance of the ReLU kernel of weights ±1 from the formula (points) and the predicted law sin θ / (2π m) (lines): straight lines of slope -1. For the sparse inputs e1 and e2 (crosses, control) nothing is summed and the distance stays.',
    panels: [
      {
        plot: {
          ...wide,
          color: { legend: true, domain: [...relu.map(({ share }) => cosine(share)), 'sparse inputs'] },
          x: { type: 'log', label: 'input dimension m' },
          y: { type: 'log', label: '|kernel - formula|' },
          marks: [
            Plot.line(rows, { x: 'm', y: 'predicted', stroke: 'curve' }),
            Plot.dot(rows, { x: 'm', y: 'error', fill: 'curve', r: 4 }),
            Plot.dot(
              dimensions.map((m, i) => ({ m, error: sparse[i] - limit, curve: 'sparse inputs' })),
              { x: 'm', y: 'error', stroke: 'curve', symbol: 'times', r: 5, strokeWidth: 2 },
            ),
          ],
        },
      },
    ],
  };
}

function oneLayerFigure(settings: Settings, { deep, activations }: Measurements): Figure {
  const rows = [
    ...deep.laws.flatMap(({ law, networks }) =>
      networks.flat().map(({ slope, oneLayerError }) => ({ law, error: oneLayerError, activation: nameOf(slope) })),
    ),
    ...deep.cauchy.flat().map((error, i) => ({
      law: 'Cauchy (control)',
      error,
      activation: nameOf(slopes[i % slopes.length]),
    })),
    ...deep.shifted.networks.flat().map(({ slope, oneLayerError }) => ({
      law: 'with a mean (control)',
      error: oneLayerError,
      activation: nameOf(slope),
    })),
  ];
  const other = activations.cases.flatMap(({ activation, law, error, shifted }) => [
    ...error.map((e) => ({ case: `${activation}, ${law}`, error: e, weights: 'zero mean' })),
    ...shifted.map((e) => ({ case: `${activation}, ${law}`, error: e, weights: 'with a mean (control)' })),
  ]);
  return {
    id: 'one-layer',
    title: 'One layer on images: the law does not matter, its mean and its variance do',
    caption: `Left: distance of the measured cosines of a layer of ${settings.width} neurons from the formula, by law (one point per seed and slope). Right: relative error of the whole kernel for other activations (${settings.neurons} neurons). Laws outside of the theory, the controls, are several times further away.`,
    panels: [
      {
        title: 'rectifiers',
        plot: {
          ...narrow,
          width: 360,
          marginLeft: 150,
          color: { legend: true, domain: slopes.map(nameOf) },
          x: { label: 'rms error of the cosine', domain: [0, Math.max(...rows.map((r) => r.error))] },
          y: { label: null, domain: [...new Set(rows.map((r) => r.law))] },
          marks: [Plot.ruleX([0]), Plot.dot(rows, { x: 'error', y: 'law', stroke: 'activation', r: 4 })],
        },
      },
      {
        title: 'other activations',
        plot: {
          ...narrow,
          width: 360,
          marginLeft: 110,
          color: { legend: true, domain: ['zero mean', 'with a mean (control)'] },
          x: { type: 'log', label: 'relative kernel error' },
          y: { label: null, domain: [...new Set(other.map((r) => r.case))] },
          marks: [Plot.dot(other, { x: 'error', y: 'case', stroke: 'weights', r: 4 })],
        },
      },
    ],
  };
}

function mapFigure(_: Settings, __: Measurements): Figure {
  const shown = [0, 0.2, 0.7, 1];
  const rho = Array.from({ length: 201 }, (___, i) => -1 + i / 100);
  const curve = (slope: number) =>
    rho.map((before) => ({ before, after: 1 - nextGap(1 - before, shrinkage(slope)), slope: nameOf(slope) }));
  const steps: { before: number; after: number }[] = [{ before: -0.8, after: -0.8 }];
  for (let layer = 0; layer < 12; layer++) {
    const { after } = steps[steps.length - 1];
    const next = 1 - nextGap(1 - after, shrinkage(0));
    steps.push({ before: after, after: next }, { before: next, after: next });
  }
  return {
    id: 'map',
    title: 'One layer as a map of the cosine',
    caption:
      'Cosine between two inputs after a layer against that before it, from the formula. All curves but that of slope 1 (the diagonal) lie above the diagonal and touch it at 1 alone, with slope 1: the stairs of twelve ReLU layers from -0.8 climb to 1 in ever smaller steps.',
    panels: [
      {
        plot: {
          ...narrow,
          width: 420,
          height: 400,
          color: { legend: true, domain: shown.map(nameOf) },
          x: { label: 'cosine before the layer' },
          y: { label: 'cosine after the layer' },
          marks: [
            Plot.line(steps, { x: 'before', y: 'after', stroke: 'currentColor', strokeWidth: 1, strokeOpacity: 0.7 }),
            Plot.line(shown.flatMap(curve), { x: 'before', y: 'after', stroke: 'slope', strokeWidth: 2 }),
          ],
        },
      },
    ],
  };
}

function depthFigure({ shift }: Settings, { deep }: Measurements): Figure {
  const names = [...deep.laws.map(({ law }) => law), 'with a mean (control)'];
  const plot = (a: number, legend: boolean): Plot.PlotOptions => {
    const traces = [
      ...deep.laws.map(({ law, networks }) => ({ law, networks })),
      { law: 'with a mean (control)', networks: deep.shifted.networks },
    ];
    const points = traces.flatMap(({ law, networks }, l) =>
      deep.predicted[a].flatMap((_, layer) => {
        const cosine = mean(networks.map((seed) => seed[a].cosine[layer]));
        return layer === 0 || (l < deep.laws.length && layer % deep.laws.length !== l && layer > 4)
          ? []
          : [{ law, layer, cosine }];
      }),
    );
    return {
      ...narrow,
      color: { legend, domain: names },
      x: { label: 'layer' },
      y: { label: 'mean cosine between images', domain: [Math.min(0.4, ...points.map((p) => p.cosine)), 1] },
      marks: [
        Plot.line(
          deep.predicted[a].map((cosine, layer) => ({ layer, cosine })),
          { x: 'layer', y: 'cosine', ...theory },
        ),
        Plot.dot(points, { x: 'layer', y: 'cosine', stroke: 'law', r: 3.5, strokeWidth: 1.6 }),
      ],
    };
  };
  return {
    id: 'depth',
    title: 'Images become alike, layer by layer, in the same way for every law',
    caption: `Mean cosine between images after each layer: the depth map (line) and random networks of six laws (points, mean over seeds; beyond layer 4 the laws in turn). Weights with a mean of ${shift} deviations (control) send all images to one direction at once.`,
    panels: [
      { title: 'ReLU', plot: plot(0, true) },
      { title: 'leaky ReLU, slope 0.2', plot: plot(1, false) },
    ],
  };
}

function normFigure(_: Settings, { deep }: Measurements): Figure {
  const traces = [...deep.laws, { law: 'variance 1/fan-in (control)', networks: deep.halved.networks }];
  const rows = traces.flatMap(({ law, networks }) =>
    networks.flatMap(([relu], seed) =>
      relu.logSquare.slice(1).map((log, j) => ({ law, seed, layer: j + 1, log: log - relu.logSquare[1] })),
    ),
  );
  const layers = deep.predicted[0].length - 1;
  return {
    id: 'norm',
    title: 'The variance 2/((1 + a²) fan-in) keeps the size of the activations for every law',
    caption:
      'Mean log square norm of the activations of ReLU networks after each layer, less that after the first (one line per law and seed). It wanders around 0 as finite width lets it; with variance 1/fan-in (control) it follows the dashed line, -ln 2 per layer.',
    panels: [
      {
        plot: {
          ...wide,
          color: { legend: true, domain: traces.map(({ law }) => law) },
          x: { label: 'layer' },
          y: { label: 'change of the log square norm' },
          marks: [
            Plot.ruleY([0], { strokeOpacity: 0.4 }),
            Plot.line(
              [1, layers].map((layer) => ({ layer, log: (layer - 1) * Math.log(rectifiedSquare(0)) })),
              { x: 'layer', y: 'log', stroke: 'currentColor', strokeDasharray: '5 4' },
            ),
            Plot.line(rows, {
              x: 'layer',
              y: 'log',
              z: (r: (typeof rows)[number]) => `${r.law} ${r.seed}`,
              stroke: 'law',
            }),
          ],
        },
      },
    ],
  };
}

function fixedPointFigure(_: Settings, { fixedPoint: { curves } }: Measurements): Figure {
  const last = curves[0].theta.length - 1;
  const at = Array.from({ length: 60 }, (__, i) => Math.round(last ** (i / 59)));
  const rows = curves.flatMap(({ slope, theta }) =>
    [...new Set(at)].map((layer) => ({ layer, theta: theta[layer], slope: nameOf(slope) })),
  );
  const predicted = curves
    .filter(({ slope }) => slope !== 1)
    .flatMap(({ slope }) =>
      [16, last].map((layer) => ({
        layer,
        theta: (3 * Math.PI) / (shrinkage(slope) * layer),
        slope: nameOf(slope),
      })),
    );
  return {
    id: 'fixed-point',
    title: 'The collapse is a power of depth',
    caption:
      'Angle between two inputs that begin at a right angle, against depth (both axes logarithmic): the iterated map (points) runs into the predicted 3π/(γ j) (dashed). Linear units (slope 1, control) keep the angle.',
    panels: [
      {
        plot: {
          ...wide,
          color: { legend: true, domain: curves.map(({ slope }) => nameOf(slope)) },
          x: { type: 'log', label: 'layer j' },
          y: { type: 'log', label: 'angle, radians' },
          marks: [
            Plot.line(predicted, { x: 'layer', y: 'theta', stroke: 'slope', strokeDasharray: '5 4' }),
            Plot.dot(rows, { x: 'layer', y: 'theta', stroke: 'slope', r: 2.5 }),
          ],
        },
      },
    ],
  };
}

function spreadFigure(_: Settings, { spread }: Measurements): Figure {
  return {
    id: 'spread',
    title: 'Are the inputs spread out?',
    caption:
      'The condition of the universality theorem on the data: m^(1/4) times the largest coordinate over the length of each image. It must tend to 0 with growing m; an image of one single bright pixel would have m^(1/4) itself, 5.3 for 784 pixels.',
    panels: [
      {
        plot: {
          ...wide,
          height: 240,
          x: { label: 'm^(1/4) max|x| / |x|' },
          y: { label: 'images' },
          marks: [
            Plot.rectY(
              spread.map((value) => ({ value })),
              Plot.binX<Plot.RectYOptions>({ y: 'count' }, { x: 'value', thresholds: 40, fill: 'steelblue' }),
            ),
            Plot.ruleY([0]),
          ],
        },
      },
    ],
  };
}

function trainabilityFigure(_: Settings, { trainability }: Measurements): Figure {
  const { depths, predicted, accuracy } = trainability;
  const domain = trainability.slopes.map(nameOf);
  const cells = depths.flatMap((depth, d) =>
    trainability.slopes.flatMap((slope, a) =>
      accuracy[d][a].map((found, seed) => ({
        depth,
        slope: nameOf(slope),
        rho: predicted[d][a],
        accuracy: found,
        seed,
      })),
    ),
  );
  const means = depths.flatMap((depth, d) =>
    trainability.slopes.map((slope, a) => ({ depth, slope: nameOf(slope), accuracy: mean(accuracy[d][a]) })),
  );
  return {
    id: 'trainability',
    title: 'Collapse at initialisation predicts what can be trained',
    caption:
      'Test accuracy after a short training with Adam. Left: against depth; ReLU fails first. Right: the same networks against the mean cosine that the depth map predicts before training: accuracy falls as the cosine nears 1.',
    panels: [
      {
        title: 'by depth',
        plot: {
          ...narrow,
          color: { legend: true, domain },
          x: { type: 'log', label: 'rectified layers', ticks: [...depths], tickFormat: 'd' },
          y: { label: 'test accuracy', domain: [0, 1] },
          marks: [
            Plot.line(means, { x: 'depth', y: 'accuracy', stroke: 'slope', strokeWidth: 2 }),
            Plot.dot(cells, { x: 'depth', y: 'accuracy', stroke: 'slope', r: 3 }),
          ],
        },
      },
      {
        title: 'by predicted cosine',
        plot: {
          ...narrow,
          color: { domain },
          x: { label: 'predicted mean cosine after the last layer' },
          y: { label: 'test accuracy', domain: [0, 1] },
          marks: [
            Plot.ruleX([0.97], { strokeDasharray: '4 4', strokeOpacity: 0.6 }),
            Plot.dot(cells, { x: 'rho', y: 'accuracy', stroke: 'slope', r: 3.5 }),
          ],
        },
      },
    ],
  };
}

function trainedLayersFigure(_: Settings, { trainedLayers: { networks } }: Measurements): Figure {
  const kinds = ['before training', 'after', 'after, centred', 'shuffled, centred'];
  const rows = networks.flatMap(({ name, before, after, shuffled }) => [
    ...before.map((r) => ({ name, kind: kinds[0], error: r.relativeError })),
    ...after.map((r) => ({ name, kind: kinds[1], error: r.relativeError })),
    ...after.map((r) => ({ name, kind: kinds[2], error: r.centredError })),
    ...shuffled.map((r) => ({ name, kind: kinds[3], error: r.centredError })),
  ]);
  return {
    id: 'trained-layers',
    title: 'Training leads away from the kernel of random weights',
    caption:
      'Relative error of the predicted kernel of the first layer (one point per seed). Before training it is what the number of neurons lets it be; after training a part goes with the mean of the weights (centred); the trained weights in random order (control) are as random ones again.',
    panels: networks.map(({ name }) => ({
      title: `${name} network`,
      plot: {
        ...narrow,
        width: 360,
        height: 200,
        marginLeft: 120,
        x: { label: 'relative kernel error', domain: [0, Math.max(...rows.map((r) => r.error))] },
        y: { label: null, domain: kinds },
        marks: [
          Plot.ruleX([0]),
          Plot.dot(
            rows.filter((r) => r.name === name),
            { x: 'error', y: 'kind', stroke: 'steelblue', r: 4 },
          ),
        ],
      },
    })),
  };
}

function featuresFigure(_: Settings, { randomFeatures: { curves } }: Measurements): Figure {
  const plot = (depth: number, legend: boolean): Plot.PlotOptions => {
    const shown = curves.filter((curve) => curve.depth === depth);
    const rows = shown.flatMap(({ law, features, difference }) =>
      difference.flatMap((values) => values.map((value, k) => ({ law, n: features[k], value }))),
    );
    const { features, difference } = shown[0];
    const last = features.length - 1;
    const end = mean(difference.map((values) => values[last]));
    return {
      ...narrow,
      color: { legend, domain: curves.map(({ law }) => law).filter((law, i, all) => all.indexOf(law) === i) },
      x: { type: 'log', label: depth === 1 ? 'features n' : 'features n of each layer' },
      y: { type: 'log', label: 'relative difference of the predictions' },
      marks: [
        Plot.line(
          [features[0], features[last]].map((n) => ({ n, value: end * Math.sqrt(features[last] / n) })),
          { x: 'n', y: 'value', stroke: 'currentColor', strokeDasharray: '5 4' },
        ),
        Plot.dot(rows, { x: 'n', y: 'value', stroke: 'law', r: 3.5 }),
      ],
    };
  };
  return {
    id: 'random-features',
    title: 'The closed form is the limit of many random features',
    caption:
      'Difference between ridge regression on n random features and on the closed-form kernel, on images that were not trained on. Both laws fall as n^(-1/2) (dashed); features of Cauchy weights (control) do not approach it.',
    panels: [
      { title: 'one layer', plot: plot(1, true) },
      { title: 'three layers', plot: plot(3, false) },
    ],
  };
}

export const figures = (settings: Settings, measurements: Measurements): readonly Figure[] =>
  [
    kernelFigure,
    centralLimitFigure,
    oneLayerFigure,
    mapFigure,
    depthFigure,
    normFigure,
    fixedPointFigure,
    trainabilityFigure,
    trainedLayersFigure,
    featuresFigure,
    spreadFigure,
  ].map((figure) => figure(settings, measurements));
