/** @file Made-up measurements of the experiment in which every claim holds, small enough to change by hand. */
import type { Measurements } from './claims.ts';
import type { NetworkMeasurement } from './measure/network-outliers.ts';
import { type NetworkName, networkTitles } from './measure/networks.ts';
import type { Outliers, Structure } from './measure/outliers.ts';
import { type Settings, scales, settings as schema } from './settings.ts';

/** The smoke scale, of whose settings the figures use the first network. */
export const madeUpSettings: Settings = schema.parse({ ...scales.smoke.settings, networks: ['mlp'] });

const twice = <T>(make: (seed: number) => T): T[] => [make(0), make(1)];

/** C outliers from 1 down to 0.5, then a bulk from 0.2 on. */
const trained = (classes: number): Outliers => {
  const eigenvalues = Array.from({ length: 3 * classes }, (_, j) =>
    j < classes ? 1 - (0.5 * j) / classes : 0.2 * 0.9 ** (j - classes),
  );
  const averages = (ratio: number, overlap: number, knockout: number) => {
    const values = eigenvalues.slice(0, classes).map((x) => ratio * x);
    return { values, overlap, ratios: values.map((x, j) => x / eigenvalues[j]), knockout };
  };
  return {
    classes,
    eigenvalues,
    gap: eigenvalues[classes - 1] / eigenvalues[classes],
    count: classes,
    byClass: averages(0.9, 0.97, 0.6),
    shuffled: averages(0.1, 0.45, 2),
  };
};

const untrained = (classes: number): Outliers => {
  const { byClass, ...rest } = trained(classes);
  return { ...rest, gap: 1.1, byClass: { ...byClass, ratios: byClass.ratios.map(() => 0.01) } };
};

const structure = (clusterAccuracy: number, meanCosine: number, ownNorm: number): Structure => ({
  clusters: {
    clusterAccuracy,
    meanCosine,
    ownNorm,
    variance: { classes: 0.8, crossClasses: 0.1, interaction: 0.1 },
  },
  shares: { G0: 0.01, G1: 0.4, G2: 0.2, G3: 0.39 },
  eigenvalues: { G0: [0.01, 0.001], G1: [0.9, 0.6], G2: [0.1, 0.05], G012: [0.95, 0.7, 0.05] },
});

export const madeUpNetwork = (
  name: NetworkName,
  labels: NetworkMeasurement['labels'],
  classes: number,
): NetworkMeasurement => ({
  name,
  title: `${networkTitles[name]}, ${classes} classes`,
  labels,
  classes,
  accuracy: [1, 1],
  loss: [1e-3, 1e-3],
  trained: twice(() => trained(classes)),
  untrained: labels === 'all' ? twice(() => untrained(classes)) : [],
  structure: labels === 'all' ? twice(() => structure(1, 0.92, 0.1)) : [],
  untrainedStructure: labels === 'all' ? twice(() => structure(0.2, 0.11, 3)) : [],
  split: labels === 'all' ? twice(() => ({ weighted: 1e-7, unweighted: 50 })) : [],
  hessian: labels === 'all' && name === 'resnet18' ? [0.01, 0.01] : [],
});

const ten = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1];

export const madeUpMeasurements = (): Measurements => ({
  plain: {
    split: { weighted: 1e-15, unweighted: 40 },
    closedForm: 1e-16,
    loss: [1e-3, 1e-3],
    trained: twice(() => ({ hessian: ten.map((x) => 1.005 * x), gaussNewton: ten, smallest: -0.1 })),
    untrained: twice(() => ({ hessian: ten.map((x) => 1.2 * x), gaussNewton: ten, smallest: -1 })),
  },
  networks: [
    madeUpNetwork('mlp', 'all', 4),
    madeUpNetwork('cnn', 'all', 4),
    madeUpNetwork('resnet18', 'all', 4),
    madeUpNetwork('mlp', 'half', 2),
    madeUpNetwork('mlp', 'merged', 2),
  ],
  portrait: {
    title: 'MLP of width 128',
    classNames: ['cat', 'dog', 'ship', 'truck'],
    outliers: trained(4),
    structure: structure(1, 0.92, 0.1),
    embedding: [
      { label: 0, alternative: null, x: 1, y: 1 },
      { label: 0, alternative: 0, x: 0, y: 0 },
      { label: 0, alternative: 1, x: 1.1, y: 0.9 },
    ],
    untrainedEmbedding: [{ label: 0, alternative: null, x: 0, y: 0 }],
    density: [false, true].map((without) => ({ without, grid: [0, 0.5, 1], density: [10, 0, without ? 0 : 0.1] })),
    history: [0, 100].map((epoch) => ({
      epoch,
      overlap: 0.9,
      knockout: 0.8,
      ratio: 0.7,
      shares: structure(1, 1, 1).shares,
    })),
  },
  grid: [10, 20].map((perClass) => ({
    set: 'mnist',
    network: 'mlp',
    perClass,
    accuracy: [1, 1],
    trained: twice(() => trained(4)),
  })),
  cost: {
    title: 'small CNN',
    seeds: twice(() => ({
      averages: { cost: 1, overlap: 0.95, shuffledOverlap: 0.5 },
      subspaceIteration: { cost: [8, 16], overlap: [0.7, 0.92] },
      reference: 1024,
    })),
  },
});
