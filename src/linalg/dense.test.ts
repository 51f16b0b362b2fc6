import fc from 'fast-check';
import { Matrix, QrDecomposition, SingularValueDecomposition, solve as solveByMl } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { UserError } from '../array/errors.ts';
import { generator } from '../array/testing.fixture.ts';
import { cholesky, choleskySolve, triangularSolve } from './cholesky.ts';
import { qr } from './qr.ts';
import { solve } from './solve.ts';
import { lstsq, pinv, singularValues, svd } from './svd.ts';

function uniform(rows: number, columns: number, seed: number): Float64Array {
  const random = generator(seed);
  return Float64Array.from({ length: rows * columns }, () => 2 * random() - 1);
}

/** Row-major product of m x k and k x n. */
function product(a: ArrayLike<number>, b: ArrayLike<number>, m: number, k: number, n: number): Float64Array {
  const result = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) for (let j = 0; j < n; j++) result[i * n + j] += a[i * k + p] * b[p * n + j];
  }
  return result;
}

const transpose = (a: Float64Array, rows: number, columns: number): Float64Array =>
  a.map((_, at) => a[(at % rows) * columns + Math.floor(at / rows)]);
const identity = (n: number): Float64Array =>
  Float64Array.from({ length: n * n }, (_, at) => Number(at % (n + 1) === 0));
const gap = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((worst, x, i) => Math.max(worst, Math.abs(x - b[i])), a.length === b.length ? 0 : Infinity);
/** Deviation of the columns of a (rows x columns) from orthonormal ones. */
const skewness = (a: Float64Array, rows: number, columns: number): number =>
  gap(product(transpose(a, rows, columns), a, columns, rows, columns), identity(columns));

const size = fc.integer({ min: 1, max: 45 });

describe('cholesky', () => {
  test('gives a lower triangle with A = L L^T, across blocks', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 75 }), fc.nat(1000), (n, seed) => {
        const root = uniform(n, n, seed);
        const a = product(root, transpose(root, n, n), n, n, n).map((x, at) => x + Number(at % (n + 1) === 0));
        const l = cholesky(a, n);
        expect(gap(product(l, transpose(l, n, n), n, n, n), a)).toBeLessThan(1e-13 * n);
        for (let i = 0; i < n; i++) {
          expect(l[i * n + i]).toBeGreaterThan(0);
          for (let j = i + 1; j < n; j++) expect(l[i * n + j]).toBe(0);
        }
        const right = uniform(n, 3, seed + 1);
        expect(gap(product(a, choleskySolve(l, n, right), n, n, 3), right)).toBeLessThan(1e-12 * n);
      }),
      { numRuns: 40 },
    );
  });

  test('reads the lower triangle only, and names the pivot that is not positive', () => {
    expect([...cholesky(Float64Array.of(4, 99, 2, 2), 2)]).toEqual([2, 0, 1, 1]);
    expect(() => cholesky(Float64Array.of(4, 2, 2, 1), 2)).toThrow(/found the pivot 0 in row 1 of 2/);
    expect(() => cholesky(Float64Array.of(-4), 1)).toThrow(/found the pivot -4 in row 0 of 1/);
    expect(() => cholesky(Float64Array.of(1, 2, 3), 2)).toThrow(/2 x 2 = 4 entries, found 3/);
    expect(() => cholesky(Float64Array.of(Number.NaN), 1)).toThrow(/found NaN at row 0, column 0/);
  });
});

describe('triangularSolve', () => {
  test('solves with either triangle, transposed or not, and reads no other entry', () => {
    fc.assert(
      fc.property(size, fc.boolean(), fc.boolean(), fc.nat(1000), (n, lower, transposed, seed) => {
        const a = uniform(n, n, seed).map((x, at) => (at % (n + 1) === 0 ? 3 + Math.abs(x) : x / n));
        const triangle = a.map((x, at) => {
          const [i, j] = [Math.floor(at / n), at % n];
          return i === j || i > j === lower ? x : 0;
        });
        const right = uniform(n, 2, seed + 1);
        const x = triangularSolve(a, n, right, { lower, transpose: transposed });
        const t = transposed ? transpose(triangle, n, n) : triangle;
        expect(gap(product(t, x, n, n, 2), right)).toBeLessThan(1e-13 * n);
      }),
      { numRuns: 60 },
    );
  });

  test('names the zero on the diagonal and right sides that do not fit', () => {
    expect(() => triangularSolve(Float64Array.of(1, 0, 1, 0), 2, Float64Array.of(1, 1))).toThrow(
      /diagonal is 0 in row 1 of 2/,
    );
    expect(() => triangularSolve(identity(2), 2, Float64Array.of(1, 1, 1))).toThrow(
      /right sides of 2 rows, found 3 entries/,
    );
  });
});

describe('solve', () => {
  test('solves A X = B for any size across panels, with pivoting', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 75 }), fc.integer({ min: 1, max: 4 }), fc.nat(1000), (n, k, seed) => {
        const a = uniform(n, n, seed);
        const right = uniform(n, k, seed + 1);
        const x = solve(a, n, right);
        const scale = x.reduce((most, y) => Math.max(most, Math.abs(y)), 1);
        // Backward stable: the residual is small against A and X, however ill-conditioned A is.
        expect(gap(product(a, x, n, n, k), right)).toBeLessThan(1e-14 * n * n * scale);
      }),
      { numRuns: 40 },
    );
  });

  test('agrees with ml-matrix at n = 120, and needs the exchange of rows that a zero pivot asks for', () => {
    const a = uniform(120, 120, 5);
    const right = uniform(120, 1, 6);
    const expected = solveByMl(Matrix.from1DArray(120, 120, a), Matrix.from1DArray(120, 1, right)).to1DArray();
    expect(gap(solve(a, 120, right), expected)).toBeLessThan(1e-10);
    expect([...solve(Float64Array.of(0, 1, 2, 0), 2, Float64Array.of(3, 4))]).toEqual([2, 3]);
  });

  test('names the column of a singular matrix', () => {
    expect(() => solve(Float64Array.of(1, 2, 2, 4), 2, Float64Array.of(1, 1))).toThrow(/singular, column 1 of 2/);
    expect(() => solve(identity(2), 2, new Float64Array(0))).toThrow(UserError);
  });
});

describe('qr', () => {
  test('A = Q R with orthonormal Q and R upper triangular, its diagonal not negative, for any shape', () => {
    fc.assert(
      fc.property(size, size, fc.nat(1000), (m, n, seed) => {
        const a = uniform(m, n, seed);
        const before = a.slice();
        const { q, r } = qr(a, m, n);
        const k = Math.min(m, n);
        expect(gap(product(q, r, m, k, n), a)).toBeLessThan(1e-13);
        expect(skewness(q, m, k)).toBeLessThan(1e-13);
        for (let i = 0; i < k; i++) {
          expect(r[i * n + i]).toBeGreaterThanOrEqual(0);
          for (let j = 0; j < i; j++) expect(r[i * n + j]).toBe(0);
        }
        expect(a).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });

  test('agrees with ml-matrix up to the signs, holds for dependent columns and extreme scales', () => {
    const a = uniform(60, 40, 3);
    const expected = new QrDecomposition(Matrix.from1DArray(60, 40, a)).upperTriangularMatrix.to1DArray();
    expect(gap(qr(a, 60, 40).r.map(Math.abs), expected.map(Math.abs))).toBeLessThan(1e-12);
    const dependent = Float64Array.of(1, 2, 2, 4, 3, 6);
    const { q, r } = qr(dependent, 3, 2);
    expect(gap(product(q, r, 3, 2, 2), dependent)).toBeLessThan(1e-14);
    expect(skewness(q, 3, 2)).toBeLessThan(1e-14);
    expect([...qr(new Float64Array(4), 2, 2).q]).toEqual([1, 0, 0, 1]);
    for (const scale of [1e-300, 1e300]) {
      expect(qr(Float64Array.of(3 * scale, 1, 4 * scale, 0), 2, 2).r[0] / scale).toBeCloseTo(5, 13);
    }
  });
});

describe('svd', () => {
  test('A = U diag(s) V^T with orthonormal U and V and descending s, for any shape', () => {
    fc.assert(
      fc.property(size, size, fc.nat(1000), (m, n, seed) => {
        const a = uniform(m, n, seed);
        const before = a.slice();
        const { u, values, v } = svd(a, m, n);
        const k = Math.min(m, n);
        const scaled = u.map((x, at) => x * values[at % k]);
        expect(gap(product(scaled, transpose(v, n, k), m, k, n), a)).toBeLessThan(1e-13);
        expect(skewness(u, m, k)).toBeLessThan(1e-13);
        expect(skewness(v, n, k)).toBeLessThan(1e-13);
        for (let i = 1; i < k; i++) expect(values[i]).toBeLessThanOrEqual(values[i - 1]);
        expect(values[k - 1]).toBeGreaterThanOrEqual(0);
        expect(gap(singularValues(a, m, n), values)).toBeLessThan(1e-13);
        expect(a).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });

  test('agrees with ml-matrix', () => {
    const a = uniform(90, 70, 3);
    const expected = new SingularValueDecomposition(Matrix.from1DArray(90, 70, a)).diagonal;
    expect(gap(singularValues(a, 90, 70), expected)).toBeLessThan(1e-13);
  });

  test.each([1, -1])('keeps small singular values of graded matrices, rows graded by 10^(%d i / 4)', (sign) => {
    // Exact by construction: orthogonal factors from qr.
    const n = 40;
    const exact = Float64Array.from({ length: n }, (_, i) => 10 ** (-i / 4));
    const order = sign > 0 ? exact : exact.slice().reverse();
    const left = qr(uniform(n, n, 1), n, n).q;
    const right = qr(uniform(n, n, 2), n, n).q;
    const a = product(
      left,
      right.map((x, at) => x * order[Math.floor(at / n)]),
      n,
      n,
      n,
    );
    expect(gap(singularValues(a, n, n), exact)).toBeLessThan(2e-15 * 10);
    const bidiagonal = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      bidiagonal[i * n + i] = 10 ** ((-sign * i) / 4);
      if (i + 1 < n) bidiagonal[i * n + i + 1] = 10 ** ((-sign * i) / 4);
    }
    const { u, values, v } = svd(bidiagonal, n, n);
    const scaled = u.map((x, at) => x * values[at % n]);
    expect(gap(product(scaled, transpose(v, n, n), n, n, n), bidiagonal)).toBeLessThan(1e-14 * values[0]);
  });

  test('sees zeros on the diagonal, low rank, single entries and the ends of the number range', () => {
    // Bidiagonal with zeros in the middle, at the start and at the end; values by hand.
    expect(
      gap(singularValues(Float64Array.of(1, 1, 0, 0, 0, 1, 0, 0, 1), 3, 3), [Math.SQRT2, Math.SQRT2, 0]),
    ).toBeLessThan(1e-15);
    const middle = singularValues(Float64Array.of(0, 1, 0, 0, 2, 1, 0, 0, 0), 3, 3);
    expect(gap(middle, [Math.SQRT2 + 1, Math.SQRT2 - 1, 0])).toBeLessThan(1e-15);
    expect([...svd(new Float64Array(6), 3, 2).values]).toEqual([0, 0]);
    expect([...singularValues(Float64Array.of(-3), 1, 1)]).toEqual([3]);
    expect(gap(singularValues(new Float64Array(20).fill(1), 4, 5), [Math.sqrt(20), 0, 0, 0])).toBeLessThan(1e-14);
    for (const scale of [1e-300, 1e300]) {
      expect(singularValues(Float64Array.of(3 * scale, 0, 0, 4 * scale), 2, 2)[0] / scale).toBeCloseTo(4, 13);
    }
    expect(() => svd(Float64Array.of(1, Infinity), 1, 2)).toThrow(/found Infinity at row 0, column 1/);
  });
});

describe('lstsq and pinv', () => {
  test('satisfy the four equations of Penrose at any shape and rank', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        fc.nat(1000),
        (m, n, wanted, seed) => {
          const rank = Math.min(m, n, wanted);
          const a = product(uniform(m, rank, seed), uniform(rank, n, seed + 1), m, rank, n);
          // A cut above the rounding of the product that made the rank.
          const { values } = lstsq(a, m, n, uniform(m, 1, 1), 1e-13);
          fc.pre(values[rank - 1] > 1e-3 * values[0]);
          const inverse = pinv(a, m, n, 1e-13);
          const right = product(a, inverse, m, n, m);
          const left = product(inverse, a, n, m, n);
          expect(gap(product(right, a, m, m, n), a)).toBeLessThan(1e-11);
          expect(gap(product(left, inverse, n, n, m), inverse)).toBeLessThan(1e-9);
          expect(gap(transpose(right, m, m), right)).toBeLessThan(1e-11);
          expect(gap(transpose(left, n, n), left)).toBeLessThan(1e-11);
          expect(lstsq(a, m, n, uniform(m, 1, 1), 1e-13).rank).toBe(rank);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('gives the least squares solution, and of many the shortest', () => {
    const a = uniform(30, 4, 1);
    const right = uniform(30, 2, 2);
    const { solution, rank } = lstsq(a, 30, 4, right);
    const residual = product(a, solution, 30, 4, 2).map((x, i) => x - right[i]);
    expect(rank).toBe(4);
    expect(gap(product(transpose(a, 30, 4), residual, 4, 30, 2), new Float64Array(8))).toBeLessThan(1e-13);
    expect(gap(lstsq(Float64Array.of(1, 1), 1, 2, Float64Array.of(3)).solution, [1.5, 1.5])).toBeLessThan(1e-15);
    expect(lstsq(new Float64Array(4), 2, 2, Float64Array.of(1, 1))).toMatchObject({
      rank: 0,
      solution: new Float64Array(2),
    });
    expect(() => lstsq(a, 30, 4, uniform(29, 1, 1))).toThrow(/right sides of 30 rows, found 29/);
  });
});
