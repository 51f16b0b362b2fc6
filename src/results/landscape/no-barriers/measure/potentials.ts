/** @file Claim N1: saddles of two potentials, which are known. */
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { autoNeb } from '../auto-neb.ts';
import { straightPath, type TangentRule } from '../chain.ts';
import { nudgedElasticBand } from '../nudged-elastic-band.ts';
import { densePathProfile } from '../profile.ts';
import { eggCarton, mullerBrown, mullerBrownMinima } from '../test-potentials.ts';

export interface Potentials {
  readonly muller: readonly { readonly pivots: number; readonly tangent: TangentRule; readonly saddle: number }[];
  /** Highest value on the chain before any step. */
  readonly mullerLine: number;
  /** Best cycle from a line with a little noise, and from the line itself. */
  readonly carton: number;
  readonly cartonSymmetric: number;
  readonly cartonLine: number;
}

const landscape = (f: (x: np.NDArray) => np.NDArray) => ({
  loss: (x: np.NDArray, _: null) => f(x),
  batch: () => null,
  evaluate: (x: np.NDArray) => ({ trainLoss: f(x) }),
  momentum: 0,
});

export async function measurePotentials(pivots: readonly number[], seed: number): Promise<Potentials> {
  const muller = landscape(mullerBrown);
  const [start, end] = mullerBrownMinima.map((x) => np.array([...x], { dtype: 'float32' }));
  const highest = async (path: np.NDArray) =>
    Math.max(...(await densePathProfile(path, muller.evaluate, { like: start })).values.trainLoss);
  const rows: Potentials['muller'][number][] = [];
  const tangents: TangentRule[] = ['improved', 'officialCode'];
  for (const count of pivots) {
    for (const tangent of tangents) {
      const path = straightPath(start, end, count + 2);
      const band = await nudgedElasticBand({ ...muller, start, end, path, tangent, steps: 3000, learningRate: 2e-4 });
      rows.push({ pivots: count, tangent, saddle: await highest(band.path) });
    }
  }
  const carton = landscape(eggCarton);
  const cycles = new Array(6).fill({ steps: 500, learningRate: 2e-3 });
  const ends = { start: np.array([0.5, 0.5]), end: np.array([1.5, 1.5]) };
  const cross = async (noise: number, steps = cycles) =>
    (await autoNeb({ ...carton, ...ends, cycles: steps, noise, key: random.key(seed) })).saddleLoss;
  return {
    muller: rows,
    mullerLine: await highest(straightPath(start, end, pivots[0] + 2)),
    carton: await cross(1e-3),
    cartonSymmetric: await cross(0),
    cartonLine: await cross(0, [{ steps: 0, learningRate: 1 }]),
  };
}
