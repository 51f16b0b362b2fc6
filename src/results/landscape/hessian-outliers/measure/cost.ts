/** @file Claim H9: what averages and eigenvalue methods cost until they span the top eigenspace. */
import type { LabelledImages } from '../../../../data/index.ts';
import { lanczosEigenpairs, subspaceIteration } from '../../../../linalg/index.ts';
import * as random from '../../../../random/index.ts';
import type { RunContext } from '../../../contract.ts';
import { labelPartitionControl } from '../samples.ts';
import { approximateTopSubspace, subspaceOverlap } from '../top-subspace.ts';
import { trainedOn } from './network-outliers.ts';
import { type NetworkName, networkTitles } from './networks.ts';
import { gaussNewton, start } from './outliers.ts';
import type { TrainingSettings } from './training.ts';

/** Costs in gradients over all samples; a product with G counts as two. */
export interface Cost {
  readonly averages: { readonly cost: number; readonly overlap: number; readonly shuffledOverlap: number };
  /** After each round of subspace iteration from a random start, until the overlap is 0.9. */
  readonly subspaceIteration: { readonly cost: readonly number[]; readonly overlap: readonly number[] };
  /** The reference's 128 rounds. */
  readonly reference: number;
}

export const reached = 0.9;
const gradientsPerProduct = 2;
const referenceRounds = 128;

export async function measureCost(
  set: LabelledImages,
  settings: TrainingSettings & { readonly name: NetworkName; readonly perClass: number; readonly rounds: number },
  context: RunContext,
): Promise<{ readonly title: string; readonly seeds: readonly Cost[] }> {
  const title = networkTitles[settings.name];
  const { trained } = await trainedOn(set, { ...settings, labels: 'all' }, context, `${title}, for the costs`);
  const seeds: Cost[] = [];
  for (const [s, fitted] of trained.entries()) {
    const { model, params, data } = fitted;
    const { G, size } = gaussNewton(fitted);
    const found = await approximateTopSubspace(model, params, data);
    const shuffled = await approximateTopSubspace(model, params, labelPartitionControl(data, context.seed + s));
    const { classes } = found;
    const exact = (await lanczosEigenpairs(G, start(size, 0), classes)).vectors;
    const iteration = { cost: [] as number[], overlap: [] as number[] };
    let block = random.normal(random.foldIn(random.key(context.seed), s), [classes, size]);
    for (let round = 1; round <= settings.rounds && !(iteration.overlap.at(-1)! >= reached); round++) {
      // Two rounds of the method are one multiplication of the block, in which it then finds the Ritz vectors.
      block = (await subspaceIteration(G, block, { iterations: 2, tolerance: 0 })).vectors;
      iteration.cost.push(gradientsPerProduct * classes * round);
      iteration.overlap.push(await subspaceOverlap(block, exact));
    }
    seeds.push({
      averages: {
        cost: 1,
        overlap: await subspaceOverlap(found.vectors, exact),
        shuffledOverlap: await subspaceOverlap(shuffled.vectors, exact),
      },
      subspaceIteration: iteration,
      reference: gradientsPerProduct * classes * referenceRounds,
    });
    context.progress({ stage: 'subspace iteration', done: s + 1, total: trained.length });
  }
  return { title, seeds };
}
