/** The trace of an operator from products with random signs. */
import type { NDArray } from '../array/ndarray.ts';
import { type Estimate, estimateOf, signs } from './estimate.ts';
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
  const values: number[] = [];
  for (let p = 0; p < probes; p++) {
    const z = (await signs(key, p, size, dtype).data()) as Vector;
    values.push(dotOf(z, await productOf('hutchinson', A, z)));
    onStep(p + 1, probes);
  }
  return estimateOf(values);
}
