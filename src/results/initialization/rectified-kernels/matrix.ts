/** What the functions on a user's own layers and data read: rows of numbers, as plain lists or as arrays of the engine. */
import { UserError } from '../../../array/errors.ts';
import { shapeText } from '../../../array/shape.ts';
import * as np from '../../../numpy/index.ts';

/** rows x columns numbers in double precision, row-major. */
export interface Matrix {
  readonly data: Float64Array;
  readonly rows: number;
  readonly columns: number;
}

/** A matrix as one has it: an array of two axes, a list of rows, or a `Matrix`. */
export type MatrixLike = np.NDArray | readonly ArrayLike<number>[] | Matrix;

/**
 * The rows in double precision.
 *
 * @param what the name of the argument, for messages
 * @throws UserError when there are no rows, they differ in length, or an entry is not finite (it is named)
 */
export async function matrixOf(what: string, given: MatrixLike): Promise<Matrix> {
  const matrix = await rowMajor(what, given);
  const { data, rows, columns } = matrix;
  if (rows < 1 || columns < 1 || data.length !== rows * columns) {
    throw new UserError(`${what}: expected at least one row of numbers, found ${rows} x ${columns}.`);
  }
  const strange = data.findIndex((value) => !Number.isFinite(value));
  if (strange >= 0) {
    const place = `row ${Math.floor(strange / columns)}, column ${strange % columns}`;
    throw new UserError(`${what}: expected finite numbers, found ${data[strange]} in ${place}.`);
  }
  return matrix;
}

async function rowMajor(what: string, given: MatrixLike): Promise<Matrix> {
  if (given instanceof np.NDArray) {
    if (given.ndim !== 2) {
      throw new UserError(
        `${what}: expected an array of two axes, found the shape ${shapeText(given.shape)}; reshape it to rows first.`,
      );
    }
    return { data: Float64Array.from(await given.data()), rows: given.shape[0], columns: given.shape[1] };
  }
  if ('data' in given) return given;
  const columns = given[0]?.length ?? 0;
  const other = given.findIndex((row) => row.length !== columns);
  if (other >= 0) {
    throw new UserError(
      `${what}: expected rows of ${columns} numbers like the first, found ${given[other].length} in row ${other}.`,
    );
  }
  const data = new Float64Array(given.length * columns);
  given.forEach((row, i) => {
    data.set(row, i * columns);
  });
  return { data, rows: given.length, columns };
}

/**
 * Squared lengths of the rows.
 *
 * @throws UserError for a row of zeros, which has no direction and so no angle to the others
 */
export function squaredLengths(what: string, { data, rows, columns }: Matrix): Float64Array {
  const squares = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let k = i * columns; k < (i + 1) * columns; k++) sum += data[k] * data[k];
    if (sum === 0) {
      throw new UserError(
        `${what}: row ${i} is zero, so its angle to the others does not exist; leave it out (or add a constant coordinate).`,
      );
    }
    squares[i] = sum;
  }
  return squares;
}

/** As an array of the engine. */
export const arrayOf = ({ data, rows, columns }: Matrix): np.NDArray => np.array(data, { shape: [rows, columns] });

/** A B^T. */
export async function timesTransposed(a: Matrix, b: Matrix): Promise<Matrix> {
  const product = np.matmul(arrayOf(a), np.transpose(arrayOf(b)));
  return { data: Float64Array.from(await product.data()), rows: a.rows, columns: b.rows };
}

/** @throws UserError when the rows of one do not fit those of the other */
export function checkColumns(what: string, inputs: Matrix, weights: Matrix): void {
  if (inputs.columns !== weights.columns) {
    throw new UserError(
      `${what}: the weights have ${weights.columns} numbers per neuron (row), the inputs ${inputs.columns} per example (row); a weight of nn.dense is [inputs, neurons]: transpose it.`,
    );
  }
}
