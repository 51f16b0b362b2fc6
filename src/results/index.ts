/** Every result by name, its experiment loaded only when asked for. */
import type { Experiment } from './contract.ts';

export const results: Readonly<Record<string, () => Promise<Experiment>>> = {
  'spectral-bias': () => import('./dynamics/spectral-bias/experiment.ts').then((module) => module.experiment),
  'hessian-outliers': () => import('./landscape/hessian-outliers/experiment.ts').then((module) => module.experiment),
};
