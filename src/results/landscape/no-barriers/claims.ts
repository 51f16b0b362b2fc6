/** @file Claims N1 to N10 from the measurements. No bound depends on what was measured. */
import { draws } from '../../../data/draws.ts';
import { spearman } from '../../../stats/index.ts';
import { every, outOfScale } from '../../checks.ts';
import type { Claim, Evidence } from '../../contract.ts';
import { spread } from './explore-landscape.ts';
import type { ConnectedPair } from './measure/connect.ts';
import type { NetworkLandscape } from './measure/network-landscape.ts';
import type { Potentials } from './measure/potentials.ts';
import type { ConnectedNetwork } from './measure/sweep.ts';
import type { XorSwaps } from './measure/xor.ts';
import { type MinimaGraph, minimumSpanningTree, topographicDistance } from './minima-graph.ts';
import type { Settings } from './settings.ts';
import { mullerBrownSaddle } from './test-potentials.ts';

export interface Measurements {
  readonly potentials: Potentials;
  readonly xor: readonly XorSwaps[];
  readonly landscape: NetworkLandscape;
  readonly wider: readonly ConnectedNetwork[];
  readonly deeper: readonly ConnectedNetwork[];
  readonly cnn: ConnectedNetwork;
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

/** The networks of the paper are convolutional; claims about perceptrons are about what small scales can show. */
export const isDeep = ({ network }: Settings): boolean => /^(resnet|densenet)/.test(network);

const saddles: Claim<Settings, Measurements> = {
  id: 'N1',
  statement: 'The nudged elastic band finds saddles that are known.',
  source: 'Section 2.1; potential of Muller and Brown (1979), our choice of tests',
  evidence: (_, { potentials: { muller, mullerLine, carton, cartonSymmetric, cartonLine } }) => ({
    checks: [
      every(
        'highest energy on the path, Muller-Brown potential (each number of pivots and rule of tangents)',
        muller.map(({ saddle }) => saddle),
        { within: [mullerBrownSaddle - 0.05, mullerBrownSaddle + 0.05] },
        mullerBrownSaddle,
      ),
      every('highest value on the path, cos 2πx + cos 2πy across a maximum', [carton], { within: [-0.05, 0.05] }, 0),
    ],
    control: {
      setting: 'no steps; and an exactly symmetric line, on which no force points away from the maximum',
      checks: [
        every('highest energy on the straight chain, Muller-Brown', [mullerLine], { within: [12.6, 12.7] }, 12.676),
        every('highest value on the straight line, cosines', [cartonLine], { within: [1.99, 2.01] }, 2),
        every('highest value after all steps from the symmetric line', [cartonSymmetric], { within: [1.99, 2.01] }, 2),
      ],
    },
  }),
};

const noBarrier = (pairs: readonly ConnectedPair[], tolerance: number): Evidence => ({
  checks: [
    every(
      'barrier of the path / barrier of the straight line',
      pairs.map((p) => p.residualFraction),
      { atMost: 0.01 },
      0,
    ),
    every(
      'highest test error on the path above that of the worse end',
      pairs.map((p) => p.testRise),
      { atMost: tolerance },
      0,
    ),
  ],
  control: {
    setting: 'the straight line between the same networks',
    checks: [
      every(
        'barrier of the training loss on the straight line',
        pairs.map((p) => p.linearBarrier),
        { atLeast: 0.5 },
      ),
    ],
  },
});

const perceptrons: Claim<Settings, Measurements> = {
  id: 'N2',
  statement: 'Between two trained networks there is a path on which training loss and test error hardly rise.',
  source: 'Abstract, Fig. 1',
  evidence: ({ tolerance }, { landscape }) => noBarrier(landscape.pairs, tolerance),
};

const number = (value: number): string => value.toPrecision(2);

/** Mean saddle of the tree's edges and mean loss of the minima. */
function treeLevels(graph: MinimaGraph): { saddle: number; minimum: number } {
  const tree = minimumSpanningTree(graph);
  return { saddle: spread(tree.edges.map((e) => e.saddle)).mean, minimum: spread(graph.losses).mean };
}

const residual: Claim<Settings, Measurements> = {
  id: 'N3',
  statement: 'ResNet-20 on CIFAR-10: saddles between minima lie within about twice their training loss.',
  source: 'Section 4, Table B.1; figures of the authors’ evaluation (minima 0.0162, saddles 0.0324)',
  evidence(settings, { landscape: { graph, pairs } }) {
    const { saddle, minimum } = treeLevels(graph);
    const line = Math.min(...pairs.map((p) => p.linearBarrier));
    const control = 'the straight line, barrier at least 1';
    if (!isDeep(settings) || settings.source !== 'cifar10') {
      return outOfScale(
        'ResNet-20 trained for 64,000 steps on CIFAR-10',
        `${settings.network}; by the same criteria mean saddle of the tree ${number(saddle)} (at most 0.05), ${number(saddle / minimum)} times the mean minimum (at most 3), linear barrier ${number(line)} (at least 1)`,
        control,
      );
    }
    return {
      checks: [
        every('mean saddle of the spanning tree', [saddle], { atMost: 0.05 }, 0.0324),
        every('mean saddle / mean loss of the minima', [saddle / minimum], { atMost: 3 }, 2),
      ],
      control: { setting: control, checks: [every('barrier of the straight line', [line], { atLeast: 1 })] },
    };
  },
};

const generalization: Claim<Settings, Measurements> = {
  id: 'N4',
  statement:
    'Deep networks on CIFAR: the test error rises by at most 0.5 (10 classes) or 2.2 points (100 classes) on paths.',
  source: 'Section 4.1',
  evidence(settings, { landscape: { pairs } }) {
    const rises = pairs.map((p) => p.testRise);
    const line = pairs.map((p) => p.linearTestRise);
    const control = 'the straight line, on which the test error rises nearly to chance';
    if (!isDeep(settings) || !settings.source.startsWith('cifar')) {
      return outOfScale(
        'a deep convolutional network on CIFAR',
        `${settings.network} on ${settings.source}; there the test error rises by at most ${(100 * Math.max(...rises)).toFixed(2)} points on paths, by ${(100 * Math.min(...line)).toFixed(0)} or more on straight lines`,
        control,
      );
    }
    const allowed = settings.source === 'cifar10' ? 0.007 : 0.026;
    return {
      checks: [every('highest test error on the path above that of the worse end', rises, { atMost: allowed }, 0.005)],
      control: { setting: control, checks: [every('the same on the straight line', line, { atLeast: 0.5 })] },
    };
  },
};

const fraction = ({ pairs }: ConnectedNetwork): number => mean(pairs.map((p) => p.residualFraction));
/** NaN-free: a barrier of 0 counts as the smallest difference that float32 losses show. */
const barrier = ({ pairs }: ConnectedNetwork): number => Math.max(1e-7, mean(pairs.map((p) => p.barrier)));

const size: Claim<Settings, Measurements> = {
  id: 'N5',
  statement: 'Deeper and wider networks have lower barriers.',
  source: 'Fig. 5',
  evidence({ network }, { wider, deeper }) {
    const depth = every(
      'residual fraction of one more hidden layer / of one less',
      deeper.slice(1).map((net, i) => fraction(net) / Math.max(1e-9, fraction(deeper[i]))),
      { atMost: 1 },
    );
    if (!network.startsWith('mlp')) {
      const filters = wider.map(({ name }) => Number(/\d+/.exec(name)![0]));
      const rank = spearman(Float64Array.from(filters), Float64Array.from(wider.map(barrier)));
      const lines = wider.flatMap((net) => net.pairs.map((p) => p.linearBarrier));
      return {
        checks: [depth, every('rank correlation of filters and barrier', [rank], { atMost: -0.6 }, -1)],
        control: {
          setting: 'the straight line: barriers whatever the width',
          checks: [every('barrier of the straight line', lines, { atLeast: 0.5 })],
        },
      };
    }
    const [wide, widest] = wider.slice(-2);
    return {
      checks: [
        depth,
        every(
          'barrier of narrow networks (3 to 5 units a layer) / barrier at width 32',
          wider.slice(0, -2).map((net) => barrier(net) / barrier(widest)),
          { atLeast: 5 },
        ),
      ],
      control: {
        setting: 'twice the width beyond 16, where both are wide for this task: nothing is left to gain',
        checks: [
          every('barrier at width 16 / barrier at width 32', [barrier(wide) / barrier(widest)], { atMost: 5 }, 1),
        ],
      },
    };
  },
};

const redundancy: Claim<Settings, Measurements> = {
  id: 'N6',
  statement:
    'Two hidden units of a network that solves XOR can change places along a path without errors if there are spare units.',
  source: 'Section 5',
  evidence(_, { xor }) {
    const of = (h: number) => xor.find(({ hidden }) => hidden === h);
    const flat = (h: number) => {
      const error = of(h)?.error ?? [];
      return error.filter((e) => e === 0).length / error.length;
    };
    const three =
      of(3) === undefined ? [] : [every('share of pairs without errors, 3 units', [flat(3)], { atLeast: 0.5 })];
    return {
      checks: [every('share of pairs without errors on the path, 4 units', [flat(4)], { atLeast: 5 / 6 }, 1), ...three],
      control: {
        setting: '2 units: both are needed at every moment, so the path must pass through errors',
        checks: [
          every(
            'share of the four points that are wrong at the worst place',
            of(2)?.error ?? [],
            { atLeast: 0.25 },
            0.25,
          ),
        ],
      },
    };
  },
};

const permutations: Claim<Settings, Measurements> = {
  id: 'N7',
  statement: 'A network and its copy with the hidden units in another order are joined by a path without a barrier.',
  source: 'our addition, a consequence of Section 4',
  evidence: (_, { landscape: { permuted } }) => ({
    checks: [
      every(
        'highest training loss on the straight line',
        permuted.map(({ pair }) => pair.linearHighest),
        { atLeast: 0.5 },
      ),
      every(
        'highest training loss on the path',
        permuted.map(({ pair }) => pair.saddle),
        { atMost: 0.01 },
      ),
    ],
    control: {
      setting: 'the units in the same order: the same point, no barrier to begin with',
      checks: [
        every(
          'barrier of the straight line',
          permuted.map(({ identity }) => identity),
          { atMost: 1e-6 },
          0,
        ),
      ],
    },
  }),
};

/** First record at which a curve has fallen to a level; the last step where it never does. */
export function crossing(at: readonly number[], curve: readonly number[], level: number): number {
  const t = curve.findIndex((loss) => loss <= level);
  return t < 0 ? at[at.length - 1] : at[t];
}

/** Of each minimum of a pair: steps at which training falls below the highest loss of the path, and of the line. */
export const crossings = ({ at, curves, pairs }: NetworkLandscape): { saddle: number; line: number }[] =>
  pairs.flatMap(({ saddle, linearHighest }, i) =>
    [curves[2 * i], curves[2 * i + 1]].map((curve) => ({
      saddle: crossing(at, curve, saddle),
      line: Math.max(at[1], crossing(at, curve, linearHighest)),
    })),
  );

const late: Claim<Settings, Measurements> = {
  id: 'N8',
  statement:
    'Training falls below the loss of the saddle late: in deep networks only after the first decay of the learning rate.',
  source: 'Fig. 6',
  evidence(settings, { landscape }) {
    const steps = crossings(landscape);
    const decay = settings.trainSteps / 2;
    const { saddle } = treeLevels(landscape.graph);
    return {
      checks: isDeep(settings)
        ? [
            every(
              'step at which training falls below the mean saddle / step of the first decay',
              landscape.curves.map((curve) => crossing(landscape.at, curve, saddle) / decay),
              { atLeast: 1 },
            ),
          ]
        : [
            every(
              'step at which training falls below the saddle / below the maximum of the straight line',
              steps.map((s) => s.saddle / s.line),
              { atLeast: 5 },
            ),
          ],
      control: {
        setting: 'the maximum of the straight line in place of the saddle: passed at once',
        checks: [
          every(
            'step at which training falls below it / step of the first decay',
            steps.map((s) => s.line / decay),
            { atMost: 0.1 },
            0,
          ),
        ],
      },
    };
  },
};

/** Lowest highest edge over all paths between all pairs, by relaxing triples until nothing changes. */
function concatenated({ losses, edges }: MinimaGraph): number[][] {
  const all = losses.map((_, i) => i);
  const d = all.map(() => all.map(() => Number.POSITIVE_INFINITY));
  for (const { a, b, saddle } of edges) d[a][b] = d[b][a] = Math.min(d[a][b], saddle);
  for (const k of all)
    for (const i of all) for (const j of all) if (i !== j) d[i][j] = Math.min(d[i][j], Math.max(d[i][k], d[k][j]));
  return d;
}

/** Largest d(A, C) - max(d(A, B), d(B, C)) over all triples. */
function ultrametricViolation(d: readonly (readonly number[])[]): number {
  let worst = Number.NEGATIVE_INFINITY;
  for (let a = 0; a < d.length; a++)
    for (let b = 0; b < d.length; b++)
      for (let c = 0; c < d.length; c++)
        if (a !== b && b !== c && a !== c) worst = Math.max(worst, d[a][c] - Math.max(d[a][b], d[b][c]));
  return worst;
}

const tree: Claim<Settings, Measurements> = {
  id: 'N9',
  statement:
    'The spanning tree of saddles holds the best path between any two minima, concatenated from others or direct.',
  source: 'Section 3.2',
  evidence(_, { landscape: { graph } }) {
    const spanning = minimumSpanningTree(graph);
    const nodes = graph.losses.map((_, i) => i);
    const distance = nodes.map((i) => nodes.map((j) => topographicDistance(spanning, i, j)));
    const best = concatenated(graph);
    const apart = nodes.flatMap((i) => nodes.filter((j) => j !== i).map((j) => Math.abs(distance[i][j] - best[i][j])));
    const direct = graph.edges.map(({ a, b, saddle }) => distance[a][b] - saddle);
    const { uniform } = draws(1);
    const noise = nodes.map((i) => nodes.map((j) => (i < j ? uniform() : 0)));
    const random = nodes.map((i) => nodes.map((j) => noise[Math.min(i, j)][Math.max(i, j)]));
    return {
      checks: [
        every('largest L(A, C) - max(L(A, B), L(B, C)) over all triples', [ultrametricViolation(distance)], {
          atMost: 1e-6,
        }),
        every('largest saddle of the tree above a direct path', [Math.max(...direct)], { atMost: 1e-6 }),
        every('largest difference to the best of all concatenations', [Math.max(...apart)], { atMost: 1e-6 }, 0),
      ],
      control: {
        setting: 'random numbers in place of the saddles, without concatenation',
        checks: [every('largest violation over all triples', [ultrametricViolation(random)], { atLeast: 1e-3 })],
      },
    };
  },
};

const convolutional: Claim<Settings, Measurements> = {
  id: 'N10',
  statement: 'The same holds for two convolutional networks with batch normalisation on images.',
  source: 'Section 4 (there on CIFAR); our addition at smaller scales',
  evidence: (_, { cnn }) => noBarrier(cnn.pairs, 0.01),
};

export const claims: readonly Claim<Settings, Measurements>[] = [
  saddles,
  perceptrons,
  residual,
  generalization,
  size,
  redundancy,
  permutations,
  late,
  tree,
  convolutional,
];
