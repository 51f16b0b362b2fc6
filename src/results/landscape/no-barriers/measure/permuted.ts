/** @file Claim N7: the same network with its hidden units in another order. */
import { UserError } from '../../../../array/errors.ts';
import { draws } from '../../../../data/draws.ts';
import type { NetworkPoint } from '../batch-norm.ts';
import { permuteHiddenUnits, type UnitPermutation } from '../permute-hidden-units.ts';

/**
 * A copy with random orders: all hidden layers of `mlp-32x2`, the dense hidden layer of `cnn-12x1`, the channels inside
 * each block of the first stage of `resnet-20`.
 *
 * @throws UserError for other networks
 */
export function permutedCopy(name: string, point: NetworkPoint, seed: number): NetworkPoint {
  const random = draws(seed);
  const order = (units: number) => Array.from(random.permutation(units));
  const axis0 = (...paths: string[]) => paths.map((path) => ({ path, axis: 0 }));
  const [kind, ...numbers] = name.split(/[-x]/);
  const [first, layers] = numbers.map(Number);
  let permutations: UnitPermutation[];
  if (kind === 'mlp') {
    permutations = Array.from({ length: layers }, (_, l) => ({
      order: order(first),
      axes: [{ path: `params.${l}.weight`, axis: 1 }, ...axis0(`params.${l}.bias`, `params.${l + 1}.weight`)],
    }));
  } else if (kind === 'cnn') {
    const at = `params.body.${layers}`;
    const own = axis0(`${at}.layer.bias`, `${at}.norm.gain`, `${at}.norm.bias`, 'params.head.weight');
    const statistics = axis0(`state.${layers}.mean`, `state.${layers}.variance`);
    permutations = [{ order: order(256), axes: [{ path: `${at}.layer.weight`, axis: 1 }, ...own, ...statistics] }];
  } else if (kind === 'resnet') {
    const blocks = (Number(name.split('-')[1]) - 2) / 6;
    permutations = Array.from({ length: blocks }, (_, b) => {
      const at = `params.stages.0.${b}.branch`;
      const statistics = `state.stages.0.${b}.branch.0`;
      return {
        order: order(16),
        axes: [
          ...axis0(`${at}.0.conv.weight`, `${at}.0.norm.gain`, `${at}.0.norm.bias`),
          ...axis0(`${statistics}.mean`, `${statistics}.variance`),
          { path: `${at}.1.conv.weight`, axis: 1 },
        ],
      };
    });
  } else {
    throw new UserError(`no order of hidden units is known for ${name}: expected a network mlp, cnn or resnet`);
  }
  return permuteHiddenUnits(point, permutations);
}
