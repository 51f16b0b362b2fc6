/** @module The experiment on the outliers of Hessians' spectra: nine claims, predicted against measured. */
import type { Experiment, RunContext } from '../../contract.ts';
import { claims, type Measurements } from './claims.ts';
import { figures } from './figures.ts';
import { measureCost } from './measure/cost.ts';
import { measureGrid } from './measure/grid.ts';
import { halved, loadSet } from './measure/images.ts';
import { type Labels, measureNetwork, measurePortrait, type NetworkMeasurement } from './measure/network-outliers.ts';
import { type NetworkName, networkTitles } from './measure/networks.ts';
import { measurePlainMlp } from './measure/plain-mlp.ts';
import { type Settings, scales, settings } from './settings.ts';

async function run(s: Settings, context: RunContext): Promise<Measurements> {
  const training = {
    epochs: s.epochs,
    batch: s.batch,
    learningRate: s.learningRate,
    weightDecay: s.weightDecay,
    records: s.records,
  };
  // First of all, so that missing data is noticed before anything is computed.
  const images = await loadSet(s.source, s.pool, context.seed);
  const digits = halved(await loadSet(s.digits, s.pool, context.seed));
  const of = (name: NetworkName, labels: Labels): Promise<NetworkMeasurement> =>
    context.stage(`${networkTitles[name]}, ${labels} classes`, () =>
      measureNetwork(images, { ...training, name, labels, perClass: s.perClass, directions: s.directions }, context),
    );
  const plain = await context.stage('plain MLP', () =>
    measurePlainMlp(
      digits,
      { ...training, epochs: s.digitsEpochs, records: 1, perClass: s.digitsPerClass, weightDecay: 0 },
      context,
    ),
  );
  const networks: NetworkMeasurement[] = [];
  for (const name of s.networks) networks.push(await of(name, 'all'));
  networks.push(await of(s.networks[0], 'half'), await of(s.networks[0], 'merged'));
  return {
    plain,
    networks,
    portrait: await context.stage('portrait', () =>
      measurePortrait(
        images,
        {
          ...training,
          name: s.networks[0],
          labels: 'all',
          perClass: s.perClass,
          directions: s.directions,
          lanczosSteps: s.lanczosSteps,
          probes: s.probes,
        },
        context,
      ),
    ),
    grid: await measureGrid(
      {
        ...training,
        epochs: s.gridEpochs,
        pool: s.pool,
        sets: s.gridSets,
        networks: s.gridNetworks,
        sizes: s.gridSizes,
      },
      context,
    ),
    cost: await context.stage('costs', () =>
      measureCost(
        images,
        { ...training, name: s.costNetwork, perClass: s.costPerClass, rounds: s.costRounds },
        context,
      ),
    ),
  };
}

export const experiment: Experiment<typeof settings, Measurements> = {
  name: 'hessian-outliers',
  title: 'Outliers in the Spectrum of Deep Networks’ Hessians',
  summary:
    'The Hessian of a trained classifier of C classes has about C large eigenvalues. They come from the averages of its logit gradients over the classes: C averages of gradients give the leading eigenspace without any eigenvalue method. Around the class averages the gradients form clusters by cross-class, and around those by sample, which make up the rest of the spectrum.',
  citation: {
    authors: ['Vardan Papyan'],
    title: 'Measurements of Three-Level Hierarchical Structure in the Outliers in the Spectrum of Deepnet Hessians',
    venue: 'International Conference on Machine Learning (ICML)',
    year: 2019,
    arxiv: '1901.08244',
  },
  settings,
  scales,
  run,
  claims,
  figures,
};
