/** @file What a network is to its user: pure functions of a tree of parameters. */
import type { NDArray } from '../array/ndarray.ts';
import type { Tree } from '../array/tree.ts';
import type { Rates } from './optimizers.ts';

/** A differentiable function with parameters. */
export interface Model<P extends Tree, A extends readonly unknown[] = readonly [x: NDArray]> {
  /**
   * Initial parameters; `vmap(init)` of several keys gives as many networks. Outside of `jit` the random bits come from
   * the host at once; a compiled `init` holds a graph of them.
   */
  readonly init: (key: NDArray) => P;
  readonly apply: (params: P, ...inputs: A) => NDArray;
  /** What the parametrisation multiplies the learning rate of each parameter with: an option of every optimizer. */
  readonly rates: Rates;
}

export interface ApplyOptions {
  /** True: normalise by the batch and update the running statistics; default false: normalise by these. */
  readonly training?: boolean;
}

/** A model that carries statistics of its inputs beside its parameters (null where its normalisation keeps none). */
export interface StatefulModel<P extends Tree, S extends Tree> {
  readonly init: (key: NDArray) => { readonly params: P; readonly state: S };
  /** Output and next state; without `training` the state is returned as it is. */
  readonly apply: (params: P, state: S, x: NDArray, options?: ApplyOptions) => readonly [NDArray, S];
  readonly rates: Rates;
}
