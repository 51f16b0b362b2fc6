/** @file The paper's key figures, redrawn from the measurements, and what they are compared with. */
import * as Plot from '@observablehq/plot';
import type { Figure } from '../../contract.ts';
import type { Measurements } from './claims.ts';
import type { EmbeddedMean } from './cluster-report.ts';
import { reached } from './measure/cost.ts';
import type { Labels } from './measure/network-outliers.ts';
import type { Settings } from './settings.ts';

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

const wide = { width: 640, height: 340, marginLeft: 62, marginBottom: 42 } as const;
const narrow = { width: 330, height: 320, marginLeft: 60, marginBottom: 42 } as const;
const guide = { stroke: 'currentColor', strokeDasharray: '3 3', strokeOpacity: 0.6 } as const;

/** Densities below this part of the largest are not drawn. */
const floor = 1e-9;

function spectrumFigure(_: Settings, { portrait }: Measurements): Figure {
  const { density, structure, outliers } = portrait;
  const top = Math.max(...density.flatMap((d) => d.density));
  const shown = (d: (typeof density)[number]) =>
    d.grid.map((value, i) => ({ value, density: Math.max(d.density[i], floor * top) }));
  const limit = 1.08 * outliers.eigenvalues[0];
  const smallest = 1e-3 * outliers.eigenvalues[0];
  const parts = (['G1', 'G2', 'G0', 'G012'] as const).flatMap((part, row) =>
    structure.eigenvalues[part]
      .filter((value) => value > smallest)
      .map((value) => ({ value, part: part === 'G012' ? 'G0 + G1 + G2' : part, at: top * 100 ** (row + 1) })),
  );
  const axes = (from: number, to: number) => ({
    x: { label: 'eigenvalue', domain: [-0.03 * limit, limit] },
    y: { type: 'log', label: 'density of eigenvalues', domain: [from, to], tickFormat: '.0e', ticks: 6 } as const,
  });
  return {
    id: 'spectrum',
    title: 'The outliers are the class centres',
    caption: `Density of the eigenvalues of the Gauss-Newton matrix G of a trained network (${portrait.title}), and above it the eigenvalues of its parts, which need no eigenvalue method in parameter space: each bump on the right must have a dot of G1 (between classes) above it. Right: once the class centres are projected out, the bumps are gone and the bulk stays.`,
    panels: [
      {
        title: 'G, and its parts',
        plot: {
          ...wide,
          ...axes(floor * top, top * 1e9),
          color: { legend: true, domain: ['G1', 'G2', 'G0', 'G0 + G1 + G2'] },
          marks: [
            Plot.line(shown(density[0]), { x: 'value', y: 'density', strokeWidth: 1.6 }),
            Plot.dot(parts, { x: 'value', y: 'at', stroke: 'part', r: 3.5, strokeWidth: 1.6 }),
          ],
        },
      },
      {
        title: 'without the class centres',
        plot: {
          ...wide,
          height: 260,
          ...axes(floor * top, top * 10),
          marks: [
            Plot.ruleX([outliers.eigenvalues[outliers.classes - 1]], guide),
            Plot.line(shown(density[1]), { x: 'value', y: 'density', strokeWidth: 1.6 }),
          ],
        },
      },
    ],
  };
}

const labelsText: Readonly<Record<Labels, (classes: number) => string>> = {
  all: (classes) => `${classes} classes`,
  half: (classes) => `${classes} of the classes`,
  merged: (classes) => `all merged to ${classes} labels`,
};

function screeFigure({ networks: [first] }: Settings, { networks }: Measurements): Figure {
  return {
    id: 'scree',
    title: 'As many outliers as classes',
    caption:
      'The largest eigenvalues of G in order (all seeds, each divided by its largest), and those of G1 from averages alone. The spectrum must drop after the number of classes (dashed). With two classes under each label (right) the labels’ number no longer says where: each label has clusters within.',
    panels: networks
      .filter(({ name }) => name === first)
      .map(({ labels, classes, trained }) => {
        const rows = trained.flatMap(({ eigenvalues, byClass }, seed) => [
          ...eigenvalues.map((value, j) => ({ rank: j + 1, value: value / eigenvalues[0], of: 'G', seed })),
          ...byClass.values.map((value, j) => ({ rank: j + 1, value: value / eigenvalues[0], of: 'G1', seed })),
        ]);
        return {
          title: labelsText[labels](classes),
          plot: {
            ...narrow,
            width: 300,
            color: { legend: true, domain: ['G', 'G1'] },
            x: { label: 'rank', domain: [0, 2 * classes + 1] },
            y: { type: 'log', label: 'eigenvalue / largest of G' },
            marks: [
              Plot.ruleX([classes + 0.5], guide),
              Plot.line(rows, {
                x: 'rank',
                y: 'value',
                z: (d: (typeof rows)[number]) => `${d.of} ${d.seed}`,
                stroke: 'of',
                strokeOpacity: 0.6,
                clip: true,
              }),
              Plot.dot(rows, { x: 'rank', y: 'value', stroke: 'of', r: 2.5, clip: true }),
            ],
          },
        };
      }),
  };
}

function embeddingFigure(_: Settings, { portrait }: Measurements): Figure {
  const { classNames } = portrait;
  const many = classNames.length > 10;
  const plot = (points: readonly EmbeddedMean[], legend: boolean): Plot.PlotOptions => {
    const named = points.map((point) => ({ ...point, class: classNames[point.label] }));
    const own = named.filter((p) => p.alternative === p.label);
    const centres = named.filter((p) => p.alternative === null);
    const others = named.filter((p) => p.alternative !== null && p.alternative !== p.label);
    return {
      ...narrow,
      aspectRatio: undefined,
      color: many
        ? { type: 'ordinal', scheme: 'rainbow', legend: false }
        : { type: 'ordinal', scheme: 'tableau10', domain: classNames, legend },
      x: { label: 'first coordinate', ticks: 4 },
      y: { label: 'second coordinate', ticks: 4 },
      marks: [
        Plot.dot(others, { x: 'x', y: 'y', stroke: 'class', r: 2.5 }),
        Plot.dot(own, { x: 'x', y: 'y', stroke: 'class', r: 3.5, symbol: 'times', strokeWidth: 1.5 }),
        Plot.dot(centres, { x: 'x', y: 'y', fill: 'class', r: 7, stroke: 'currentColor', strokeWidth: 0.8 }),
      ],
    };
  };
  return {
    id: 'embedding',
    title: 'Gradients cluster by class',
    caption:
      'Means of logit gradients by true class (colour) and other class (small circles), the class centres (large dots), and the means for the true class itself (crosses), in the plane that keeps most of their distances. After training, the circles gather around their centre, and the crosses lie together; before training they do not.',
    panels: [
      { title: 'after training', plot: plot(portrait.embedding, true) },
      { title: 'control: before training', plot: plot(portrait.untrainedEmbedding, false) },
    ],
  };
}

function historyFigure(_: Settings, { portrait: { history, title } }: Measurements): Figure {
  const curves = history.flatMap(({ epoch, overlap, knockout, ratio }) => [
    { epoch, value: overlap, of: 'overlap' },
    { epoch, value: knockout, of: 'largest left / last outlier' },
    { epoch, value: ratio, of: 'median ratio G1 / G' },
  ]);
  const names = { G0: 'true class', G1: 'between classes', G2: 'between cross-classes', G3: 'within' } as const;
  const shares = history.flatMap(({ epoch, shares: own }) =>
    (['G1', 'G2', 'G3', 'G0'] as const).map((part) => ({ epoch, share: Math.max(own[part], 0), part: names[part] })),
  );
  return {
    id: 'training',
    title: 'The structure arises in training',
    caption: `Left: agreement of averages and eigenvectors while the network (${title}) is trained. The overlap is high before training, when any partition sees the last layer; only the ratio of eigenvalues and the removal (at most 1, dashed) tell the classes’ own structure. Right: what share of the trace of G each part has.`,
    panels: [
      {
        title: 'averages against eigenvectors',
        plot: {
          ...narrow,
          color: { legend: true },
          x: { label: 'epoch', ticks: 5 },
          y: { label: 'figure of merit', domain: [0, Math.max(...curves.map((c) => c.value), 1.05)] },
          marks: [
            Plot.ruleY([1], guide),
            Plot.line(curves, { x: 'epoch', y: 'value', stroke: 'of', strokeWidth: 2 }),
            Plot.dot(curves, { x: 'epoch', y: 'value', fill: 'of', r: 2.5 }),
          ],
        },
      },
      {
        title: 'shares of the trace',
        plot: {
          ...narrow,
          color: { legend: true, domain: Object.values(names) },
          x: { label: 'epoch', ticks: 5 },
          y: { label: 'share of tr G' },
          marks: [Plot.areaY(shares, { x: 'epoch', y: 'share', fill: 'part', fillOpacity: 0.85 })],
        },
      },
    ],
  };
}

function gridFigure(_: Settings, { grid }: Measurements): Figure {
  const rows = grid.flatMap(({ set, network, perClass, trained }) =>
    trained.map((t) => ({
      perClass,
      data: new Set(grid.map((g) => g.network)).size > 1 ? `${set}, ${network}` : set,
      overlap: t.byClass.overlap,
      shuffled: t.shuffled.overlap,
      knockout: t.byClass.knockout,
      shuffledKnockout: t.shuffled.knockout,
    })),
  );
  const x = { type: 'log', label: 'training images of each class', ticks: 5, tickFormat: '~s' } as const;
  const top = Math.max(...rows.map((r) => Math.max(r.knockout, r.shuffledKnockout)));
  return {
    id: 'grid',
    title: 'Over data sets and sample sizes',
    caption:
      'Each dot is a trained network. Left: overlap of the class centres with the leading eigenspace; the open circles are averages over classes in random order. Right: largest eigenvalue once they are projected out, over the last outlier: the outliers are explained below the dashed line.',
    panels: [
      {
        title: 'overlap',
        plot: {
          ...narrow,
          color: { legend: true },
          x,
          y: { label: 'overlap', domain: [0, 1] },
          marks: [
            Plot.ruleY([0.8], guide),
            Plot.dot(rows, { x: 'perClass', y: 'overlap', fill: 'data', r: 3.5 }),
            Plot.dot(rows, { x: 'perClass', y: 'shuffled', stroke: 'data', r: 3.5 }),
          ],
        },
      },
      {
        title: 'removal',
        plot: {
          ...narrow,
          x,
          color: { legend: false },
          y: { label: 'largest left / last outlier', domain: [0, top * 1.05] },
          marks: [
            Plot.ruleY([1], guide),
            Plot.dot(rows, { x: 'perClass', y: 'knockout', fill: 'data', r: 3.5 }),
            Plot.dot(rows, { x: 'perClass', y: 'shuffledKnockout', stroke: 'data', r: 3.5 }),
          ],
        },
      },
    ],
  };
}

function hessianFigure(_: Settings, { plain }: Measurements): Figure {
  const plot = (list: typeof plain.trained): Plot.PlotOptions => {
    const rows = list.flatMap(({ hessian, gaussNewton }) =>
      hessian.map((value, j) => ({ hessian: value, gaussNewton: gaussNewton[j] })),
    );
    const values = rows.flatMap((r) => [r.hessian, r.gaussNewton]).filter((x) => x > 0);
    const ends = [Math.min(...values) / 1.2, Math.max(...values) * 1.2];
    return {
      ...narrow,
      x: { type: 'log', label: 'eigenvalue of G', domain: ends, ticks: 4, tickFormat: '~g' },
      y: { type: 'log', label: 'eigenvalue of the Hessian', domain: ends, ticks: 4, tickFormat: '~g' },
      marks: [
        Plot.line(
          ends.map((x) => [x, x] as [number, number]),
          guide,
        ),
        Plot.dot(
          rows.filter((r) => r.hessian > 0),
          { x: 'gaussNewton', y: 'hessian', r: 3, strokeWidth: 1.5 },
        ),
      ],
    };
  };
  return {
    id: 'hessian',
    title: 'The outliers of the Hessian are those of its Gauss-Newton part',
    caption:
      'The ten largest eigenvalues of the Hessian against those of G, for plain MLPs of all seeds; on the dashed line they are equal.',
    panels: [
      { title: 'after training', plot: plot(plain.trained) },
      { title: 'control: before training', plot: plot(plain.untrained) },
    ],
  };
}

function costFigure(_: Settings, { cost: { title, seeds } }: Measurements): Figure {
  const rows = seeds.flatMap(({ subspaceIteration: { cost, overlap } }, seed) =>
    cost.map((gradients, j) => ({ gradients, overlap: overlap[j], seed, method: 'subspace iteration' })),
  );
  const averages = seeds.map((s) => ({ gradients: s.averages.cost, overlap: s.averages.overlap, method: 'averages' }));
  return {
    id: 'cost',
    title: 'Averages are cheap',
    caption: `Overlap with the leading eigenspace against cost, in gradients over all training images (${title}): one for the averages, two for each product of subspace iteration, whose reference setting of 128 rounds costs ${mean(seeds.map((s) => s.reference))}.`,
    panels: [
      {
        plot: {
          ...wide,
          height: 280,
          color: { legend: true, domain: ['averages', 'subspace iteration'] },
          x: { type: 'log', label: 'gradients over the data', ticks: 5, tickFormat: '~s' },
          y: { label: 'overlap', domain: [0, 1] },
          marks: [
            Plot.ruleY([reached], guide),
            Plot.line(rows, { x: 'gradients', y: 'overlap', z: 'seed', stroke: 'method', strokeWidth: 1.6 }),
            Plot.dot(rows, { x: 'gradients', y: 'overlap', stroke: 'method', r: 2.5 }),
            Plot.dot(averages, { x: 'gradients', y: 'overlap', fill: 'method', r: 5 }),
          ],
        },
      },
    ],
  };
}

export function figures(settings: Settings, measurements: Measurements): readonly Figure[] {
  return [spectrumFigure, screeFigure, embeddingFigure, historyFigure, hessianFigure, gridFigure, costFigure].map(
    (figure) => figure(settings, measurements),
  );
}
