/** @file Claims N2 to N4 and N7 to N9: minima of one network, paths between them, and their graph. */
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import type { RunContext } from '../../../contract.ts';
import type { NetworkPoint } from '../batch-norm.ts';
import { curveConnect } from '../curve-connect.ts';
import { exploreLandscape } from '../explore-landscape.ts';
import type { MinimaGraph } from '../minima-graph.ts';
import { densePathProfile, linearInterpolationBarrier } from '../profile.ts';
import { type ConnectedPair, type Connecting, connectPair, type Slice, sliceThrough } from './connect.ts';
import { type Training, trainMinima } from './minima.ts';
import { permutedCopy } from './permuted.ts';
import type { System } from './system.ts';

export interface NetworkLandscape {
  /** Parameters, without running statistics. */
  readonly size: number;
  /** Training losses of all minima, [minimum][record]; those of pair i are 2i and 2i + 1. */
  readonly at: readonly number[];
  readonly curves: readonly (readonly number[])[];
  readonly pairs: readonly ConnectedPair[];
  /** Of the first pair. */
  readonly slice: Slice;
  /** A Bezier curve between the ends of the first pair, trained with as many steps and gradients. */
  readonly bezier: { readonly saddle: number; readonly gradients: number };
  /** The first minimum of each pair and a permuted copy of it; `identity`: linear barrier to itself. */
  readonly permuted: readonly { readonly pair: ConnectedPair; readonly identity: number }[];
  readonly graph: MinimaGraph;
}

export async function measureNetworkLandscape(
  system: System,
  {
    network,
    training,
    connecting,
    graphConnecting,
    minima: count,
    slice: side,
  }: {
    readonly network: string;
    readonly training: Training;
    readonly connecting: Connecting;
    readonly graphConnecting: Connecting;
    /** Of the graph: the first ones. */
    readonly minima: number;
    readonly slice: number;
  },
  { seed, seeds, progress, stage, follow }: RunContext,
): Promise<NetworkLandscape> {
  const keys = random.split(random.foldIn(random.key(seed), 1), 5);
  const key = (part: number, i: number) => random.foldIn(np.slice(keys, part), i);
  const minima = await trainMinima(system, training, Math.max(2 * seeds, count), np.slice(keys, 0), (part) =>
    follow(`minima of ${network}${part}`),
  );
  const { points, at, curves } = minima;
  type Ends = readonly [NetworkPoint, NetworkPoint];
  const connect = (name: string, ends: Ends, how: Connecting, k: np.NDArray) =>
    connectPair(system, ends, how, k, (done, total) => progress({ stage: name, done, total }));

  const pairs: ConnectedPair[] = [];
  let first: { pair: ConnectedPair; slice: Slice } | undefined;
  for (let i = 0; i < seeds; i++) {
    const name = `pair ${i + 1} of ${seeds}`;
    const connected = () => connect(name, [points[2 * i], points[2 * i + 1]], connecting, key(1, i));
    if (i === 0) {
      first = await stage(name, async () => {
        const { pair, path } = await connected();
        return { pair, slice: await sliceThrough(system, path, side) };
      });
      pairs.push(first.pair);
    } else {
      pairs.push(await stage(name, async () => (await connected()).pair));
    }
  }

  const { gradients } = pairs[0];
  const steps = connecting.cycles.reduce((sum, cycle) => sum + cycle.steps, 0);
  const bezier = await stage('Bezier curve', async () => {
    const { loss, batch } = system.landscape;
    const { path, bend } = await curveConnect({
      batch,
      loss: (point: NetworkPoint, given: ReturnType<typeof batch>) => {
        const result = loss(point, given);
        return result instanceof np.NDArray ? result : result[0];
      },
      start: points[0],
      end: points[1],
      steps,
      draws: Math.round(gradients / steps),
      weightDecay: connecting.weightDecay,
      key: np.slice(keys, 2),
    });
    // A curve has no statistics of its own.
    const { values } = await densePathProfile(path, system.evaluate.reestimate, { like: bend, subPivots: 4 });
    return { saddle: Math.max(...values.trainLoss), gradients };
  });

  const permuted: NetworkLandscape['permuted'][number][] = [];
  for (let i = 0; i < seeds; i++) {
    const name = `permuted copy ${i + 1} of ${seeds}`;
    const point = points[2 * i];
    const ends: Ends = [point, permutedCopy(network, point, seed + 1 + i)];
    permuted.push(
      await stage(name, async () => {
        const { pair } = await connect(name, ends, connecting, key(3, i));
        const same = await linearInterpolationBarrier(point, point, system.evaluate.interpolate, 11);
        return { pair, identity: same.barrier.trainLoss };
      }),
    );
  }

  const losses = curves.slice(0, count).map((c) => c[c.length - 1]);
  const { graph } = await exploreLandscape({
    minima: losses,
    connect: async (a, b) => {
      const name = `graph, minima ${a + 1} and ${b + 1}`;
      const saddle = await stage(
        name,
        async () => (await connect(name, [points[a], points[b]], graphConnecting, key(4, count * a + b))).pair.saddle,
      );
      return Math.max(saddle, losses[a], losses[b]);
    },
  });
  return { size: system.size, at, curves, pairs, slice: first!.slice, bezier, permuted, graph };
}
