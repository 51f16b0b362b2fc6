/**
 * Householder reflections `H = I - tau v v^T`, `v` with 1 as its first entry, and the two passes over the rows of a
 * matrix by which they are applied: each fuses the update by one reflection with the products that the next one needs,
 * two rows at a time, so that the matrix is read from memory once. Golub and Van Loan, "Matrix computations", 4th ed.,
 * section 5.1.
 */

/** Reflection i is row i of `vectors` (count x length); it leaves the first `i + offset` entries alone. */
export interface Reflections {
  readonly vectors: Float64Array;
  readonly taus: Float64Array;
  readonly length: number;
  readonly offset: number;
}

export function noReflections(count: number, length: number, offset: number): Reflections {
  return { vectors: new Float64Array(count * length), taus: new Float64Array(count), length, offset };
}

/**
 * Makes the vector x in row `row` of `vectors` (entries from `first` on) the reflection that takes it to
 * `-sign(x_first) |x|` times a unit vector, and returns that number; LAPACK's dlarfg. Zeros after the first entry need
 * no reflection (tau = 0).
 */
export function reflect({ vectors, taus, length }: Reflections, row: number, first: number): number {
  const at = row * length;
  const alpha = vectors[at + first];
  let rest = 0;
  for (let i = first + 1; i < length; i++) rest = Math.max(rest, Math.abs(vectors[at + i]));
  if (rest === 0) {
    taus[row] = 0;
    vectors[at + first] = 1;
    return alpha;
  }
  const scale = Math.max(rest, Math.abs(alpha));
  let squares = 0;
  for (let i = first; i < length; i++) squares += (vectors[at + i] / scale) ** 2;
  const beta = alpha > 0 ? -scale * Math.sqrt(squares) : scale * Math.sqrt(squares);
  taus[row] = (beta - alpha) / beta;
  for (let i = first + 1; i < length; i++) vectors[at + i] /= alpha - beta;
  vectors[at + first] = 1;
  return beta;
}

/**
 * `A -= v w^T`, then `product = next^T A`, on rows from `top` and columns `left` to `right` of A (row-major, `stride`
 * wide).
 */
export function updateThenLeft(
  a: Float64Array,
  stride: number,
  [top, bottom, left, right]: readonly [number, number, number, number],
  v: Float64Array,
  w: Float64Array,
  next: Float64Array,
  product: Float64Array,
): void {
  product.fill(0, left, right);
  let i = top;
  for (; i + 1 < bottom; i += 2) {
    const row0 = i * stride;
    const row1 = row0 + stride;
    const v0 = v[i];
    const v1 = v[i + 1];
    const n0 = next[i];
    const n1 = next[i + 1];
    for (let c = left; c < right; c++) {
      const wc = w[c];
      const a0 = a[row0 + c] - v0 * wc;
      const a1 = a[row1 + c] - v1 * wc;
      a[row0 + c] = a0;
      a[row1 + c] = a1;
      product[c] += n0 * a0 + n1 * a1;
    }
  }
  for (; i < bottom; i++) {
    for (let c = left; c < right; c++) {
      a[i * stride + c] -= v[i] * w[c];
      product[c] += next[i] * a[i * stride + c];
    }
  }
}

/** `A -= v w^T`, then `product = A next`, on the same kind of block. */
export function updateThenRight(
  a: Float64Array,
  stride: number,
  [top, bottom, left, right]: readonly [number, number, number, number],
  v: Float64Array,
  w: Float64Array,
  next: Float64Array,
  product: Float64Array,
): void {
  let i = top;
  for (; i + 1 < bottom; i += 2) {
    const row0 = i * stride;
    const row1 = row0 + stride;
    const v0 = v[i];
    const v1 = v[i + 1];
    let sum0 = 0;
    let sum1 = 0;
    for (let c = left; c < right; c++) {
      const wc = w[c];
      const nc = next[c];
      const a0 = a[row0 + c] - v0 * wc;
      const a1 = a[row1 + c] - v1 * wc;
      a[row0 + c] = a0;
      a[row1 + c] = a1;
      sum0 += a0 * nc;
      sum1 += a1 * nc;
    }
    product[i] = sum0;
    product[i + 1] = sum1;
  }
  for (; i < bottom; i++) {
    let sum = 0;
    for (let c = left; c < right; c++) {
      a[i * stride + c] -= v[i] * w[c];
      sum += a[i * stride + c] * next[c];
    }
    product[i] = sum;
  }
}

/**
 * The first `columns` columns of `H_0 H_1 ... H_last`, row-major length x columns: backward, so that zeros are kept.
 */
export function accumulate({ vectors, taus, length, offset }: Reflections, columns: number): Float64Array {
  const q = new Float64Array(length * columns);
  for (let i = 0; i < columns; i++) q[i * columns + i] = 1;
  let v: Float64Array = new Float64Array(length);
  let w = new Float64Array(columns);
  let product = new Float64Array(columns);
  for (let j = taus.length - 1; j >= -1; j--) {
    // Before H_j, rows and columns up to j + offset are those of the identity.
    const at = j + offset;
    const next = j < 0 ? new Float64Array(length) : vectors.subarray(j * length, (j + 1) * length);
    updateThenLeft(q, columns, [at + 1, length, at + 1, columns], v, w, next, product);
    if (j < 0) break;
    for (let c = at + 1; c < columns; c++) product[c] *= taus[j];
    product[at] = taus[j];
    // Row and column `at`, still of the identity, which the next pass includes.
    [w, product] = [product, w];
    v = next;
  }
  return q;
}
