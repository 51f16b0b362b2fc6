/** @file The exact split of the Gauss-Newton matrix into class, cross-class and within-class parts, by inner products alone. */
import { eigh, lanczosEigenpairs } from '../../../linalg/index.ts';
import type { Tree } from '../../../numpy/index.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { jit } from '../../../runtime/index.ts';
import {
  classMeanLogitGradients,
  gaussNewtonTrace,
  type LogitGradientMeans,
  type MeansOptions,
} from './class-means.ts';
import { combinedProducts, innerProducts } from './gram.ts';
import type { Classifier, LabelledBatch, SampleCounts } from './samples.ts';

/** Inner products of all C^2 means, from which everything about their arrangement follows. */
export interface MeansGram extends SampleCounts {
  /** C^2 x C^2, row-major; `delta_{c,c'}` is row `c C + c'`. */
  readonly gram: Float64Array;
}

/**
 * With n samples, shares `pi_c = n_c / n`: G = G0 + G1 + G2 + G3,
 *
 * - `G0 = sum_c pi_c delta_{c,c} delta_{c,c}^T`: the true class;
 * - `G1 = (C-1) sum_c pi_c delta_c delta_c^T`: between classes, the outliers;
 * - `G2 = sum_c pi_c sum_{c' != c} (delta_{c,c'} - delta_c)(delta_{c,c'} - delta_c)^T`: between cross-classes;
 * - `G3`: the covariance of the samples around `delta_{c,c'}`, the bulk.
 *
 * `G012 = G0 + G1 + G2` is the second moment of all C^2 means (`G_{1+2}` in the paper's code).
 */
export interface HessianOutlierDecomposition extends MeansGram {
  readonly means: LogitGradientMeans['means'];
  /** Descending; G2 and G012 in full up to 1024 rows of their Gram matrix, else the leading 3 C. */
  readonly eigenvalues: Readonly<Record<'G0' | 'G1' | 'G2' | 'G012', Float64Array>>;
  /** `total` is that of G, exact, by norms of single samples; G3 is what the others leave of it. */
  readonly traces: Readonly<Record<'G0' | 'G1' | 'G2' | 'G3' | 'total', number>>;
}

/** Rows of a Gram matrix all of whose eigenvalues are computed. */
const denseRows = 1024;

/**
 * Which classes and which confusions make the curvature of a trained classifier: eigenvalues and traces of the parts of
 * the Gauss-Newton matrix of the mean cross-entropy, without a matrix in parameter space.
 *
 * Costs 2 C backward passes a sample, memory C^2 P numbers; `approximateTopSubspace` needs C P.
 *
 * @throws UserError as `countSamples`
 */
export async function hessianOutlierDecomposition<P extends Tree, X extends Tree>(
  model: Classifier<P, X>,
  params: P,
  batches: readonly LabelledBatch<X>[],
  options: MeansOptions = {},
): Promise<HessianOutlierDecomposition> {
  const found = await classMeanLogitGradients(model, params, batches, options);
  const known = await gramOfMeans(found);
  const grams = gramsOfParts(known);
  const total = await gaussNewtonTrace(model, params, batches);
  const [g0, g1, g2] = [traceOf(grams.G0), traceOf(grams.G1), traceOf(grams.G2)];
  return {
    ...known,
    means: found.means,
    eigenvalues: {
      G0: await leadingEigenvalues(grams.G0, found.classes),
      G1: await leadingEigenvalues(grams.G1, found.classes),
      G2: await leadingEigenvalues(grams.G2, found.classes),
      G012: await leadingEigenvalues(grams.G012, found.classes),
    },
    traces: { G0: g0, G1: g1, G2: g2, G3: total - g0 - g1 - g2, total },
  };
}

/** The Gram matrix of the means, block by block. */
export async function gramOfMeans({ means, ...counts }: LogitGradientMeans): Promise<MeansGram> {
  const { classes } = counts;
  const size = classes ** 2;
  const gram = new Float64Array(size * size);
  for (let c = 0; c < classes; c++) {
    for (let d = 0; d <= c; d++) {
      const block = await innerProducts(means[c], means[d]);
      for (let i = 0; i < classes; i++) {
        for (let j = 0; j < classes; j++) {
          const [row, column] = [c * classes + i, d * classes + j];
          gram[row * size + column] = gram[column * size + row] = block[i * classes + j];
        }
      }
    }
  }
  return { ...counts, gram };
}

/** Coefficients of the centres in the means, C x C^2: 1 / (C - 1) for the wrong classes. */
export function centreCombinations(classes: number): Float64Array {
  const rows = new Float64Array(classes ** 3);
  for (let c = 0; c < classes; c++) {
    for (let other = 0; other < classes; other++) {
      if (other !== c) rows[c * classes ** 2 + c * classes + other] = 1 / (classes - 1);
    }
  }
  return rows;
}

/** Matrices with the non-zero eigenvalues of the parts: Gram matrices of the vectors whose second moments these are. */
function gramsOfParts({
  classes,
  samples,
  counts,
  gram,
}: MeansGram): Record<'G0' | 'G1' | 'G2' | 'G012', Float64Array> {
  const size = classes ** 2;
  const root = (c: number) => Math.sqrt(counts[c] / samples);
  const own = new Float64Array(classes * size);
  const difference = new Float64Array(classes * (classes - 1) * size);
  const all = new Float64Array(size * size);
  let row = 0;
  for (let c = 0; c < classes; c++) {
    own[c * size + c * classes + c] = root(c);
    for (let other = 0; other < classes; other++) {
      all[(c * classes + other) * (size + 1)] = root(c);
      if (other === c) continue;
      for (let k = 0; k < classes; k++) {
        if (k !== c) difference[row * size + c * classes + k] = root(c) * ((k === other ? 1 : 0) - 1 / (classes - 1));
      }
      row++;
    }
  }
  const centre = centreCombinations(classes).map((x, i) => x * Math.sqrt(classes - 1) * root(Math.floor(i / size)));
  const of = (combination: Float64Array) => combinedProducts(gram, size, combination, combination);
  return { G0: of(own), G1: of(centre), G2: of(difference), G012: of(all) };
}

function traceOf(matrix: Float64Array): number {
  const n = Math.sqrt(matrix.length);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += matrix[i * (n + 1)];
  return sum;
}

/** Descending; a Gram matrix has none below 0 but by rounding. */
async function leadingEigenvalues(matrix: Float64Array, classes: number): Promise<Float64Array> {
  const n = Math.sqrt(matrix.length);
  if (n <= denseRows) return eigh(matrix, n).values.reverse();
  const dense = np.array(matrix, { shape: [n, n] });
  const product = jit((a: np.NDArray, v: np.NDArray) => np.matmul(a, v));
  const start = random.normal(random.key(0), [n], { dtype: 'float64' });
  return (await lanczosEigenpairs((v) => product(dense, v), start, 3 * classes)).values;
}
