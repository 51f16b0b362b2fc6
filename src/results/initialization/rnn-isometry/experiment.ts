/** @module The experiment of "Dynamical Isometry and a Mean Field Theory of RNNs": twelve claims, predicted against measured. */
import type { Experiment, RunContext } from '../../contract.ts';
import { claims, type Measurements } from './claims.ts';
import { figures } from './figures.ts';
import { measureLanguage } from './measure/language.ts';
import { loadTaskData } from './measure/memory-task.ts';
import { measureSequential } from './measure/sequential.ts';
import { measureSpectra } from './measure/spectra.ts';
import { computeTheory } from './measure/theory.ts';
import { measureCritical, measureLengths, measureSweep } from './measure/training.ts';
import { measureTrajectories } from './measure/trajectories.ts';
import { type Settings, scales, settings } from './settings.ts';

async function run(s: Settings, context: RunContext): Promise<Measurements> {
  // First of all, so that missing data is noticed before anything is computed.
  const data = await loadTaskData(s.source, {
    train: s.trainImages,
    test: s.testImages,
    seed: context.seed,
    R: s.R,
  });
  const weights = { R: s.R, sw: s.sw, sv: s.sv, vanillaSv: s.vanillaSv };
  const loop = { N: s.units, batch: s.batch, images: s.images };
  return {
    theory: await context.stage('theory and phase diagrams', () =>
      computeTheory({ ...weights, grid: s.grid }, (done, total) =>
        context.progress({ stage: 'rows of the phase diagrams', done, total }),
      ),
    ),
    trajectories: await context.stage('two sequences', () =>
      measureTrajectories(
        {
          ...weights,
          biases: s.simulatedBiases,
          units: s.simulatedUnits,
          steps: s.simulatedSteps,
          networks: s.simulatedNetworks,
        },
        context,
      ),
    ),
    spectra: await context.stage('Jacobians', () => measureSpectra({ R: s.R, units: s.spectrumUnits }, context)),
    critical: await context.stage('critical initialisation', () =>
      measureCritical(
        {
          ...weights,
          ...loop,
          length: s.criticalLength,
          steps: s.criticalSteps,
          deviations: s.deviations,
          vanillaRate: s.vanillaRate,
          biases: s.trainedBiases,
          minimalRate: s.minimalRate,
        },
        data,
        context,
      ),
    ),
    sweep: await context.stage('sweep', () =>
      measureSweep(
        { ...weights, ...loop, points: s.sweepPoints, length: s.sweepLength, steps: s.sweepSteps, rates: s.sweepRates },
        data,
        context,
      ),
    ),
    lengths: await context.stage('lengths', () =>
      measureLengths(
        {
          ...weights,
          ...loop,
          biases: s.lengthBiases,
          lengths: s.lengths,
          steps: s.lengthSteps,
          rate: s.lengthRate,
        },
        data,
        context,
      ),
    ),
    sequential:
      s.sequentialSteps === 0
        ? null
        : await context.stage('images piece by piece', () =>
            measureSequential(
              {
                ...loop,
                R: s.R,
                pixels: s.sequentialPixels,
                steps: s.sequentialSteps,
                every: s.sequentialSteps / 100,
                rate: s.sequentialRate,
              },
              data,
              context,
            ),
          ),
    language:
      s.languageSteps === 0
        ? null
        : await context.stage('characters', () =>
            measureLanguage({ units: s.languageUnits, steps: s.languageSteps, rates: s.languageRates }, context),
          ),
  };
}

export const experiment: Experiment<typeof settings, Measurements> = {
  name: 'rnn-isometry',
  title: 'Dynamical isometry and a mean field theory of RNNs',
  summary:
    'How long a recurrent network remembers at initialisation is one number: the mean squared singular value of its state-to-state Jacobian. Where it is 1 (a thin line for the vanilla cell, nearly a band for a gated one) long sequences can be learned; orthogonal weights make the vanilla cell learn faster still.',
  citation: {
    authors: ['Minmin Chen', 'Jeffrey Pennington', 'Samuel S. Schoenholz'],
    title:
      'Dynamical Isometry and a Mean Field Theory of RNNs: Gating Enables Signal Propagation in Recurrent Neural Networks',
    venue: 'ICML',
    year: 2018,
    arxiv: '1806.05394',
  },
  settings,
  scales,
  run,
  claims,
  figures,
};
