/** @file The paper's key figures, redrawn from the measurements. */
import * as Plot from '@observablehq/plot';
import type { Figure } from '../../contract.ts';
import { crossing, type Measurements } from './claims.ts';
import { spread } from './explore-landscape.ts';
import type { ConnectedPair, Curve } from './measure/connect.ts';
import type { ConnectedNetwork } from './measure/sweep.ts';
import { disconnectivityGraph, minimumSpanningTree } from './minima-graph.ts';
import type { Settings } from './settings.ts';

const wide = { width: 640, height: 340, marginLeft: 64, marginBottom: 42 } as const;
const narrow = { width: 330, height: 320, marginLeft: 62, marginBottom: 42 } as const;
/** Losses of 0 have no place on a logarithmic axis. */
const seen = (loss: number): number => Math.max(loss, 1e-6);
const paths = ['straight line', 'first cycle', 'best cycle'] as const;
const colours = { domain: paths, range: ['#d1495b', '#b07d12', '#2a7fb8'] } as const;

function along(pair: ConnectedPair, loss: 'trainLoss' | 'testLoss', legend: boolean): Plot.PlotOptions {
  const rows = (curve: Curve, path: string) => curve.at.map((at, i) => ({ at, loss: seen(curve[loss][i]), path }));
  const best = rows(pair.best, paths[2]);
  return {
    ...narrow,
    color: { ...colours, legend },
    x: { label: 'share of the path’s length' },
    y: { type: 'log', label: loss === 'trainLoss' ? 'training loss' : 'test loss', nice: true },
    marks: [
      Plot.line([...rows(pair.line, paths[0]), ...rows(pair.first, paths[1]), ...best], {
        x: 'at',
        y: 'loss',
        stroke: 'path',
        strokeWidth: 2,
      }),
      Plot.dot(
        best.filter(({ at }) => pair.pivots.includes(at)),
        { x: 'at', y: 'loss', fill: 'path', r: 3 },
      ),
    ],
  };
}

const pathFigure = (id: string, title: string, pair: ConnectedPair, more: string): Figure => ({
  id,
  title,
  caption: `Loss between two trained networks: on the straight line, after the first cycle of the elastic band, and on the best path (dots: its pivots). The axis is logarithmic: the line rises by orders of magnitude, the best path stays near the level of its ends.${more}`,
  panels: [
    { title: 'training set', plot: along(pair, 'trainLoss', true) },
    { title: 'test set', plot: along(pair, 'testLoss', false) },
  ],
});

function cyclesFigure({ landscape: { pairs, bezier } }: Measurements): Figure {
  const rows = pairs.flatMap(({ cycles }, i) =>
    cycles.map(({ pivots, saddle }, c) => ({ cycle: c + 1, saddle: seen(saddle), pivots, pair: `pair ${i + 1}` })),
  );
  const plot: Plot.PlotOptions = {
    ...wide,
    color: { legend: true },
    x: { label: 'cycle', ticks: Math.max(...rows.map((r) => r.cycle)), tickFormat: 'd' },
    y: { type: 'log', label: 'highest training loss on the path' },
    marks: [
      Plot.ruleY([seen(bezier.saddle)], { stroke: '#888', strokeDasharray: '4 3' }),
      Plot.line(rows, { x: 'cycle', y: 'saddle', stroke: 'pair', strokeWidth: 2 }),
      Plot.dot(rows, { x: 'cycle', y: 'saddle', fill: 'pair', r: 3 }),
      Plot.text(
        rows.filter(({ pair }) => pair === 'pair 1'),
        { x: 'cycle', y: 'saddle', text: 'pivots', dy: -9, fill: 'currentColor' },
      ),
    ],
  };
  return {
    id: 'cycles',
    title: 'Each cycle of AutoNEB lowers the saddle',
    caption: `Highest training loss on the path after each cycle; numbers: pivots of pair 1, ends included. Dashed: a Bezier curve with one trained bend (Garipov et al. 2018) between the ends of pair 1, after as many gradients (${bezier.gradients}).`,
    panels: [{ plot }],
  };
}

function graphFigure({ landscape: { graph } }: Measurements): Figure {
  const tree = minimumSpanningTree(graph);
  const names = graph.losses.map((_, i) => String(i + 1));
  const direct = graph.edges.flatMap(({ a, b, saddle }) => [
    { a: names[a], b: names[b], saddle },
    { a: names[b], b: names[a], saddle },
  ]);
  const angle = (i: number) => (2 * Math.PI * i) / names.length;
  const at = (i: number) => ({ x: Math.cos(angle(i)), y: Math.sin(angle(i)) });
  const edges = tree.edges.map(({ a, b, saddle }) => ({
    x1: at(a).x,
    y1: at(a).y,
    x2: at(b).x,
    y2: at(b).y,
    saddle,
  }));
  const nodes = names.map((name, i) => ({ ...at(i), name }));
  const levels = [...graph.edges.map(({ saddle }) => saddle)];
  const color = {
    type: 'linear' as const,
    scheme: 'viridis' as const,
    label: 'highest training loss on the path',
    domain: [Math.min(...levels), Math.max(...levels)],
  };
  const square = { ...narrow, marginLeft: 40, height: 330 };
  return {
    id: 'graph',
    title: 'All pairs of minima, and the spanning tree of the lowest saddles',
    caption:
      'Left: highest training loss on the direct path of each pair. Right: the edges that suffice to join all minima at the lowest levels; between any two minima the concatenated path of the tree is at least as low as the direct one.',
    panels: [
      {
        title: 'direct paths',
        plot: {
          ...square,
          color: { ...color, legend: true },
          x: { type: 'band', label: 'minimum', domain: names },
          y: { type: 'band', label: 'minimum', domain: names },
          marks: [Plot.cell(direct, { x: 'a', y: 'b', fill: 'saddle', inset: 0.5 })],
        },
      },
      {
        title: 'spanning tree',
        plot: {
          ...square,
          color,
          x: { axis: null, domain: [-1.3, 1.3] },
          y: { axis: null, domain: [-1.3, 1.3] },
          marks: [
            Plot.link(edges, { x1: 'x1', y1: 'y1', x2: 'x2', y2: 'y2', stroke: 'saddle', strokeWidth: 4 }),
            Plot.dot(nodes, { x: 'x', y: 'y', r: 12, fill: 'white', stroke: '#444' }),
            Plot.text(nodes, { x: 'x', y: 'y', text: 'name', fill: '#222' }),
          ],
        },
      },
    ],
  };
}

function disconnectivityFigure({ landscape: { graph, pairs } }: Measurements): Figure {
  const tree = minimumSpanningTree(graph);
  const { order, joins } = disconnectivityGraph(tree);
  const n = order.length;
  // Where each cluster stands, and up to which loss its branch has come.
  const place = graph.losses.map((loss, i) => ({ x: order.indexOf(i), loss: seen(loss) }));
  const lines: { x1: number; y1: number; x2: number; y2: number }[] = [];
  for (const { left, right, saddle } of joins) {
    const [a, b] = [place[left], place[right]];
    const y = seen(saddle);
    for (const branch of [a, b]) lines.push({ x1: branch.x, y1: branch.loss, x2: branch.x, y2: y });
    lines.push({ x1: a.x, y1: y, x2: b.x, y2: y });
    place.push({ x: (a.x + b.x) / 2, loss: y });
  }
  const leaves = order.map((i, x) => ({ x, loss: seen(graph.losses[i]), name: String(i + 1) }));
  const linear = pairs.map(({ linearHighest }) => linearHighest);
  return {
    id: 'disconnectivity',
    title: 'Minima join at a low level',
    caption: `Disconnectivity graph: each branch begins at the training loss of a minimum; two branches join at the lowest level at which a known path connects them. Dashed: mean maximum of straight lines (${spread(linear).mean.toPrecision(2)}).`,
    panels: [
      {
        plot: {
          ...wide,
          x: { axis: null, domain: [-0.5, n - 0.5] },
          y: { type: 'log', label: 'training loss' },
          marks: [
            Plot.ruleY([spread(linear).mean], { stroke: '#d1495b', strokeDasharray: '5 4' }),
            Plot.link(lines, { x1: 'x1', y1: 'y1', x2: 'x2', y2: 'y2', stroke: '#2a7fb8', strokeWidth: 2 }),
            Plot.dot(leaves, { x: 'x', y: 'loss', fill: '#2a7fb8', r: 4 }),
            Plot.text(leaves, { x: 'x', y: 'loss', text: 'name', dy: 14, fill: 'currentColor' }),
          ],
        },
      },
    ],
  };
}

function sizeFigure({ wider, deeper }: Measurements): Figure {
  const plot = (nets: readonly ConnectedNetwork[]): Plot.PlotOptions => {
    const rows = nets.flatMap(({ name, pairs }) =>
      pairs.flatMap(({ barrier, linearBarrier }) => [
        { name, barrier: seen(barrier), path: paths[2] },
        { name, barrier: seen(linearBarrier), path: paths[0] },
      ]),
    );
    return {
      ...narrow,
      marginBottom: 60,
      color: { domain: [paths[0], paths[2]], range: [colours.range[0], colours.range[2]], legend: true },
      x: { type: 'point', label: null, domain: nets.map(({ name }) => name), tickRotate: -30 },
      y: { type: 'log', label: 'barrier of the training loss' },
      marks: [Plot.dot(rows, { x: 'name', y: 'barrier', fill: 'path', r: 4 })],
    };
  };
  return {
    id: 'size',
    title: 'Barriers fall with width and depth',
    caption:
      'Highest loss above the worse end, one dot per pair of minima: on the straight line and on the best path. Names are width x layers. Width and depth lower the barrier of the path far more than that of the line. (1e-6 stands for no barrier.)',
    panels: [
      { title: 'width', plot: plot(wider) },
      { title: 'depth', plot: plot(deeper) },
    ],
  };
}

function trainingFigure(settings: Settings, { landscape: { at, curves, pairs } }: Measurements): Figure {
  const level = spread(pairs.map(({ saddle }) => saddle)).mean;
  const line = spread(pairs.map(({ linearHighest }) => linearHighest)).mean;
  const [curve] = curves;
  const rows = at.map((step, t) => ({ step, loss: seen(curve[t]) }));
  const marks = [level, line].map((loss) => ({ step: crossing(at, curve, loss), loss: seen(loss) }));
  return {
    id: 'training',
    title: 'Training passes the straight line’s maximum early, the saddle late',
    caption:
      'Training loss of the first minimum. Blue: mean highest loss on the best paths; red: on straight lines; dots: where training passes them. Dotted: the learning rate falls to a tenth. In the paper’s deep networks the saddle is passed only after such a fall.',
    panels: [
      {
        plot: {
          ...wide,
          x: { label: 'training step' },
          y: { type: 'log', label: 'training loss' },
          marks: [
            Plot.ruleX(
              [0.5, 0.75].map((share) => share * settings.trainSteps),
              { stroke: '#888', strokeDasharray: '2 3' },
            ),
            Plot.ruleY([seen(level)], { stroke: colours.range[2], strokeWidth: 1.5 }),
            Plot.ruleY([seen(line)], { stroke: colours.range[0], strokeWidth: 1.5 }),
            Plot.line(rows, { x: 'step', y: 'loss', stroke: 'currentColor', strokeWidth: 1 }),
            Plot.dot(marks, { x: 'step', y: 'loss', fill: 'currentColor', r: 5 }),
          ],
        },
      },
    ],
  };
}

function sliceFigure({ landscape: { slice } }: Measurements): Figure {
  const { x, y, loss, path } = slice;
  const [dx, dy] = [(x[1] - x[0]) / 2, (y[1] - y[0]) / 2];
  const cells = loss.flatMap((row, j) =>
    row.map((value, i) => ({
      x1: x[i] - dx,
      x2: x[i] + dx,
      y1: y[j] - dy,
      y2: y[j] + dy,
      loss: Math.max(value, 1e-4),
    })),
  );
  const points = path.map(([a, b]) => ({ a, b }));
  return {
    id: 'slice',
    title: 'A plane through both minima and the middle of the path',
    caption:
      'Training loss on the plane (colour, logarithmic), and the pivots of the best path of pair 1, projected into it. The two minima are the ends of the chain; the straight line between them crosses the bright ridge, the path goes round it. Only its two ends and its middle lie in the plane.',
    panels: [
      {
        plot: {
          ...wide,
          height: 420,
          color: { type: 'log', scheme: 'viridis', label: 'training loss', legend: true },
          x: { label: 'distance along the straight line' },
          y: { label: 'distance from it' },
          marks: [
            Plot.rect(cells, { x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2', fill: 'loss', inset: -0.3 }),
            Plot.line([points[0], points[points.length - 1]], { x: 'a', y: 'b', stroke: '#d1495b', strokeWidth: 2 }),
            Plot.line(points, { x: 'a', y: 'b', stroke: 'white', strokeWidth: 2 }),
            Plot.dot(points, { x: 'a', y: 'b', fill: 'white', stroke: '#222', r: 3.5 }),
          ],
        },
      },
    ],
  };
}

function xorFigure({ xor }: Measurements): Figure {
  const rows = xor.flatMap(({ hidden, error }) => error.map((e, i) => ({ hidden: String(hidden), error: e, i })));
  return {
    id: 'xor',
    title: 'Exchanging two hidden units needs a spare one',
    caption:
      'Networks that solve XOR, and the same with their two largest hidden units exchanged: share of the four points that are wrong at the worst place of the best path found, one dot for each network. With two units the path must pass through errors.',
    panels: [
      {
        plot: {
          ...wide,
          height: 220,
          x: { type: 'point', label: 'hidden units', domain: [...new Set(rows.map((r) => r.hidden))] },
          y: { label: 'worst error on the path', domain: [-0.05, 0.6] },
          marks: [Plot.dot(rows, Plot.dodgeX('middle', { x: 'hidden', y: 'error', fill: '#2a7fb8', r: 5 }))],
        },
      },
    ],
  };
}

export const figures = (settings: Settings, measurements: Measurements): readonly Figure[] => {
  const { cnn, landscape } = measurements;
  const anew = cnn.reestimated[0].toPrecision(2);
  return [
    pathFigure('path', `A flat path between two minima (${settings.network})`, landscape.pairs[0], ''),
    pathFigure(
      'path-images',
      `A flat path between two convolutional networks (${settings.cnn})`,
      cnn.pairs[0],
      ` Running statistics are interpolated between pivots, as published: highest training loss ${cnn.pairs[0].saddle.toPrecision(2)}; found anew at each point: ${anew}.`,
    ),
    cyclesFigure(measurements),
    sliceFigure(measurements),
    graphFigure(measurements),
    disconnectivityFigure(measurements),
    sizeFigure(measurements),
    trainingFigure(settings, measurements),
    xorFigure(measurements),
  ];
};
