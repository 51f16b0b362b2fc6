/** @file Claims B1, B2: the closed form of a ReLU network's spectrum against quadrature, and how fast it decays. */

import * as random from '../../../../random/index.ts';
import type { RunContext } from '../../../contract.ts';
import { heNet } from '../compact-nets.ts';
import {
  cutNetworkDecay1d,
  cutNetworkDecay2d,
  type DecayCurve,
  pyramidDecay,
  smoothControl,
} from '../decay-measurement.ts';
import { type Exactness, exactness1d, exactness2d } from '../exactness.ts';

export interface ExactSpectrumSettings {
  /** Hidden widths of the random networks on the line and in the plane. */
  readonly hidden1d: readonly number[];
  readonly hidden2d: readonly number[];
  /** Points of the quadrature: on the line, and per side in the plane. */
  readonly points1d: number;
  readonly points2d: number;
  /** Random networks per seed whose slopes on the line are averaged. */
  readonly networks: number;
}

type Summary = Omit<Exactness, 'k' | 'exact' | 'quadrature'>;

export interface ExactSpectrum {
  /** [seed], windowed and compact forms. */
  readonly line: Summary[][];
  readonly plane: Summary[][];
  readonly pyramid: DecayCurve[];
  /** [seed][network] exponents of compactly supported random networks on the line, and of the smooth twins. */
  readonly cutLine: number[][];
  readonly smoothLine: number[][];
  /** [seed] curves of a random network in the plane, cut by the pyramid; for the figure and as a measurement. */
  readonly cutPlane: DecayCurve[][];
  /** The smooth twin of the first network: its spectrum for the figure. */
  readonly smoothCurve: DecayCurve;
}

/** An endless source of standard normal numbers under one key. */
async function normals(seed: number, stream: number): Promise<() => number> {
  const key = random.foldIn(random.foldIn(random.key(seed), 6), stream);
  const values = await random.normal(key, [20_000], { dtype: 'float64' }).data();
  let next = 0;
  return () => values[next++ % values.length];
}

const summary = ({ dim, support, regions, relativeError, printedSignError }: Exactness): Summary => ({
  dim,
  support,
  regions,
  relativeError,
  printedSignError,
});

export async function measureExactSpectrum(
  settings: ExactSpectrumSettings,
  context: RunContext,
): Promise<ExactSpectrum> {
  const { hidden1d, hidden2d, points1d, points2d, networks } = settings;
  const { seed, seeds, progress } = context;
  const line: Summary[][] = [];
  const plane: Summary[][] = [];
  const cutLine: number[][] = [];
  const smoothLine: number[][] = [];
  const cutPlane: DecayCurve[][] = [];
  let smoothCurve: DecayCurve | undefined;
  for (let s = 0; s < seeds; s++) {
    progress({ stage: 'exact spectra', done: s, total: seeds });
    const normal = await normals(seed, s);
    const onLine = () => heNet([1, ...hidden1d, 1], normal);
    const inPlane = heNet([2, ...hidden2d, 1], normal);
    line.push(exactness1d(onLine(), { points: points1d }).map(summary));
    plane.push(exactness2d(inPlane, { points: points2d }).map(summary));
    const nets = Array.from({ length: networks }, onLine);
    cutLine.push(nets.map((net) => cutNetworkDecay1d(net).exponent));
    const smooth = nets.map((net) => smoothControl(net).tanh);
    smoothCurve ??= smooth[0];
    smoothLine.push(smooth.map(({ exponent }) => exponent));
    cutPlane.push(cutNetworkDecay2d(inPlane));
  }
  progress({ stage: 'exact spectra', done: seeds, total: seeds });
  return { line, plane, pyramid: pyramidDecay(), cutLine, smoothLine, cutPlane, smoothCurve: smoothCurve! };
}
