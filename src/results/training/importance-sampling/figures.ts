/** @file The paper's key figures, redrawn from the measurements. */
import * as Plot from '@observablehq/plot';
import type { Figure } from '../../contract.ts';
import type { Measurements } from './claims.ts';
import type { FullCheckpoint } from './measure/checkpoints.ts';
import type { Contestant, RaceMeasurement, Run } from './measure/races.ts';
import type { Settings } from './settings.ts';
import { tauThreshold } from './variance.ts';

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

const wide = { width: 640, height: 320, marginLeft: 62, marginBottom: 42 } as const;
const narrow = { width: 330, height: 300, marginLeft: 62, marginBottom: 42 } as const;

const names: Readonly<Record<Contestant | 'gradientNorm', string>> = {
  uniform: 'uniform',
  loss: 'by loss',
  upperBound: 'by upper bound',
  gradientNorm: 'by true norm',
  constant: 'equal scores',
};
const colours = ['#888888', '#e8871e', '#3b75af', '#529d3e', '#b04a8b'];
const colour = (kinds: readonly (Contestant | 'gradientNorm')[], legend = true) => ({
  legend,
  domain: kinds.map((kind) => names[kind]),
  range: kinds.map((kind) => colours[Object.keys(names).indexOf(kind)]),
});

const networkNames: Readonly<Record<string, string>> = {
  clusters: 'clusters',
  'mnist-mlp': 'MNIST, dense network',
  'mnist-cnn': 'MNIST, convolutional network',
  cifar100: 'CIFAR-100, wide residual network',
};
const titled = (network: string): string => networkNames[network] ?? network;

/** One number per checkpoint: the mean over seeds. */
const overSeeds = (full: readonly (readonly FullCheckpoint[])[], value: (c: FullCheckpoint) => number) =>
  full[0].map(({ step }, i) => ({ step, value: mean(full.map((checkpoints) => value(checkpoints[i]))) }));

function distanceFigure(_: Settings, { checkpoints }: Measurements): Figure {
  const kinds = ['uniform', 'loss', 'upperBound', 'gradientNorm'] as const;
  return {
    id: 'distance',
    title: 'How far a batch’s gradient is from the mean gradient',
    caption:
      'Root mean squared distance to the gradient of the whole large batch, over the distance that uniform sampling has (Fig. 1; mean over seeds). Once the network is trained a little, the upper bound lies on the optimum, the true norms, and well below uniform sampling.',
    panels: checkpoints.map(({ network, measured }, i) => ({
      title: titled(network),
      plot: {
        ...(checkpoints.length > 1 ? narrow : wide),
        color: colour(kinds, i === 0),
        x: { type: 'sqrt', label: 'updates', ticks: 5 },
        y: { label: 'distance / uniform', zero: true },
        marks: kinds.flatMap((kind) => {
          const rows = overSeeds(measured.full, (c) => c.distance[kind] / c.distance.uniform).map((row) => ({
            ...row,
            kind: names[kind],
          }));
          return [
            Plot.line(rows, { x: 'step', y: 'value', stroke: 'kind', strokeWidth: 2 }),
            Plot.dot(rows, { x: 'step', y: 'value', fill: 'kind', r: 3 }),
          ];
        }),
      },
    })),
  };
}

function scatterFigure(_: Settings, { checkpoints }: Measurements): Figure {
  const { network, measured } = checkpoints[0];
  const last = measured.full[0].at(-1)!;
  const panel = (kind: 'loss' | 'upperBound') => {
    const rows = last.scatter.gradientNorm
      .map((norm, i) => ({ norm, score: last.scatter[kind][i] }))
      // Logarithms have no zero; a score or norm that has vanished lies below the picture.
      .filter(({ norm, score }) => norm > 1e-6 && score > 1e-6);
    return {
      title: kind === 'loss' ? 'loss' : 'upper bound',
      plot: {
        ...narrow,
        x: { type: 'log', label: 'true gradient norm / mean', domain: [1e-6, 100], ticks: 4 },
        y: { type: 'log', label: 'score / mean', domain: [1e-6, 100], ticks: 4 },
        marks: [
          Plot.line(
            [
              { norm: 1e-6, score: 1e-6 },
              { norm: 100, score: 100 },
            ],
            { x: 'norm', y: 'score', stroke: 'currentColor', strokeDasharray: '4 3' },
          ),
          Plot.dot(rows, {
            x: 'norm',
            y: 'score',
            fill: colours[kind === 'loss' ? 1 : 2],
            r: 2,
            fillOpacity: 0.7,
            clip: true,
          }),
        ],
      } satisfies Plot.PlotOptions,
    };
  };
  return {
    id: 'scores',
    title: 'Scores against true gradient norms',
    caption: `At most 300 examples after ${last.step} updates (${titled(network)}, first seed; Fig. 2). On the dashed line an example is drawn exactly as often as it should be. The upper bound keeps to it over many powers of ten; the loss is steeper: it draws the largest too often and the small ones too rarely, with huge weights.`,
    panels: [panel('upperBound'), panel('loss')],
  };
}

function tauFigure({ batchSize }: Settings, { checkpoints }: Measurements): Figure {
  const threshold = tauThreshold(batchSize, 3 * batchSize);
  const predicted = 'predicted from scores: tau²';
  const measuredName = 'measured: V(uniform) / V(score)';
  return {
    id: 'tau',
    title: 'What tau predicts, and when it switches on',
    caption: `Each dot is a checkpoint of a seed, pre-sample B = 3 b. tau² follows the exact ratio of variances. Importance sampling is on where tau exceeds ${threshold}, tau² the dashed line at ${threshold ** 2}; it already pays from the dotted line at ${threshold} on, so the rule is cautious.`,
    panels: checkpoints.map(({ network, measured }, i) => ({
      title: titled(network),
      plot: {
        ...(checkpoints.length > 1 ? narrow : wide),
        color: { legend: i === 0, domain: [predicted, measuredName], range: [colours[1], colours[2]] },
        x: { label: 'updates', ticks: 5 },
        y: { type: 'log', label: 'saved variance, as a ratio', ticks: 5 },
        marks: [
          Plot.ruleY([threshold ** 2], { stroke: 'currentColor', strokeDasharray: '4 3' }),
          Plot.ruleY([threshold], { stroke: 'currentColor', strokeDasharray: '1 3' }),
          Plot.dot(
            measured.switch.flat().flatMap(({ step, tau, ratio }) => [
              { step, value: tau ** 2, which: predicted },
              // At equal cost it is divided by the threshold.
              { step, value: ratio * threshold, which: measuredName },
            ]),
            { x: 'step', y: 'value', stroke: 'which', r: 3 },
          ),
        ],
      },
    })),
  };
}

const byContestant = (race: RaceMeasurement): readonly Contestant[] => race.runs[0].map(({ contestant }) => contestant);

/** Curves of every seed, thin, on one axis. */
function curves(
  race: RaceMeasurement,
  axis: 'updates' | 'costUnits' | 'seconds',
  value: (run: Run, i: number) => number,
) {
  return race.runs.flatMap((runs, seed) =>
    runs.flatMap((run) =>
      run.history[axis].map((x, i) => ({
        x,
        y: value(run, i),
        kind: names[run.contestant],
        run: `${seed} ${run.contestant}`,
      })),
    ),
  );
}

function raceFigure(race: RaceMeasurement): Figure {
  const labels = { updates: 'updates', costUnits: 'cost, forward passes', seconds: 'seconds of training' } as const;
  const panel = (
    axis: keyof typeof labels,
    title: string,
    label: string,
    value: (run: Run, i: number) => number,
    legend = false,
  ): Figure['panels'][number] => {
    const rows = curves(race, axis, value).filter(({ y }) => y > 0);
    return {
      title,
      plot: {
        ...narrow,
        color: colour(byContestant(race), legend),
        x: { label: labels[axis], ticks: 4, tickFormat: axis === 'seconds' ? undefined : 's' },
        y: { type: 'log', label },
        marks: [Plot.line(rows, { x: 'x', y: 'y', z: 'run', stroke: 'kind', strokeWidth: 1.6 })],
      },
    };
  };
  const loss = (run: Run, i: number) => run.history.probes['loss'][i];
  const error = (run: Run, i: number) => run.history.probes['error'][i];
  const [unit] = Object.keys(race.budget);
  const what = { updates: 'equally many updates', costUnits: 'equal cost', seconds: 'equal time' }[unit];
  return {
    id: `race-${race.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`,
    title: `Training: ${race.name}`,
    caption: `Training loss and test error on the axes updates, cost and seconds; one curve for each seed and way of sampling, each trained for ${what}. Costs count a forward pass of one example as 1, a backward as 2. Seconds are those of this machine, with both in turns on it. Importance sampling switches on at tau = ${race.tauThreshold.toFixed(2)}.`,
    panels: [
      panel('updates', 'training loss by updates', 'training loss', loss, true),
      panel('costUnits', 'training loss by cost', 'training loss', loss),
      panel('seconds', 'training loss by seconds', 'training loss', loss),
      panel('costUnits', 'test error by cost', 'test error', error),
    ],
  };
}

function switchFigure(_: Settings, { races }: Measurements): Figure {
  return {
    id: 'switch',
    title: 'The switch during training',
    caption:
      'Running tau of every seed (blue), its square, the estimated ratio of variances (light), and the threshold of tau (dashed); shaded where most updates of the first seed are drawn by importance. Beside it: effective sample size of the weights over the batch size.',
    panels: races.flatMap((race): Figure['panels'] => {
      const runs = race.runs.map((list) => list.find(({ contestant }) => contestant === 'upperBound')!);
      const rows = runs.flatMap((run, seed) =>
        run.history.updates.map((x, i) => ({
          x,
          tau: run.history.tau[i],
          squared: run.history.tau[i] ** 2,
          share: run.history.effectiveShare[i],
          seed,
        })),
      );
      const { updates, on } = runs[0].history;
      const shaded = on.flatMap((share, i) => (i > 0 && share > 0.5 ? [{ from: updates[i - 1], to: updates[i] }] : []));
      return [
        {
          title: race.name,
          plot: {
            ...narrow,
            height: 240,
            x: { label: 'updates', ticks: 4, tickFormat: 's' },
            y: { label: 'tau, tau²', type: 'sqrt', domain: [0, Math.max(4, ...rows.map(({ squared }) => squared))] },
            marks: [
              Plot.rect(shaded, { x1: 'from', x2: 'to', fill: colours[2], fillOpacity: 0.12 }),
              Plot.ruleY([race.tauThreshold], { stroke: 'currentColor', strokeDasharray: '4 3' }),
              Plot.line(rows, { x: 'x', y: 'squared', z: 'seed', stroke: colours[2], strokeOpacity: 0.4 }),
              Plot.line(rows, { x: 'x', y: 'tau', z: 'seed', stroke: colours[2], strokeWidth: 2 }),
            ],
          },
        },
        {
          title: `${race.name}: effective sample size / b`,
          plot: {
            ...narrow,
            height: 240,
            x: { label: 'updates', ticks: 4, tickFormat: 's' },
            y: { label: 'effective sample size / b', domain: [0, 1] },
            marks: [
              Plot.line(
                rows.filter(({ share }) => Number.isFinite(share)),
                { x: 'x', y: 'share', z: 'seed', stroke: colours[2], strokeWidth: 1.6 },
              ),
            ],
          },
        },
      ];
    }),
  };
}

function drawnFigure(_: Settings, { races }: Measurements): Figure {
  const [{ drawn }] = races;
  const weights = (drawn?.weights ?? []).filter((w) => w > 0);
  const counts = drawn?.counts ?? [];
  const panels: Figure['panels'][number][] = [
    {
      title: 'weights of the drawn examples',
      plot: {
        ...narrow,
        x: { type: 'log', label: 'weight w', ticks: 5 },
        y: { label: 'draws' },
        marks: [
          Plot.rect(histogram(weights), { x1: 'from', x2: 'to', y1: 0, y2: 'count', fill: colours[2], inset: 0.5 }),
          Plot.ruleX([1], { stroke: 'currentColor', strokeDasharray: '4 3' }),
        ],
      },
    },
    {
      title: 'how often an example was drawn',
      plot: {
        ...narrow,
        x: { label: 'share of the examples', domain: [0, 1] },
        y: { label: 'times drawn, most often first' },
        marks: [
          Plot.areaY(
            counts.map((n, i) => ({ share: i / Math.max(1, counts.length - 1), n })),
            { x: 'share', y: 'n', fill: colours[2], fillOpacity: 0.7 },
          ),
        ],
      },
    },
  ];
  if (drawn?.images) {
    panels.push(gallery('drawn most often', drawn.images.most, drawn.images.shape));
    panels.push(gallery('drawn least often', drawn.images.least, drawn.images.shape));
  }
  return {
    id: 'drawn',
    title: 'What importance sampling draws',
    caption: `First seed of the race "${races[0].name}". Frequently drawn examples have weights below 1, rarely drawn ones above, so that all count alike in expectation; a few examples are drawn again and again.${drawn?.images ? ' The images drawn most often are the doubtful ones.' : ''}`,
    panels,
  };
}

/** Counts in thirty bins of equal ratio. */
function histogram(values: readonly number[]): { from: number; to: number; count: number }[] {
  if (values.length === 0) return [];
  const [low, high] = [Math.log(Math.min(...values)) - 1e-6, Math.log(Math.max(...values)) + 1e-6];
  const edge = (i: number) => Math.exp(low + ((high - low) * i) / 30);
  return Array.from({ length: 30 }, (_, i) => {
    const [from, to] = [edge(i), edge(i + 1)];
    return { from, to, count: values.filter((w) => w >= from && w < to).length };
  });
}

/** Images in a row of four, every other pixel. */
function gallery(
  title: string,
  images: readonly (readonly number[])[],
  [height, width]: readonly [number, number],
): Figure['panels'][number] {
  const cells = images.flatMap((pixels, k) =>
    Array.from({ length: Math.floor(height / 2) * Math.floor(width / 2) }, (_, i) => {
      const [y, x] = [Math.floor(i / Math.floor(width / 2)), i % Math.floor(width / 2)];
      return {
        x: x + (k % 4) * (width / 2 + 1),
        y: y + Math.floor(k / 4) * (height / 2 + 1),
        ink: pixels[2 * y * width + 2 * x],
      };
    }),
  );
  return {
    title,
    plot: {
      width: 330,
      height: 180,
      margin: 0,
      x: { axis: null },
      y: { axis: null, reverse: true },
      color: { scheme: 'greys', domain: [0, 1] },
      marks: [
        Plot.rect(cells, {
          x1: (c: { x: number }) => c.x,
          x2: (c: { x: number }) => c.x + 1,
          y1: (c: { y: number }) => c.y,
          y2: (c: { y: number }) => c.y + 1,
          fill: 'ink',
          inset: -0.2,
        }),
      ],
    },
  };
}

export const figures = (settings: Settings, measurements: Measurements): readonly Figure[] => [
  distanceFigure(settings, measurements),
  scatterFigure(settings, measurements),
  tauFigure(settings, measurements),
  ...measurements.races.map(raceFigure),
  switchFigure(settings, measurements),
  drawnFigure(settings, measurements),
];
