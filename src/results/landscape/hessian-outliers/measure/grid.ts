/** @file Claim H8: the same over data sets, networks and sample sizes. */
import type { RunContext } from '../../../contract.ts';
import type { SetName } from './images.ts';
import { loadSet } from './images.ts';
import { trainedOn } from './network-outliers.ts';
import { type NetworkName, networkTitles } from './networks.ts';
import { measureOutliers, type Outliers } from './outliers.ts';
import type { TrainingSettings } from './training.ts';

export interface GridPoint {
  readonly set: SetName;
  readonly network: NetworkName;
  readonly perClass: number;
  /** [seed] */
  readonly accuracy: readonly number[];
  readonly trained: readonly Outliers[];
}

export interface GridSettings extends TrainingSettings {
  readonly sets: readonly SetName[];
  readonly networks: readonly NetworkName[];
  readonly sizes: readonly number[];
  readonly pool: number;
}

/** The sizes that a set can fill: CIFAR-100 has 500 training images of a class. */
export const sizesFor = (set: SetName, sizes: readonly number[]): number[] =>
  sizes.filter((size) => set !== 'cifar100' || size <= 500);

/** Each point is a stage of its own, so that a run that was stopped goes on where it was. */
export async function measureGrid(settings: GridSettings, context: RunContext): Promise<GridPoint[]> {
  const points: GridPoint[] = [];
  for (const set of settings.sets) {
    const images = await loadSet(set, settings.pool, context.seed);
    for (const name of settings.networks) {
      for (const perClass of sizesFor(set, settings.sizes)) {
        const stage = `${networkTitles[name]}, ${set}, ${perClass} per class`;
        const point = async (): Promise<GridPoint> => {
          const chosen = { ...settings, name, labels: 'all' as const, perClass };
          const { trained, accuracy } = await trainedOn(images, chosen, context, stage);
          const found: Outliers[] = [];
          for (const [s, fitted] of trained.entries()) {
            found.push(await measureOutliers(fitted, context.seed + s));
            context.progress({ stage: `spectra ${stage}`, done: s + 1, total: trained.length });
          }
          return { set, network: name, perClass, accuracy, trained: found };
        };
        points.push(await context.stage(stage, point));
      }
    }
  }
  return points;
}
