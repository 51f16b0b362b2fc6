/** @module The experiment of "Not All Samples Are Created Equal": eight claims, predicted against measured. */
import type { Experiment, RunContext } from '../../contract.ts';
import { claims, type Measurements } from './claims.ts';
import { figures } from './figures.ts';
import { measureCheckpoints } from './measure/checkpoints.ts';
import { measureRaces } from './measure/races.ts';
import { checkpointsOf, racesOf, type Settings, scales, settings } from './settings.ts';

async function run(s: Settings, context: RunContext): Promise<Measurements> {
  const checkpoints: Measurements['checkpoints'][number][] = [];
  for (const chosen of checkpointsOf(s)) {
    checkpoints.push({ network: chosen.problem.kind, measured: await measureCheckpoints(chosen, context) });
  }
  return { checkpoints, races: await measureRaces(racesOf(s), context) };
}

export const experiment: Experiment<typeof settings, Measurements> = {
  name: 'importance-sampling',
  title: 'Not All Samples Are Created Equal: Deep Learning with Importance Sampling',
  summary:
    'Soon most examples contribute almost nothing to the gradient. Drawing examples by the norm of the loss gradient with respect to the last layer, one forward pass, saves nearly as much variance as the true gradient norms would. The scores also tell when this pays, so that importance sampling is switched on only then.',
  citation: {
    authors: ['Angelos Katharopoulos', 'François Fleuret'],
    title: 'Not All Samples Are Created Equal: Deep Learning with Importance Sampling',
    venue: 'International Conference on Machine Learning (ICML)',
    year: 2018,
    arxiv: '1803.00942',
  },
  settings,
  scales,
  run,
  claims,
  figures,
};
