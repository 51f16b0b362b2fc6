/** @file Claims H2 to H5 and H7: a network trained on some classes, measured before and after. */

import type { LabelledImages } from '../../../../data/index.ts';
import { lanczosEigenpairs, spectralDensity, stochasticLanczosQuadrature } from '../../../../linalg/index.ts';
import * as random from '../../../../random/index.ts';
import { median } from '../../../../stats/index.ts';
import type { RunContext } from '../../../contract.ts';
import { classMeanLogitGradients } from '../class-means.ts';
import { deltaEmbedding, type EmbeddedMean } from '../cluster-report.ts';
import { crossEntropyHessian } from '../curvature.ts';
import { gramOfMeans } from '../decomposition.ts';
import { approximateTopSubspace, knockout } from '../top-subspace.ts';
import { drawn, halved, padded } from './images.ts';
import { isPapers, type NetworkName, network, networkTitles } from './networks.ts';
import { gaussNewton, measureOutliers, measureStructure, type Outliers, type Structure, start } from './outliers.ts';
import { splitErrors } from './split.ts';
import { type Fitted, type TrainedNetworks, type TrainingSettings, trainNetworks } from './training.ts';

/** All classes of the data, the first half of them, or all of them as half as many labels, two classes under each. */
export type Labels = 'all' | 'half' | 'merged';

export interface NetworkSettings extends TrainingSettings {
  readonly name: NetworkName;
  readonly labels: Labels;
  readonly perClass: number;
  readonly directions: number;
}

/** One list entry for each seed; what follows `trained` is measured on all classes only, and empty otherwise. */
export interface NetworkMeasurement {
  readonly name: NetworkName;
  readonly title: string;
  readonly labels: Labels;
  readonly classes: number;
  readonly accuracy: readonly number[];
  readonly loss: readonly number[];
  readonly trained: readonly Outliers[];
  readonly untrained: readonly Outliers[];
  readonly structure: readonly Structure[];
  readonly untrainedStructure: readonly Structure[];
  /** Largest relative error of the split along random directions, and without the weights sqrt(p). */
  readonly split: readonly { readonly weighted: number; readonly unweighted: number }[];
  /** Largest relative difference of the C largest eigenvalues of Hessian and G; for the paper's networks. */
  readonly hessian: readonly number[];
}

/** The first seed's network in more detail, for the figures. */
export interface Portrait {
  readonly title: string;
  readonly classNames: readonly string[];
  readonly outliers: Outliers;
  readonly structure: Structure;
  readonly embedding: readonly EmbeddedMean[];
  readonly untrainedEmbedding: readonly EmbeddedMean[];
  /** Densities of eigenvalues of G, and of G without the class centres. */
  readonly density: readonly {
    readonly without: boolean;
    readonly grid: readonly number[];
    readonly density: readonly number[];
  }[];
  /** By epoch. */
  readonly history: readonly {
    readonly epoch: number;
    readonly overlap: number;
    readonly knockout: number;
    readonly ratio: number;
    readonly shares: Structure['shares'];
  }[];
}

/** Images as a network takes them. */
export const preparedFor = (name: NetworkName, set: LabelledImages): LabelledImages =>
  isPapers(name) ? padded(set) : halved(set);

function labelled(set: LabelledImages, labels: Labels, perClass: number, seed: number): LabelledImages {
  const all = set.classNames.map((_, c) => c);
  const half = Math.floor(all.length / 2);
  if (labels === 'half') return drawn(set, 2 * perClass, all.slice(0, half), seed);
  const images = drawn(set, perClass, all, seed);
  if (labels === 'all') return images;
  return {
    ...images,
    labels: images.labels.map((c) => c % half),
    classNames: all.slice(0, half).map((c) => set.classNames.filter((_, k) => k % half === c).join(' or ')),
  };
}

/** Networks of all seeds, on images of their own. */
export function trainedOn(
  set: LabelledImages,
  settings: Omit<NetworkSettings, 'directions'>,
  context: RunContext,
  stage: string,
  keep = false,
): Promise<TrainedNetworks> {
  const { name, labels, perClass } = settings;
  const prepared = preparedFor(name, set);
  const images = Array.from({ length: context.seeds }, (_, s) =>
    labelled(prepared, labels, perClass, context.seed * context.seeds + s),
  );
  const net = network(name, images[0].classNames.length, images[0].shape);
  // Classes differ in number, which makes the heads differ; the rest of the weights may be the same.
  return trainNetworks(net, images, settings, context, {
    name: `training ${stage}`,
    key: random.key(context.seed),
    keep,
  });
}

export async function measureNetwork(
  set: LabelledImages,
  settings: NetworkSettings,
  context: RunContext,
): Promise<NetworkMeasurement> {
  const { name, labels } = settings;
  const stage = `${networkTitles[name]}, ${labels} classes`;
  const { trained, untrained, accuracy, loss } = await trainedOn(set, settings, context, stage);
  const found = {
    trained: [] as Outliers[],
    untrained: [] as Outliers[],
    structure: [] as Structure[],
    untrainedStructure: [] as Structure[],
    split: [] as NetworkMeasurement['split'][number][],
    hessian: [] as number[],
  };
  for (const [s, after] of trained.entries()) {
    const before = untrained[s];
    found.trained.push(await measureOutliers(after, context.seed + s));
    if (labels === 'all') {
      found.structure.push(await measureStructure(after));
      found.untrained.push(await measureOutliers(before, context.seed + s));
      found.untrainedStructure.push(await measureStructure(before));
      found.split.push(await splitErrors(after, settings.directions, random.foldIn(random.key(context.seed), s)));
      if (isPapers(name)) found.hessian.push(await hessianDifference(after, found.trained[s]));
    }
    context.progress({ stage: `spectra ${stage}`, done: s + 1, total: trained.length });
  }
  const { classes } = found.trained[0];
  return { name, title: `${networkTitles[name]}, ${classes} classes`, labels, classes, accuracy, loss, ...found };
}

/** Largest relative difference of the C largest eigenvalues of the Hessian from those of G. */
async function hessianDifference(fitted: Fitted, { classes, eigenvalues }: Outliers): Promise<number> {
  const { model, params, data } = fitted;
  const hessian = crossEntropyHessian(model, params, data);
  const { values } = await lanczosEigenpairs(hessian, start(gaussNewton(fitted).size, 2), classes);
  return Math.max(...Array.from(values, (value, j) => Math.abs(value / eigenvalues[j] - 1)));
}

export interface PortraitSettings extends NetworkSettings {
  readonly lanczosSteps: number;
  readonly probes: number;
}

export async function measurePortrait(
  set: LabelledImages,
  settings: PortraitSettings,
  context: RunContext,
): Promise<Portrait> {
  const one = { ...context, seeds: 1 };
  const title = networkTitles[settings.name];
  const { trained, untrained, history } = await trainedOn(set, settings, one, `${title}, watched`, true);
  const [after] = trained;
  const { G, size } = gaussNewton(after);
  const { vectors } = await approximateTopSubspace(after.model, after.params, after.data);
  const density: Portrait['density'][number][] = [];
  for (const without of [false, true]) {
    const quadrature = await stochasticLanczosQuadrature(
      without ? knockout(G, vectors) : G,
      size,
      random.key(context.seed),
      {
        steps: settings.lanczosSteps,
        probes: settings.probes,
        onStep: (done, total) =>
          context.progress({ stage: `density ${without ? 'without' : 'with'} the centres`, done, total }),
      },
    );
    const { grid, density: values } = spectralDensity(quadrature);
    density.push({ without, grid: Array.from(grid), density: Array.from(values) });
  }
  const embedded = async ({ model, params, data }: Fitted) =>
    deltaEmbedding(await gramOfMeans(await classMeanLogitGradients(model, params, data)));
  const watched: { epoch: number; outliers: Outliers; structure: Structure }[] = [];
  for (const [r, { epoch, fitted }] of history.entries()) {
    const outliers = await measureOutliers(fitted, context.seed);
    watched.push({ epoch, outliers, structure: await measureStructure(fitted) });
    context.progress({ stage: 'spectra during training', done: r + 1, total: history.length });
  }
  const { outliers, structure } = watched[watched.length - 1];
  return {
    title,
    classNames: set.classNames,
    outliers,
    structure,
    embedding: await embedded(after),
    untrainedEmbedding: await embedded(untrained[0]),
    density,
    history: watched.map(({ epoch, outliers: { byClass }, structure: { shares } }) => ({
      epoch,
      overlap: byClass.overlap,
      knockout: byClass.knockout,
      ratio: median(byClass.ratios),
      shares,
    })),
  };
}
