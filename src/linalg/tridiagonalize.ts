/**
 * Householder reduction of a symmetric matrix to a tridiagonal one, `A = Q T Q^T`.
 *
 * The algorithm is EISPACK's tred2 (Martin, Reinsch and Wilkinson, "Householder's tridiagonalization of a symmetric
 * matrix", Numerische Mathematik 11, 1968, doi:10.1007/BF02162410). The arrangement is ours: only the lower triangle is
 * kept, whose rows are contiguous, and the rank-two update of one step is fused with the matrix-vector product of the
 * next, two rows at a time, so that each step reads the matrix from memory once.
 */

/** `T` as diagonal (n) and off-diagonal (`offDiagonal[i]` couples i - 1 and i; entry 0 is 0), `Q` row-major n x n. */
export interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly offDiagonal: Float64Array;
  readonly q: Float64Array;
}

/**
 * Tridiagonal form of a symmetric matrix; 8/3 n^3 operations.
 *
 * @param lower n x n, row-major; only the lower triangle is read, and it is destroyed
 * @param n number of rows, at least 1
 */
export function tridiagonalize(lower: Float64Array, n: number): Tridiagonal {
  const { offDiagonal, scales } = reduce(lower, n);
  const diagonal = new Float64Array(n);
  for (let i = 0; i < n; i++) diagonal[i] = lower[i * n + i];
  return { diagonal, offDiagonal, q: accumulateReflections(lower, scales, n) };
}

/**
 * Reduces the lower triangle in place, last row first. Afterwards row i holds the vector v_i of the reflection
 * `H_i = I - v_i v_i^T / scales[i]` in its first i entries (scales[i] = 0: no reflection) and T's diagonal at entry i.
 */
function reduce(lower: Float64Array, n: number): { offDiagonal: Float64Array; scales: Float64Array } {
  const offDiagonal = new Float64Array(n);
  const scales = new Float64Array(n);
  // The update A -= v w^T + w v^T of the step before, not yet applied to the rows above the current one.
  let v = new Float64Array(n);
  const w = new Float64Array(n);
  let next = new Float64Array(n);
  const product = new Float64Array(n);
  for (let i = n - 1; i > 0; i--) {
    const row = i * n;
    const vi = v[i];
    const wi = w[i];
    for (let k = 0; k <= i; k++) lower[row + k] -= vi * w[k] + wi * v[k];

    let size = 0;
    for (let k = 0; k < i; k++) size += Math.abs(lower[row + k]);
    // A row with one entry left of the diagonal is tridiagonal as it stands, and so is a row of zeros.
    if (i === 1 || size === 0) {
      offDiagonal[i] = lower[row + i - 1];
      next.fill(0, 0, i);
      updateAndMultiply(lower, n, i, v, w, next, product);
      w.fill(0, 0, i);
    } else {
      let h = 0;
      for (let k = 0; k < i; k++) {
        next[k] = lower[row + k] / size;
        h += next[k] * next[k];
      }
      const f = next[i - 1];
      const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
      offDiagonal[i] = size * g;
      h -= f * g;
      next[i - 1] = f - g;
      scales[i] = h;
      lower.set(next.subarray(0, i), row);

      updateAndMultiply(lower, n, i, v, w, next, product);
      // w = p - (v . p / 2 h) v with p = A v / h makes H A H = A - v w^T - w v^T.
      let overlap = 0;
      for (let k = 0; k < i; k++) {
        w[k] = product[k] / h;
        overlap += w[k] * next[k];
      }
      const half = overlap / (h + h);
      for (let k = 0; k < i; k++) w[k] -= half * next[k];
    }
    const spare = v;
    v = next;
    next = spare;
  }
  lower[0] -= 2 * v[0] * w[0];
  return { offDiagonal, scales };
}

/** On the leading `size` x `size` block: `A -= v w^T + w v^T`, then `product = A x`, in one pass over the rows. */
function updateAndMultiply(
  lower: Float64Array,
  n: number,
  size: number,
  v: Float64Array,
  w: Float64Array,
  x: Float64Array,
  product: Float64Array,
): void {
  product.fill(0, 0, size);
  let j = 0;
  for (; j + 1 < size; j += 2) {
    const row0 = j * n;
    const row1 = row0 + n;
    const v0 = v[j];
    const v1 = v[j + 1];
    const w0 = w[j];
    const w1 = w[j + 1];
    const x0 = x[j];
    const x1 = x[j + 1];
    let sum0 = 0;
    let sum1 = 0;
    for (let k = 0; k < j; k++) {
      const vk = v[k];
      const wk = w[k];
      const xk = x[k];
      const a0 = lower[row0 + k] - (v0 * wk + w0 * vk);
      const a1 = lower[row1 + k] - (v1 * wk + w1 * vk);
      lower[row0 + k] = a0;
      lower[row1 + k] = a1;
      sum0 += a0 * xk;
      sum1 += a1 * xk;
      product[k] += a0 * x0 + a1 * x1;
    }
    const diagonal0 = lower[row0 + j] - 2 * v0 * w0;
    const between = lower[row1 + j] - (v1 * w0 + w1 * v0);
    const diagonal1 = lower[row1 + j + 1] - 2 * v1 * w1;
    lower[row0 + j] = diagonal0;
    lower[row1 + j] = between;
    lower[row1 + j + 1] = diagonal1;
    product[j] += sum0 + diagonal0 * x0 + between * x1;
    product[j + 1] += sum1 + between * x0 + diagonal1 * x1;
  }
  if (j < size) {
    const row = j * n;
    let sum = 0;
    for (let k = 0; k < j; k++) {
      const a = lower[row + k] - (v[j] * w[k] + w[j] * v[k]);
      lower[row + k] = a;
      sum += a * x[k];
      product[k] += a * x[j];
    }
    lower[row + j] -= 2 * v[j] * w[j];
    product[j] += sum + lower[row + j] * x[j];
  }
}

/**
 * `Q = H_{n-1} ... H_2 H_1`, row-major. Built as the rows of Q^T, four at a time so that they stay in cache while the
 * reflections stream by: row k of Q^T is e_k until H_{k+1}, the first reflection that reaches entry k.
 */
function accumulateReflections(reflections: Float64Array, scales: Float64Array, n: number): Float64Array {
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  let k = 0;
  for (; k + 3 < n; k += 4) {
    const r0 = k * n;
    const r1 = r0 + n;
    const r2 = r1 + n;
    const r3 = r2 + n;
    // A row still a unit vector beyond the reach of H_i has zero overlap with v_i, so starting early is harmless.
    for (let i = k + 1; i < n; i++) {
      if (scales[i] === 0) continue;
      const row = i * n;
      let dot0 = 0;
      let dot1 = 0;
      let dot2 = 0;
      let dot3 = 0;
      for (let c = 0; c < i; c++) {
        const vc = reflections[row + c];
        dot0 += q[r0 + c] * vc;
        dot1 += q[r1 + c] * vc;
        dot2 += q[r2 + c] * vc;
        dot3 += q[r3 + c] * vc;
      }
      dot0 /= scales[i];
      dot1 /= scales[i];
      dot2 /= scales[i];
      dot3 /= scales[i];
      for (let c = 0; c < i; c++) {
        const vc = reflections[row + c];
        q[r0 + c] -= dot0 * vc;
        q[r1 + c] -= dot1 * vc;
        q[r2 + c] -= dot2 * vc;
        q[r3 + c] -= dot3 * vc;
      }
    }
  }
  for (; k < n; k++) {
    for (let i = k + 1; i < n; i++) {
      if (scales[i] === 0) continue;
      let dot = 0;
      for (let c = 0; c < i; c++) dot += q[k * n + c] * reflections[i * n + c];
      dot /= scales[i];
      for (let c = 0; c < i; c++) q[k * n + c] -= dot * reflections[i * n + c];
    }
  }
  return transposeInPlace(q, n);
}

/** Transpose of a square row-major matrix, by tiles so that both sides stay in cache. */
function transposeInPlace(a: Float64Array, n: number): Float64Array {
  const tile = 32;
  for (let i0 = 0; i0 < n; i0 += tile) {
    for (let j0 = 0; j0 <= i0; j0 += tile) {
      const rows = Math.min(i0 + tile, n);
      for (let i = i0; i < rows; i++) {
        const columns = Math.min(j0 + tile, i);
        for (let j = j0; j < columns; j++) {
          const held = a[i * n + j];
          a[i * n + j] = a[j * n + i];
          a[j * n + i] = held;
        }
      }
    }
  }
  return a;
}
