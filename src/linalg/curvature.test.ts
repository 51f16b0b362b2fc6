import { describe, expect, test } from 'vitest';
import { expectClose, type Tolerance } from '../array/testing.fixture.ts';
import * as np from '../numpy/index.ts';
import * as random from '../random/index.ts';
import { hessian, jacrev } from '../transforms/index.ts';
import { gaussNewtonOperator, hessianOperator, jacobianOperator } from './curvature.ts';
import { eigh } from './eigh.ts';
import { hutchinson } from './hutchinson.ts';
import { lobpcg } from './lobpcg.ts';
import type { Operator } from './operator.ts';
import { spectralSum, stochasticLanczosQuadrature } from './stochastic-lanczos-quadrature.ts';
import { lanczosEigenpairs } from './thick-restart-lanczos.ts';

/** A net 3-5-2 with cross-entropy on six samples in two batches: 32 parameters. */
const normal = (seed: number, shape: number[]) => random.normal(random.key(seed), shape, { dtype: 'float64' });
const params = {
  first: { w: normal(1, [3, 5]), b: normal(2, [5]) },
  second: { w: normal(3, [5, 2]), b: normal(4, [2]) },
};
type Params = typeof params;
type Batch = { x: np.NDArray; y: np.NDArray };
const batch = (seed: number, size: number): Batch => ({
  x: normal(seed, [size, 3]),
  y: np.oneHot(random.randint(random.key(seed), [size], 0, 2), 2, 'float64'),
});
const batches = [batch(5, 4), batch(6, 2)];
const model = ({ first, second }: Params, { x }: Batch) =>
  np.add(np.matmul(np.tanh(np.add(np.matmul(x, first.w), first.b)), second.w), second.b);
const entropy = (logits: np.NDArray, { y }: Batch) => np.negative(np.sum(np.multiply(y, np.logSoftmax(logits))));
const loss = (p: Params, b: Batch) => entropy(model(p, b), b);

const [vector, unravel] = np.ravelTree(params);
const n = vector.size;
const tolerance: Tolerance = { relative: 1e-11, absolute: 1e-12 };
const host = async (x: np.NDArray) => ({ shape: [...x.shape], dtype: x.dtype, data: await x.data() });

/** The matrix of an operator, column by column. */
async function matrixOf(A: Operator, size = n): Promise<np.NDArray> {
  const columns: np.NDArray[] = [];
  for (let i = 0; i < size; i++) {
    const e = new Float64Array(size);
    e[i] = 1;
    columns.push(await A(np.array(e)));
  }
  return np.stack(columns, 1);
}

const total = (v: np.NDArray) => np.add(loss(unravel(v), batches[0]), loss(unravel(v), batches[1]));

describe('hessianOperator', () => {
  test('is the Hessian of the sum over batches', async () => {
    const expected = await host(hessian(total)(vector));
    expectClose('Hessian', await host(await matrixOf(hessianOperator(loss, params, batches))), expected, tolerance);
    const alone = hessianOperator((p: Params) => np.add(loss(p, batches[0]), loss(p, batches[1])), params);
    expectClose('without batches', await host(await matrixOf(alone)), expected, tolerance);
  });

  test('carries eigenvalues, trace and squared norm of the exact Hessian to the estimators', async () => {
    const A = hessianOperator(loss, params, batches);
    const exact = Float64Array.from(await hessian(total)(vector).data());
    const { values } = eigh(exact, n);
    const { values: top } = await lanczosEigenpairs(A, normal(7, [n]), 3);
    const { values: bottom } = await lobpcg(A, normal(7, [3, n]), { which: 'smallest', iterations: 300 });
    for (let i = 0; i < 3; i++) {
      expect(Math.abs(top[i] - values[n - 1 - i])).toBeLessThan(1e-10);
      expect(Math.abs(bottom[i] - values[i])).toBeLessThan(1e-10);
    }
    const trace = values.reduce((sum, x) => sum + x, 0);
    const plain = await hutchinson(A, n, random.key(1), 40, { dtype: 'float64' });
    expect(Math.abs(plain.value - trace)).toBeLessThan(4 * plain.standardError);
    const quadrature = await stochasticLanczosQuadrature(A, n, random.key(2), { probes: 20, dtype: 'float64' });
    const square = spectralSum(quadrature, (x) => x * x);
    expect(Math.abs(square.value - values.reduce((sum, x) => sum + x * x, 0))).toBeLessThan(4 * square.standardError);
  });

  test('refuses parameters and batches that make no sum', () => {
    expect(() => hessianOperator(loss, params, [])).toThrow(/at least one batch/);
    expect(() =>
      hessianOperator((p: { a: np.NDArray; b: np.NDArray }) => np.sum(p.a), {
        a: np.ones([2]),
        b: np.ones([2], 'float64'),
      }),
    ).toThrow(/one dtype, found float32 and float64/);
  });
});

describe('gaussNewtonOperator', () => {
  test('is sum J^T (diag p - p p^T) J for cross-entropy', async () => {
    let expected: np.NDArray = np.zeros([n, n], 'float64');
    for (const b of batches) {
      const J = jacrev((v: np.NDArray) => model(unravel(v), b))(vector);
      const p = np.softmax(model(params, b));
      const H = np.subtract(np.multiply(np.expandDims(p, 2), np.eye(2, 2, 'float64')), np.einsum('bi,bj->bij', p, p));
      expected = np.add(expected, np.einsum('bin,bij,bjm->nm', J, H, J));
    }
    const A = gaussNewtonOperator(model, entropy, params, batches);
    expectClose('Gauss-Newton', await host(await matrixOf(A)), await host(expected), tolerance);
  });
});

describe('jacobianOperator', () => {
  test('has the products of the Jacobian, its kernel and its Gram matrix', async () => {
    const [b] = batches;
    const J = np.reshape(jacrev((v: np.NDArray) => model(unravel(v), b))(vector), [8, n]);
    const operator = jacobianOperator((p: Params) => model(p, b), params);
    expect([operator.inputs, operator.outputs]).toEqual([n, 8]);
    const transposed = await host(np.transpose(J));
    expectClose('J', await host(await matrixOf(operator.forward)), await host(J), tolerance);
    expectClose('J^T', await host(await matrixOf(operator.backward, 8)), transposed, tolerance);
    expectClose(
      'J J^T',
      await host(await matrixOf(operator.kernel, 8)),
      await host(np.matmul(J, np.transpose(J))),
      tolerance,
    );
    expectClose(
      'J^T J',
      await host(await matrixOf(operator.gram)),
      await host(np.matmul(np.transpose(J), J)),
      tolerance,
    );
  });
});
