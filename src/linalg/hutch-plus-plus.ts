/** The trace of an operator, its dominant part exactly and the rest by random signs. */
import type { NDArray } from '../array/ndarray.ts';
import { appendAll, emptyBasis, orthogonalize, vectorAt } from './basis.ts';
import { type Estimate, estimateOf, signs } from './estimate.ts';
import type { TraceOptions } from './hutchinson.ts';
import { checkCount, dotOf, type Operator, productOf, type Vector } from './operator.ts';

/**
 * Hutch++: Meyer, Musco, Musco and Woodruff, "Hutch++: optimal stochastic trace estimation", SOSA 2021,
 * arXiv:2010.09649, algorithm 1. A third of the products finds a basis Q of the dominant range, a third gives the trace
 * on it exactly, and a third estimates that of `(I - Q Q^T) A (I - Q Q^T)` as `hutchinson` does.
 *
 * Unbiased for any square A; for positive semi-definite A the error falls like 1 / products instead of 1 /
 * sqrt(products). The standard error is that of the last third.
 *
 * Costs `products` products; memory `products / 3 * size` numbers.
 *
 * @param A operator on vectors of length `size`
 * @param key of `random`; used up
 * @param products a multiple of 3, at least 6; with `3 size` or more of them the trace is exact
 */
export async function hutchPlusPlus(
  A: Operator,
  size: number,
  key: NDArray,
  products: number,
  { dtype = 'float32', onStep = () => {} }: TraceOptions = {},
): Promise<Estimate> {
  const third = products / 3;
  checkCount('hutchPlusPlus', 'a third of the number of products', third, 2);
  const draw = async (probe: number) => (await signs(key, probe, size, dtype).data()) as Vector;
  let done = 0;
  const apply: typeof productOf = async (name, operator, v) => {
    const image = await productOf(name, operator, v);
    onStep(++done, products);
    return image;
  };
  const basis = emptyBasis(Math.min(third, size), size, await draw(0));
  for (let p = 0; p < third && basis.count < size; p++) {
    await appendAll(basis, await apply('hutchPlusPlus', A, await draw(p)));
  }
  let dominant = 0;
  for (let i = 0; i < basis.count; i++) {
    const q = vectorAt(basis, i);
    dominant += dotOf(q, await apply('hutchPlusPlus', A, q));
  }
  if (basis.count === size) return { value: dominant, standardError: 0 };
  const values: number[] = [];
  for (let p = 0; p < third; p++) {
    const { rest } = await orthogonalize(basis, await draw(third + p));
    values.push(dotOf(rest, await apply('hutchPlusPlus', A, rest)));
  }
  const { value, standardError } = estimateOf(values);
  return { value: dominant + value, standardError };
}
