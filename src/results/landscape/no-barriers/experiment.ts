/** @module The experiment of "Essentially No Barriers in Neural Network Energy Landscape": ten claims and their controls. */
import * as random from '../../../random/index.ts';
import type { Experiment, RunContext } from '../../contract.ts';
import { claims, type Measurements } from './claims.ts';
import { figures } from './figures.ts';
import { scheduleOf } from './measure/connect.ts';
import { measureNetworkLandscape } from './measure/network-landscape.ts';
import { measurePotentials } from './measure/potentials.ts';
import { type ConnectedNetwork, measureConnectedNetwork } from './measure/sweep.ts';
import { loadTask, systemOf } from './measure/system.ts';
import { measureXor, type XorSwaps } from './measure/xor.ts';
import { type Settings, scales, settings } from './settings.ts';

async function run(s: Settings, context: RunContext): Promise<Measurements> {
  const { seed, progress, stage } = context;
  // First of all, so that missing data is noticed before anything is computed.
  const task = await loadTask(s.source, { n: s.images, test: s.testImages, seed, augment: s.augment });
  const images = await loadTask(s.cnnSource, { n: s.cnnImages, test: s.cnnTestImages, seed, augment: s.augment });
  const training = {
    steps: s.trainSteps,
    every: s.trainEvery,
    learningRate: s.trainRate,
    momentum: 0.9,
    weightDecay: s.trainDecay,
    decayAt: [0.5, 0.75],
    atOnce: s.networksAtOnce,
  };
  const dynamics = { weightDecay: s.bandDecay, pivotsAtOnce: s.pivotsAtOnce, bnMode: s.bnMode };
  const connecting = (unit: number) => ({ ...scheduleOf(s.schedule, unit), ...dynamics });
  const batch = { training: s.trainBatch, band: s.bandBatch };

  const potentials = await stage('potentials', () => measurePotentials(s.chainPivots, seed));
  const xor: XorSwaps[] = [];
  for (const hidden of s.xorHidden) {
    const name = `XOR, ${hidden} hidden units`;
    const report = (done: number, total: number) => progress({ stage: name, done, total });
    const chosen = { seeds: s.xorSeeds, restarts: s.xorRestarts, seed };
    xor.push(await stage(name, () => measureXor(hidden, chosen, report)));
  }
  const landscape = await measureNetworkLandscape(
    systemOf(s.network, task, batch),
    {
      network: s.network,
      training,
      connecting: connecting(s.unit),
      graphConnecting: connecting(s.graphUnit),
      minima: s.minima,
      slice: s.slice,
    },
    context,
  );
  const swept = new Map<string, ConnectedNetwork>();
  for (const name of new Set([...s.wider, ...s.deeper])) {
    const chosen = { pairs: s.sweepPairs, training, connecting: connecting(s.sweepUnit) };
    const key = random.foldIn(random.key(seed), 1000 + swept.size);
    const title = `sweep, ${name}`;
    swept.set(name, {
      ...(await measureConnectedNetwork(title, systemOf(name, task, batch), chosen, key, context)),
      name,
    });
  }
  const cnnBatch = { training: s.trainBatch, band: s.cnnBatch };
  const cnn = await measureConnectedNetwork(
    `images, ${s.cnn}`,
    systemOf(s.cnn, images, cnnBatch),
    {
      pairs: 1,
      training: { ...training, steps: s.cnnTrainSteps, every: 10, atOnce: 2 },
      connecting: { ...scheduleOf('fast', s.cnnUnit), ...dynamics, pivots: s.cnnPivots },
    },
    random.foldIn(random.key(seed), 2000),
    context,
  );
  const named = (names: readonly string[]) => names.map((name) => swept.get(name)!);
  return { potentials, xor, landscape, wider: named(s.wider), deeper: named(s.deeper), cnn };
}

export const experiment: Experiment<typeof settings, Measurements> = {
  name: 'no-barriers',
  title: 'Essentially No Barriers in Neural Network Energy Landscape',
  summary:
    'Two networks trained from different starts are two minima, and on the straight line between them the loss rises enormously. A bent path, found with the nudged elastic band, is almost flat for training and test loss. The minima of wide and deep networks lie in one connected set of low loss.',
  citation: {
    authors: ['Felix Draxler', 'Kambis Veschgini', 'Manfred Salmhofer', 'Fred A. Hamprecht'],
    title: 'Essentially No Barriers in Neural Network Energy Landscape',
    venue: 'International Conference on Machine Learning (ICML)',
    year: 2018,
    arxiv: '1803.00885',
  },
  settings,
  scales,
  run,
  claims,
  figures,
};
