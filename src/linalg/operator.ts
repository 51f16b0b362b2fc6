/** Linear maps that are known only by their products, and the arithmetic of long vectors around them. */
import { UserError } from '../array/errors.ts';
import { constant, type NDArray } from '../array/ndarray.ts';

/**
 * A linear map on vectors, `v => A v`: from an array of shape [n], float32 or float64, to one of shape [n] and the same
 * dtype. Whatever has such a product will do: a Hessian (`hessianOperator`), a kernel matrix
 * (`jit((v) => np.matmul(K, v))`), a correlation that never exists as a matrix. The methods call it once for each
 * product, one after another, and never see what stands behind it.
 */
export type Operator = (v: NDArray) => NDArray | Promise<NDArray>;

/** Elements of a vector that an operator takes. */
export type Vector = Float32Array | Float64Array;

/**
 * Called after each of a method's products (or iterations, where its docstring says so): how many are done, of how many
 * at most.
 */
export type OnStep = (done: number, total: number) => void;

/** `A v`. The result may be the operator's own: it must not be written to. */
export async function productOf(name: string, A: Operator, v: Vector): Promise<Vector> {
  const image = await A(constant(v, [v.length]));
  if (image.ndim !== 1 || image.size !== v.length || image.dtype !== dtypeOf(v)) {
    throw new UserError(
      `${name}: expected the operator to return ${dtypeOf(v)}[${v.length}], as it was given, found ${image}.`,
    );
  }
  const data = (await image.data()) as Vector;
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) throw new UserError(`${name}: the operator returned ${data[i]} at index ${i}.`);
  }
  return data;
}

/** Data of a float vector that a user gave; at least one element, not all of them zero. */
export async function vectorOf(name: string, what: string, x: NDArray): Promise<Vector> {
  if (x.ndim !== 1 || x.size === 0 || (x.dtype !== 'float32' && x.dtype !== 'float64')) {
    throw new UserError(`${name}: expected ${what} of floats of shape [n], found ${x}.`);
  }
  return (await x.data()) as Vector;
}

/** Data of a block of `k <= n` float vectors, [k, n], that a user gave. */
export async function blockOf(name: string, what: string, x: NDArray): Promise<Vector> {
  if (x.ndim !== 2 || x.size === 0 || x.shape[0] > x.shape[1] || (x.dtype !== 'float32' && x.dtype !== 'float64')) {
    throw new UserError(`${name}: expected ${what} of floats of shape [k, n] with k <= n, found ${x}.`);
  }
  return (await x.data()) as Vector;
}

export function checkCount(name: string, what: string, value: number, least: number, most = Infinity): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    const range = most === Infinity ? `at least ${least}` : `${least} to ${most}`;
    throw new UserError(`${name}: expected ${what} of ${range}, found ${value}.`);
  }
}

export const dtypeOf = (v: Vector): 'float32' | 'float64' => (v instanceof Float32Array ? 'float32' : 'float64');

/** Distance from 1 to the next number: 1.2e-7 in float32, 2.2e-16 in float64. */
export const epsilonOf = (v: Vector): number => (v instanceof Float32Array ? 2 ** -23 : 2 ** -52);

/** Sums run in float64 whatever the dtype. */
export function dotOf(a: Vector, b: Vector): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

export const normOf = (v: Vector): number => Math.sqrt(dotOf(v, v));

/** Length of a start, which must have a direction. */
export function startNorm(name: string, start: Vector): number {
  const norm = normOf(start);
  if (!(norm > 0 && Number.isFinite(norm))) {
    throw new UserError(`${name}: expected a finite start that is not zero, found one of length ${norm}.`);
  }
  return norm;
}

/** Rows of a block as one array; the block must not change while it is in use. */
export const rowsOf = (data: Vector, rows: number): NDArray => constant(data, [rows, data.length / rows]);
