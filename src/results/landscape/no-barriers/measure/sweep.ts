/** @file Claims N5 and N10: pairs of minima of networks of growing width and depth, and of a convolutional network. */
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import type { RunContext } from '../../../contract.ts';
import { densePathProfile } from '../profile.ts';
import { type ConnectedPair, type Connecting, connectPair } from './connect.ts';
import { type Training, trainMinima } from './minima.ts';
import type { System } from './system.ts';

export interface ConnectedNetwork {
  readonly name: string;
  /** Parameters, without running statistics. */
  readonly size: number;
  readonly pairs: readonly ConnectedPair[];
  /** Highest training loss on the best path of each pair with running statistics found anew at each point. */
  readonly reestimated: readonly number[];
}

/** Trains so many pairs of minima of a network and connects them. */
export async function measureConnectedNetwork(
  name: string,
  system: System,
  { pairs, training, connecting }: { pairs: number; training: Training; connecting: Connecting },
  key: np.NDArray,
  { progress, stage, follow }: RunContext,
): Promise<ConnectedNetwork> {
  const keys = random.split(key, pairs + 1);
  const { points } = await trainMinima(system, training, 2 * pairs, np.slice(keys, pairs), (part) =>
    follow(`minima of ${name}${part}`),
  );
  const found: ConnectedPair[] = [];
  const reestimated: number[] = [];
  for (let i = 0; i < pairs; i++) {
    const title = `${name}, pair ${i + 1} of ${pairs}`;
    const ends = [points[2 * i], points[2 * i + 1]] as const;
    const { pair, anew } = await stage(title, async () => {
      const report = (done: number, total: number) => progress({ stage: title, done, total });
      const connected = await connectPair(system, ends, connecting, np.slice(keys, i), report);
      if (ends[0].state === null) return { pair: connected.pair, anew: connected.pair.saddle };
      const { values } = await densePathProfile(connected.path, system.evaluate.reestimate, {
        like: ends[0],
        subPivots: 3,
      });
      return { pair: connected.pair, anew: Math.max(...values.trainLoss) };
    });
    found.push(pair);
    reestimated.push(anew);
  }
  return { name, size: system.size, pairs: found, reestimated };
}
