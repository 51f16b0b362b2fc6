/** @file A small classifier, and the paper's definitions written out for it, sample by sample, as dense matrices. */
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { jacrev } from '../../../transforms/index.ts';
import type { LabelledBatch } from './samples.ts';

export const classes = 4;
const normal = (seed: number, shape: number[]) => random.normal(random.key(seed), shape, { dtype: 'float64' });

export const params = {
  first: { w: normal(1, [3, 5]), b: normal(2, [5]) },
  second: { w: normal(3, [5, classes]), b: normal(4, [classes]) },
};
export type Params = typeof params;
export const model = ({ first, second }: Params, x: np.NDArray): np.NDArray =>
  np.add(np.matmul(np.tanh(np.add(np.matmul(x, first.w), first.b)), second.w), second.b);

/** Uneven classes, in batches of uneven size. */
export const labels = [0, 1, 1, 2, 3, 3, 3, 0, 2, 2, 2, 1, 1];
const x = normal(5, [labels.length, 3]);
const batch = (from: number, to: number): LabelledBatch<np.NDArray> => ({
  x: np.slice(x, [from, to]),
  labels: labels.slice(from, to),
});
export const batches = [batch(0, 5), batch(5, 10), batch(10, 13)];

export const size = np.ravelTree(params)[0].size;

/** sqrt(p_k) J^T (e_k - p) of every sample and class: [sample][k] of P numbers. */
export async function logitGradients(given: readonly LabelledBatch<np.NDArray>[] = batches): Promise<number[][][]> {
  const [vector, unravel] = np.ravelTree(params);
  const result: number[][][] = [];
  for (const { x: inputs } of given) {
    const jacobian = await jacrev((v: np.NDArray) => model(unravel(v), inputs))(vector).data();
    const p = await np.softmax(model(params, inputs)).data();
    for (let i = 0; i < inputs.shape[0]; i++) {
      const own = Array.from(p.subarray(i * classes, (i + 1) * classes));
      const row = (k: number) => jacobian.subarray((i * classes + k) * size, (i * classes + k + 1) * size);
      result.push(
        own.map((share, k) =>
          Array.from({ length: size }, (_, at) => {
            const expected = own.reduce((sum, q, j) => sum + q * row(j)[at], 0);
            return Math.sqrt(share) * (row(k)[at] - expected);
          }),
        ),
      );
    }
  }
  return result;
}

export const meanOf = (vectors: readonly (readonly number[])[]): number[] =>
  vectors[0].map((_, at) => vectors.reduce((sum, v) => sum + v[at], 0) / vectors.length);
export const minus = (a: readonly number[], b: readonly number[]): number[] => a.map((x, i) => x - b[i]);

/** sum_j weight_j v_j v_j^T. */
export function secondMoment(terms: readonly (readonly [weight: number, v: readonly number[]])[]): Float64Array {
  const n = terms[0][1].length;
  const matrix = new Float64Array(n * n);
  for (const [weight, v] of terms) {
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) matrix[i * n + j] += weight * v[i] * v[j];
  }
  return matrix;
}

/** Means, centres and the parts of G, by the definitions. */
export async function naiveParts(given: readonly number[] = labels) {
  const delta = await logitGradients();
  const n = given.length;
  const each = Array.from({ length: classes }, (_, k) => k);
  const members = each.map((c) => delta.filter((_, i) => given[i] === c));
  const share = members.map((list) => list.length / n);
  const means = members.map((list) =>
    each.map((k) => (list.length === 0 ? new Array<number>(size).fill(0) : meanOf(list.map((rows) => rows[k])))),
  );
  const centres = means.map((rows, c) => meanOf(rows.filter((_, k) => k !== c)));
  const wrong = each.flatMap((c) => each.flatMap((k) => (k === c ? [] : [[c, k] as const])));
  return {
    delta,
    means,
    centres,
    G: secondMoment(delta.flatMap((rows) => rows.map((v) => [1 / n, v] as const))),
    G0: secondMoment(each.map((c) => [share[c], means[c][c]] as const)),
    G1: secondMoment(each.map((c) => [(classes - 1) * share[c], centres[c]] as const)),
    G2: secondMoment(wrong.map(([c, k]) => [share[c], minus(means[c][k], centres[c])] as const)),
    G3: secondMoment(delta.flatMap((rows, i) => rows.map((v, k) => [1 / n, minus(v, means[given[i]][k])] as const))),
  };
}
