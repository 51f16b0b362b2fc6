/** Eigenvalues of a dense matrix that is not symmetric. */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { checkMatrix } from './dense.ts';

/**
 * The eigenvalues of any real square matrix, complex ones in conjugate pairs, by ml-matrix (Hessenberg form and shifted
 * QR, EISPACK's hqr2). Errors are of order 2.2e-16 times the norm, over the cosine between left and right eigenvector.
 * Use `eigh` for a symmetric matrix.
 *
 * @param matrix row-major n x n, finite; left alone
 * @param n number of rows, at least 1
 * @returns real and imaginary parts, largest magnitude first
 * @throws UserError when the size or an entry is wrong
 */
export function eigenvalues(matrix: Float64Array, n: number): { real: Float64Array; imaginary: Float64Array } {
  checkMatrix('eigenvalues', matrix, n, n);
  const { realEigenvalues: real, imaginaryEigenvalues: imaginary } = new EigenvalueDecomposition(
    Matrix.from1DArray(n, n, matrix),
  );
  const size = real.map((x, i) => Math.hypot(x, imaginary[i]));
  // Equal magnitudes are ordered by their parts, so that conjugates stay together.
  const order = [...size.keys()].sort((i, j) => size[j] - size[i] || real[j] - real[i] || imaginary[j] - imaginary[i]);
  return { real: Float64Array.from(order, (i) => real[i]), imaginary: Float64Array.from(order, (i) => imaginary[i]) };
}
