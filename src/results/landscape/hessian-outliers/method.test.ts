import { beforeAll, describe, expect, test } from 'vitest';
import { eigh, lstsq } from '../../../linalg/index.ts';
import * as nn from '../../../nn/index.ts';
import * as np from '../../../numpy/index.ts';
import { exportOnnx, importOnnx } from '../../../onnx/index.ts';
import * as random from '../../../random/index.ts';
import { configure } from '../../../runtime/index.ts';
import { hessian } from '../../../transforms/index.ts';
import { classCentres, classMeanLogitGradients, gaussNewtonTrace } from './class-means.ts';
import { clusterReport, deltaEmbedding } from './cluster-report.ts';
import { crossEntropyGaussNewton, crossEntropyHessian, curvatureFactor } from './curvature.ts';
import { gramOfMeans, hessianOutlierDecomposition } from './decomposition.ts';
import { combinedProducts, innerProducts } from './gram.ts';
import { batches, classes, labels, meanOf, minus, model, naiveParts, params, size } from './naive.fixture.ts';
import { type LabelledBatch, labelPartitionControl } from './samples.ts';
import { approximateTopSubspace, knockout, outlierCount, subspaceOverlap } from './top-subspace.ts';

// Graphs this small gain nothing from a second thread.
beforeAll(() => configure({ threads: 1 }));

const largest = (a: ArrayLike<number>) => Math.max(...Array.from(a, Math.abs));
function expectNear(a: ArrayLike<number>, b: ArrayLike<number>, relative = 1e-11): void {
  expect(a.length).toBe(b.length);
  expect(largest(Array.from(a, (x, i) => x - b[i]))).toBeLessThanOrEqual(relative * largest(b));
}

/** The matrix of an operator, column by column. */
async function matrixOf(A: (v: np.NDArray) => np.NDArray | Promise<np.NDArray>, n = size): Promise<Float64Array> {
  const matrix = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    const e = new Float64Array(n);
    e[j] = 1;
    const column = await (await A(np.array(e))).data();
    for (let i = 0; i < n; i++) matrix[i * n + j] = column[i];
  }
  return matrix;
}
const descending = (matrix: Float64Array, n = size) => eigh(matrix, n).values.reverse();
const traceOf = (matrix: Float64Array, n = size) => matrix.reduce((sum, x, i) => sum + (i % (n + 1) === 0 ? x : 0), 0);

describe('the factor of the curvature', () => {
  test('is one of diag(p) - p p^T, and its rows cancel when weighted by sqrt(p)', async () => {
    const logits = np.array([
      [1, -2, 0.5],
      [0, 0, 0],
    ]);
    const [s, p] = [await curvatureFactor(logits).data(), await np.softmax(logits).data()];
    for (const i of [0, 1]) {
      for (const j of [0, 1, 2]) {
        const cancelled = [0, 1, 2].reduce((sum, c) => sum + Math.sqrt(p[i * 3 + c]) * s[i * 9 + c * 3 + j], 0);
        expect(cancelled).toBeCloseTo(0, 6);
        for (const k of [0, 1, 2]) {
          const product = [0, 1, 2].reduce((sum, c) => sum + s[i * 9 + c * 3 + j] * s[i * 9 + c * 3 + k], 0);
          expect(product).toBeCloseTo((j === k ? p[i * 3 + j] : 0) - p[i * 3 + j] * p[i * 3 + k], 6);
        }
      }
    }
  });

  test('keeps its digits where a class is certain: p = e^-60 in float32', async () => {
    const s = await curvatureFactor(np.array([[60, 0]])).data();
    // sqrt(p_2) (e_2 - p), and sqrt(p_1) (1 - p_1, -p_2).
    expect(s[2] / Math.exp(-30)).toBeCloseTo(-1, 5);
    expect(s[3] / Math.exp(-30)).toBeCloseTo(1, 5);
    expect(s[0] / Math.exp(-60)).toBeCloseTo(1, 4);
    expect(s[1] / Math.exp(-60)).toBeCloseTo(-1, 4);
  });
});

describe('against the definitions written out', () => {
  let naive: Awaited<ReturnType<typeof naiveParts>>;
  beforeAll(async () => {
    naive = await naiveParts();
  });

  test('means, centres and their inner products', async () => {
    const found = await classMeanLogitGradients(model, params, batches);
    expect(found).toMatchObject({ classes, samples: 13, counts: [2, 4, 4, 3], missing: [] });
    for (const [c, rows] of found.means.entries()) expectNear(await rows.data(), naive.means[c].flat());
    const { centres } = await classCentres(model, params, batches);
    expectNear(await centres.data(), naive.centres.flat());
    const all = naive.means.flat();
    const { gram } = await gramOfMeans(found);
    expectNear(
      gram,
      all.flatMap((v) => all.map((w) => v.reduce((sum, x, i) => sum + x * w[i], 0))),
    );
  });

  test('G = G0 + G1 + G2 + G3', async () => {
    const G = await matrixOf(crossEntropyGaussNewton(model, params, batches));
    expectNear(G, naive.G);
    expectNear(
      G,
      naive.G0.map((x, i) => x + naive.G1[i] + naive.G2[i] + naive.G3[i]),
    );
  });

  test('eigenvalues and traces of the parts', async () => {
    const { eigenvalues, traces } = await hessianOutlierDecomposition(model, params, batches);
    const rank = { G0: classes, G1: classes, G2: classes * (classes - 2), G012: classes ** 2 };
    const all = naive.G0.map((x, i) => x + naive.G1[i] + naive.G2[i]);
    for (const [part, matrix] of Object.entries({ G0: naive.G0, G1: naive.G1, G2: naive.G2, G012: all })) {
      const known = rank[part as keyof typeof rank];
      expectNear(
        eigenvalues[part as keyof typeof rank].subarray(0, known),
        descending(matrix).subarray(0, known),
        1e-10,
      );
    }
    for (const part of ['G0', 'G1', 'G2', 'G3'] as const) expectNear([traces[part]], [traceOf(naive[part])], 1e-10);
    expectNear([traces.total], [traceOf(naive.G)]);
    expectNear([await gaussNewtonTrace(model, params, batches)], [traceOf(naive.G)]);
  });

  test('the approximate eigenvectors are those of G1', async () => {
    const { values, vectors } = await approximateTopSubspace(model, params, batches);
    const exact = eigh(naive.G1, size);
    expectNear(values, exact.values.reverse().subarray(0, classes), 1e-10);
    const q = Float64Array.from(await vectors.data());
    values.forEach((value, j) => {
      const v = q.subarray(j * size, (j + 1) * size);
      const image = Array.from(v, (_, i) => v.reduce((sum, x, k) => sum + naive.G1[i * size + k] * x, 0));
      expectNear(
        image,
        Array.from(v, (x) => value * x),
        1e-9,
      );
    });
    expectNear(
      await innerProducts(vectors, vectors),
      Array.from({ length: classes ** 2 }, (_, i) => (i % (classes + 1) === 0 ? 1 : 0)),
      1e-10,
    );
  });

  test('the Hessian, of which G is a part', async () => {
    const [vector, unravel] = np.ravelTree(params);
    const loss = (v: np.NDArray) =>
      batches.reduce(
        (sum, batch) =>
          np.add(
            sum,
            np.multiply(
              batch.labels.length / 13,
              nn.crossEntropy(model(unravel(v), batch.x), np.array(Int32Array.from(batch.labels))),
            ),
          ),
        np.array(0, { dtype: 'float64' }),
      );
    expectNear(await matrixOf(crossEntropyHessian(model, params, batches)), await hessian(loss)(vector).data());
  });

  test('clusters, cosines and norms', async () => {
    const report = clusterReport(await gramOfMeans(await classMeanLogitGradients(model, params, batches)));
    const norm = (v: readonly number[]) => Math.hypot(...v);
    let [near, cosines] = [0, 0];
    for (let c = 0; c < classes; c++) {
      for (let k = 0; k < classes; k++) {
        if (k === c) continue;
        const v = naive.means[c][k];
        const distances = naive.centres.map((centre) => norm(minus(v, centre)));
        if (distances.indexOf(Math.min(...distances)) === c) near++;
        cosines += v.reduce((sum, x, i) => sum + x * naive.centres[c][i], 0) / norm(v) / norm(naive.centres[c]);
      }
    }
    expect(report.clusterAccuracy).toBeCloseTo(near / (classes * (classes - 1)), 12);
    expect(report.meanCosine).toBeCloseTo(cosines / (classes * (classes - 1)), 10);
    const own = naive.means.map((rows, c) => norm(rows[c]) / norm(naive.centres[c]));
    expect(report.ownNorm).toBeCloseTo(own.reduce((sum, x) => sum + x, 0) / classes, 10);
  });

  test('the shares of the two-way table are those of least squares', async () => {
    const { variance } = clusterReport(await gramOfMeans(await classMeanLogitGradients(model, params, batches)));
    const cells = [0, 1, 2, 3].flatMap((c) => [0, 1, 2, 3].flatMap((k) => (k === c ? [] : [[c, k]])));
    const table = cells.map(([c, k]) => naive.means[c][k]);
    const residual = (design: number[][]): number => {
      const { solution } = lstsq(
        Float64Array.from(design.flat()),
        cells.length,
        design[0].length,
        Float64Array.from(table.flat()),
      );
      return table.reduce(
        (sum, v, row) =>
          sum +
          v.reduce(
            (part, x, at) => part + (x - design[row].reduce((fit, d, j) => fit + d * solution[j * size + at], 0)) ** 2,
            0,
          ),
        0,
      );
    };
    const is = (a: number, b: number) => (a === b ? 1 : 0);
    const rows = cells.map(([c]) => [0, 1, 2, 3].map((i) => is(c, i)));
    const both = cells.map(([, k], row) => [...rows[row], ...[0, 1, 2, 3].map((i) => is(k, i))]);
    const total = residual(cells.map(() => [1]));
    expect(variance.classes).toBeCloseTo(1 - residual(rows) / total, 10);
    expect(variance.crossClasses).toBeCloseTo((residual(rows) - residual(both)) / total, 10);
    expect(variance.interaction).toBeCloseTo(residual(both) / total, 10);
  });

  test('the embedding has the leading moments of the centred points', async () => {
    const points = deltaEmbedding(await gramOfMeans(await classMeanLogitGradients(model, params, batches)));
    expect(points).toHaveLength(classes + classes ** 2);
    const vectors = points.map(({ label, alternative }) =>
      alternative === null ? naive.centres[label] : naive.means[label][alternative],
    );
    const centre = meanOf(vectors);
    const centred = vectors.map((v) => minus(v, centre));
    const scatter = new Float64Array(size * size);
    for (const v of centred) {
      for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) scatter[i * size + j] += v[i] * v[j];
    }
    const [first, second] = descending(scatter);
    const moment = (a: 'x' | 'y', b: 'x' | 'y') => points.reduce((sum, p) => sum + p[a] * p[b], 0);
    expectNear([moment('x', 'x'), moment('y', 'y')], [first, second], 1e-9);
    expect(Math.abs(moment('x', 'y'))).toBeLessThan(1e-9 * first);
  });

  test('a random partition changes the means, and neither the classes’ sizes nor G', async () => {
    const shuffled = labelPartitionControl(batches, 7);
    const given = shuffled.flatMap((batch) => Array.from(batch.labels));
    expect(given).not.toEqual(labels);
    expect([...given].sort()).toEqual([...labels].sort());
    expect(labelPartitionControl(batches, 7)).toEqual(shuffled);
    const { centres } = await classCentres(model, params, shuffled);
    expectNear(await centres.data(), (await naiveParts(given)).centres.flat());
    expectNear(await matrixOf(crossEntropyGaussNewton(model, params, shuffled)), naive.G);
  });

  test('a class without samples is reported, and the rest is as if it had weight 0', async () => {
    const without = batches.map(({ x, labels: given }) => ({ x, labels: Array.from(given, (c) => (c === 2 ? 3 : c)) }));
    const exact = await naiveParts(without.flatMap((batch) => batch.labels));
    const found = await hessianOutlierDecomposition(model, params, without);
    expect(found.missing).toEqual([2]);
    expectNear([found.traces.G1, found.traces.G2], [traceOf(exact.G1), traceOf(exact.G2)], 1e-10);
    expectNear(found.eigenvalues.G1.subarray(0, 3), descending(exact.G1).subarray(0, 3), 1e-10);
    const { values, vectors } = await approximateTopSubspace(model, params, without);
    expect(values).toHaveLength(3);
    expect(vectors.shape).toEqual([3, size]);
    expect(deltaEmbedding(found)).toHaveLength(3 * (1 + classes));
    for (const value of Object.values(clusterReport(found).variance)) expect(value).toBeGreaterThan(0);
  });
});

test('the case that has a closed form: linear, zero weights, one sample of each class', async () => {
  const C = 4;
  const x = np.eye(C, C, 'float64');
  const linear = (w: np.NDArray, inputs: np.NDArray) => np.matmul(inputs, w);
  const data = [{ x, labels: [0, 1, 2, 3] }];
  const w = np.zeros([C, C], 'float64');
  const G = descending(await matrixOf(crossEntropyGaussNewton(linear, w, data), C * C), C * C);
  expectNear(G.subarray(0, C * (C - 1)), new Float64Array(C * (C - 1)).fill(1 / C ** 2));
  expect(G[C * (C - 1)]).toBeLessThan(1e-15);
  const { eigenvalues, traces } = await hessianOutlierDecomposition(linear, w, data);
  expectNear(eigenvalues.G1, new Float64Array(C).fill(1 / C ** 3));
  expectNear([traces.G0, traces.G1, traces.G2], [(C - 1) / C ** 2, 1 / C ** 2, (C - 2) / C]);
  expect(Math.abs(traces.G3)).toBeLessThan(1e-15);
});

describe('figures of merit', () => {
  test('overlap: the mean squared cosine of the principal angles', async () => {
    const rows = (list: number[][]) => np.array(list, { dtype: 'float64' });
    const angle = 0.3;
    const q = rows([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    const tilted = rows([
      [1, 0, 0],
      [0, Math.cos(angle), Math.sin(angle)],
    ]);
    expect(await subspaceOverlap(q, tilted)).toBeCloseTo((1 + Math.cos(angle) ** 2) / 2, 12);
    expect(await subspaceOverlap(q, rows([[0.6, 0.8, 0]]))).toBeCloseTo(1, 12);
    expect(await subspaceOverlap(rows([[0, 0, 1]]), q)).toBe(0);
    await expect(subspaceOverlap(q, rows([[1, 0]]))).rejects.toThrow('rows of one length');
  });

  test('knockout leaves the spectrum of the rest', async () => {
    const diagonal = np.array(Float64Array.from([9, 7, 2, 1]));
    const A = (v: np.NDArray) => np.multiply(diagonal, v);
    const half = Math.SQRT1_2;
    const q = np.array(Float64Array.from([half, half, 0, 0, half, -half, 0, 0]), { shape: [2, 4] });
    expectNear(descending(await matrixOf(knockout(A, q), 4), 4), [2, 1, 0, 0], 1e-12);
  });

  test('outliers end at the largest ratio among the first 3 C', () => {
    expect(outlierCount([165, 124, 115, 80, 30, 29, 28, 27], 4)).toBe(4);
    expect(outlierCount([9, 8, 7, 1, 0.9, 0.8, 0.7], 4)).toBe(3);
    // The ratio 100 lies beyond the first six.
    expect(outlierCount([9, 8, 2, 2, 2, 2, 0.02], 2)).toBe(2);
    expect(outlierCount([9, 1, 0, 0, 0, 0], 2)).toBe(1);
    expect(() => outlierCount([1, -1], 2)).toThrow('at least 2 positive eigenvalues');
  });

  test('products of combinations are those of the combined vectors', () => {
    const k = Float64Array.from([2, 1, 1, 3]);
    expectNear(combinedProducts(k, 2, Float64Array.from([1, 0, 1, -1]), Float64Array.from([0, 2])), [2, -4]);
  });
});

describe('a convolutional network with batch normalisation', () => {
  const net = nn.vgg({ classes: 3, channels: 1, size: [4, 4], blocks: [[4], [6]], normalization: 'batch' });
  const { params: weights, state } = net.init(random.key(0));
  const x = random.normal(random.key(1), [7, 1, 4, 4]);
  const data: LabelledBatch<np.NDArray>[] = [{ x, labels: [0, 1, 2, 0, 1, 2, 0] }];
  const frozen = (p: typeof weights, inputs: np.NDArray) => net.apply(p, state, inputs)[0];

  test('in evaluation the split adds up, in float32 with one pass of seven rows or several of three', async () => {
    const { traces, eigenvalues } = await hessianOutlierDecomposition(frozen, weights, data);
    const G = crossEntropyGaussNewton(frozen, weights, data);
    const n = np.ravelTree(weights)[0].size;
    let trace = 0;
    for (let i = 0; i < n; i++) {
      const e = new Float32Array(n);
      e[i] = 1;
      trace += (await (await G(np.array(e))).data())[i];
    }
    expectNear([traces.total], [trace], 1e-4);
    const small = [0, 3, 6].map((from) => ({
      x: np.slice(x, [from, Math.min(from + 3, 7)]),
      labels: Array.from(data[0].labels).slice(from, from + 3),
    }));
    const again = await hessianOutlierDecomposition(frozen, weights, small);
    expectNear(again.eigenvalues.G1, eigenvalues.G1, 1e-4);
    expectNear([again.traces.total], [traces.total], 1e-4);
  });

  test('read from an ONNX file that fixes the batch at 1 it has the same spectrum', async () => {
    const net = importOnnx(await exportOnnx(frozen, weights, np.slice(x, [0, 1])));
    const imported = (p: np.Tree, inputs: np.NDArray) => net.apply(p, { input: inputs }).output;
    const found = await hessianOutlierDecomposition(imported, net.params, data);
    const own = await hessianOutlierDecomposition(frozen, weights, data);
    for (const part of ['G1', 'G012'] as const) expectNear(found.eigenvalues[part], own.eigenvalues[part], 1e-4);
    expectNear([found.traces.total], [own.traces.total], 1e-4);
    const { values } = await approximateTopSubspace(imported, net.params, data);
    expectNear(values, own.eigenvalues.G1.subarray(0, values.length), 1e-4);
  });

  test('in training mode it is refused', async () => {
    const training = (p: typeof weights, inputs: np.NDArray) => net.apply(p, state, inputs, { training: true })[0];
    await expect(classCentres(training, weights, data)).rejects.toThrow(
      'Evaluate batch normalisation with its running',
    );
  });
});

describe('refuses, naming what is wrong:', () => {
  const [first] = batches;
  test.each([
    ['no samples', [], model, 'expected at least one, found none'],
    [
      'a label that is no class',
      [{ ...first, labels: [0, 1, 4, 2, 3] }],
      model,
      'classes from 0 to 3, as the model has 4 logits, found 4 at sample 2 of batch 0',
    ],
    ['a label that is no integer', [{ ...first, labels: [0, 1, 0.5, 2, 3] }], model, 'found 0.5'],
    ['too few labels', [{ ...first, labels: [0, 1] }], model, 'batch 0 has 2 labels, but inputs of shape [5,3]'],
    [
      'logits of another shape',
      batches,
      (p: typeof params, x: np.NDArray) => np.sum(model(p, x), 1),
      'expected logits of shape [5, C]',
    ],
    [
      'one logit',
      batches,
      (p: typeof params, x: np.NDArray) => np.slice(model(p, x), [], [0, 1]),
      'at least 2 logits, found 1',
    ],
    [
      'logits that are not finite',
      batches,
      (p: typeof params, x: np.NDArray) => np.divide(model(p, x), 0),
      'must be finite',
    ],
  ] as const)('%s', async (_, data, given, message) => {
    await expect(classMeanLogitGradients(given, params, data)).rejects.toThrow(message);
  });

  test('a network without gradients', async () => {
    const constant = (p: typeof params, x: np.NDArray) => np.add(np.multiply(model(p, x), 0), 1);
    await expect(approximateTopSubspace(constant, params, batches)).rejects.toThrow('every class centre is zero');
  });
});

test('reports samples done, up to all', async () => {
  const seen: [number, number][] = [];
  await classCentres(model, params, batches, { onStep: (done, total) => seen.push([done, total]) });
  expect(seen.map(([done]) => done)).toEqual([...seen.map(([done]) => done)].sort((a, b) => a - b));
  expect(seen.at(-1)).toEqual([13, 13]);
});
