/** The trace of an operator from products with random signs. */
import type { NDArray } from '../array/ndarray.ts';
import * as random from '../random/index.ts';
import { jit } from '../runtime/index.ts';
import { type Estimate, estimateOf } from './estimate.ts';
import { checkCount, dotOf, type OnStep, type Operator, productOf, type Vector } from './operator.ts';

export interface TraceOptions {
  /** Of the vectors; default float32. */
  readonly dtype?: 'float32' | 'float64';
  /** Called after each product. */
  readonly onStep?: OnStep;
}

/**
 * `tr A = E[z^T A z]` for independent signs z: Hutchinson, "A stochastic estimator of the trace of the influence matrix
 * for Laplacian smoothing splines", Comm. Statist. Simulation Comput. 18, 1989, doi:10.1080/03610918908812806.
 *
 * Unbiased for any square A; for a symmetric one the variance of one probe is twice the sum of the squares off the
 * diagonal. `hutchPlusPlus` is better where a few eigenvalues dominate, this where they do not or memory is scarce.
 *
 * @param A operator on vectors of length `size`
 * @param key of `random`; used up
 * @param probes number of products, at least 2
 */
export async function hutchinson(
  A: Operator,
  size: number,
  key: NDArray,
  probes: number,
  { dtype = 'float32', onStep = () => {} }: TraceOptions = {},
): Promise<Estimate> {
  checkCount('hutchinson', 'a number of probes', probes, 2);
  const draw = signs(key, size, dtype);
  const values: number[] = [];
  for (let p = 0; p < probes; p++) {
    const z = await draw(p);
    values.push(dotOf(z, await productOf('hutchinson', A, z)));
    onStep(p + 1, probes);
  }
  return estimateOf(values);
}

/** Vectors of random signs, one for each number. */
export function signs(key: NDArray, size: number, dtype: 'float32' | 'float64'): (probe: number) => Promise<Vector> {
  const draw = jit((k: NDArray) => random.rademacher(k, [size], { dtype }));
  return async (probe) => (await draw(random.foldIn(key, probe)).data()) as Vector;
}
