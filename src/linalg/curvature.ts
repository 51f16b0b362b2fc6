/** Operators of a model: Hessian, Gauss-Newton matrix, Jacobian. */
import { UserError } from '../array/errors.ts';
import type { NDArray } from '../array/ndarray.ts';
import { flatten, type Tree } from '../array/tree.ts';
import * as np from '../numpy/index.ts';
import { jit } from '../runtime/index.ts';
import { inStages } from '../runtime/stages.ts';
import { hvp, jvp, vjp } from '../transforms/index.ts';
import { keptWithin } from './kept.ts';
import type { Operator } from './operator.ts';

/**
 * The Hessian of `sum over batches of loss(params, batch)` at some parameters, on vectors of their `np.ravelTree`
 * order, without the matrix (Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation 6, 1994,
 * doi:10.1162/neco.1994.6.1.147). A product costs about four evaluations of the loss.
 *
 * Activations and the first gradient do not change with v: they are computed with the first product and kept, in 2 GiB at
 * most; products of the batches that do not fit cost a third more.
 *
 * A mean over all samples is a sum over batches when the loss divides by the number of all.
 *
 * @param loss scalar function of parameters and a batch, twice differentiable where it is evaluated
 * @param params tree of floats of one dtype
 * @param batches trees of arrays, equal shapes share one compilation; default one batch, `null`
 */
export function hessianOperator<P extends Tree, B extends Tree>(
  loss: (params: P, batch: B) => NDArray,
  params: P,
  batches: readonly B[] = [null as B],
): Operator {
  return overBatches('hessianOperator', params, batches, (p, v, batch) => hvp((q: P) => loss(q, batch), p, v));
}

/**
 * The generalized Gauss-Newton matrix `sum over batches of J^T H J`, J the Jacobian of the model's outputs by the
 * parameters, H the Hessian of the loss by the outputs: Schraudolph, "Fast curvature matrix-vector products for
 * second-order gradient descent", Neural Computation 14, 2002, doi:10.1162/08997660260028683. Positive semi-definite
 * where the loss is convex in the outputs; for cross-entropy it is the Fisher matrix.
 *
 * @param model outputs from parameters and a batch
 * @param loss scalar function of outputs and the same batch
 */
export function gaussNewtonOperator<P extends Tree, B extends Tree>(
  model: (params: P, batch: B) => NDArray,
  loss: (outputs: NDArray, batch: B) => NDArray,
  params: P,
  batches: readonly B[] = [null as B],
): Operator {
  return overBatches('gaussNewtonOperator', params, batches, (p, v, batch) => {
    const [outputs, direction] = jvp((q: P) => model(q, batch), [p], [v]);
    const curved = hvp((y: NDArray) => loss(y, batch), outputs, direction);
    return vjp((q: P) => model(q, batch), p)[1](curved)[0];
  });
}

/** What does not change from product to product is kept up to so many bytes an operator. */
const KEPT_BYTES = 2 ** 31;

/**
 * Sums `product(params, v, batch)` over the batches, one compilation for all of equal shape. What does not depend on v
 * (activations, the first gradient) is computed with the first product and kept, batch after batch while it fits; for
 * the other batches it is computed each time.
 */
function overBatches<P extends Tree, B extends Tree>(
  name: string,
  params: P,
  batches: readonly B[],
  product: (params: P, v: P, batch: B) => P,
): Operator {
  if (batches.length === 0) throw new UserError(`${name}: expected at least one batch.`);
  const [vector, unravel] = np.ravelTree(params);
  const add = ([p, batch]: readonly [P, B], [sum, v]: readonly [NDArray, NDArray]): NDArray =>
    np.add(sum, np.ravelTree(product(p, unravel(v), batch))[0]);
  const compiled = new Map<string, ReturnType<typeof compile>>();
  const compile = (batch: B) => inStages(add, [params, batch], [vector, vector]);
  const stagesFor = (batch: B) => {
    const { leaves, structure } = flatten(batch);
    const key = `${JSON.stringify(structure)}${leaves.join()}`;
    const stages = compiled.get(key) ?? compile(batch);
    compiled.set(key, stages);
    return stages;
  };
  const known = keptWithin(KEPT_BYTES, (batch: B) => stagesFor(batch).early([params, batch]));
  const zero = np.zerosLike(vector);
  return (v) =>
    batches.reduce<NDArray>((sum, batch) => stagesFor(batch).late([params, batch], known(batch), [sum, v]), zero);
}

/** A Jacobian as two products; both take and return vectors, [n] for inputs and [m] for outputs. */
export interface Jacobian {
  readonly inputs: number;
  readonly outputs: number;
  /** `J v`. */
  readonly forward: (v: NDArray) => NDArray;
  /** `J^T w`. */
  readonly backward: (w: NDArray) => NDArray;
  /** `J J^T w`, [m] to [m]: of a model's outputs by its parameters the neural tangent kernel. */
  readonly kernel: Operator;
  /** `J^T J v`, [n] to [n]: its eigenvalues are the squared singular values of J. */
  readonly gram: Operator;
}

/**
 * The Jacobian of a function at a point, without the matrix.
 *
 * @param f from a tree of floats of one dtype to such a tree
 * @param at where
 */
export function jacobianOperator<P extends Tree, R extends Tree>(f: (inputs: P) => R, at: P): Jacobian {
  const [vector, unravel] = np.ravelTree(at);
  const flat = (v: NDArray): NDArray => np.ravelTree(f(unravel(v)))[0];
  const forward = (x: NDArray, v: NDArray): NDArray => jvp(flat, [x], [v])[1];
  const backward = (x: NDArray, w: NDArray): NDArray => vjp(flat, x)[1](w)[0];
  const compiled = {
    forward: jit(forward),
    backward: jit(backward),
    kernel: jit((x: NDArray, w: NDArray) => forward(x, backward(x, w))),
    gram: jit((x: NDArray, v: NDArray) => backward(x, forward(x, v))),
  };
  return {
    inputs: vector.size,
    outputs: flat(vector).size,
    forward: (v) => compiled.forward(vector, v),
    backward: (w) => compiled.backward(vector, w),
    kernel: (w) => compiled.kernel(vector, w),
    gram: (v) => compiled.gram(vector, v),
  };
}
