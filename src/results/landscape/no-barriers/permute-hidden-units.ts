/** @file Symmetries of networks: hidden units in another order compute the same function. */
import { UserError } from '../../../array/errors.ts';
import type { NDArray } from '../../../array/ndarray.ts';
import { flatten, type Tree, unflatten } from '../../../array/tree.ts';
import * as np from '../../../numpy/index.ts';
import { leavesByPath } from './points.ts';

/** Units of one hidden layer in a new order: new unit i is old unit `order[i]`. */
export interface UnitPermutation {
  readonly order: readonly number[];
  /** Every axis of a parameter that runs over these units, by the parameter's place, e.g. `0.weight`. */
  readonly axes: readonly {
    readonly path: string;
    readonly axis: number;
    /** Consecutive positions that stand for one unit: height x width where a dense layer reads channels; default 1. */
    readonly block?: number;
  }[];
}

/**
 * A network of the same function with its hidden units in another order.
 *
 * @param params any tree
 * @param layers one permutation for each hidden layer that changes
 * @throws UserError for an order that is no permutation, a place that the tree does not have, or an axis of another size
 */
export function permuteHiddenUnits<P extends Tree>(params: P, layers: readonly UnitPermutation[]): P {
  const changed = new Map<string, NDArray>(leavesByPath(params));
  for (const { order, axes } of layers) {
    if ([...order].sort((a, b) => a - b).some((unit, i) => unit !== i)) {
      throw new UserError(`permuteHiddenUnits: the order must hold each of 0 to ${order.length - 1} once`);
    }
    for (const { path, axis, block = 1 } of axes) {
      const x = changed.get(path);
      if (x === undefined) {
        throw new UserError(`permuteHiddenUnits: no parameter ${path}; there are ${[...changed.keys()].join(', ')}`);
      }
      if (x.shape[axis] !== order.length * block) {
        throw new UserError(
          `permuteHiddenUnits: axis ${axis} of ${path} ${x} must have ${order.length} units of ${block}`,
        );
      }
      const positions = order.flatMap((unit) => Array.from({ length: block }, (_, k) => unit * block + k));
      changed.set(path, np.take(x, positions, axis));
    }
  }
  return unflatten(flatten(params).structure, [...changed.values()]) as P;
}

/** The axes of the hidden layers of `nn.mlp` parameters, an order for each hidden layer; `prefix`: where they stand. */
export const mlpPermutation = (orders: readonly (readonly number[])[], prefix = ''): UnitPermutation[] =>
  orders.map((order, l) => ({
    order,
    axes: [
      { path: `${prefix}${l}.weight`, axis: 1 },
      { path: `${prefix}${l}.bias`, axis: 0 },
      { path: `${prefix}${l + 1}.weight`, axis: 0 },
    ],
  }));
