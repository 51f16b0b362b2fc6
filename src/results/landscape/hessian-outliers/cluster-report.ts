/** @file How the means of logit gradients are arranged: clusters by class, and what the cross-classes add. */
import { UserError } from '../../../array/errors.ts';
import { eigh } from '../../../linalg/index.ts';
import { centreCombinations, type MeansGram } from './decomposition.ts';
import { combinedProducts } from './gram.ts';

export interface ClusterReport {
  /** Share of the `delta_{c,c'}`, c' != c, whose nearest centre is that of their class; chance is 1 / C. */
  readonly clusterAccuracy: number;
  /** Mean cosine of `delta_{c,c'}` with `delta_c`, c' != c. */
  readonly meanCosine: number;
  /** Mean of `|delta_{c,c}| / |delta_c|`. */
  readonly ownNorm: number;
  /**
   * Shares of `sum |delta_{c,c'} - mean|^2` over c' != c in a two-way table: between true classes; what the other classes
   * add to that in an additive model; the rest. NaN with fewer than three classes that have samples.
   */
  readonly variance: { readonly classes: number; readonly crossClasses: number; readonly interaction: number };
}

/** Classes without samples have no part in it. */
export function clusterReport({ classes, counts, gram }: MeansGram): ClusterReport {
  const size = classes ** 2;
  const combinations = centreCombinations(classes);
  const centres = combinedProducts(gram, size, combinations, combinations);
  const identity = Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
  const mixed = combinedProducts(gram, size, identity, combinations);
  const present = counts.flatMap((count, c) => (count > 0 ? [c] : []));
  let [near, cosines, pairs, own] = [0, 0, 0, 0];
  for (const c of present) {
    const centre = Math.sqrt(centres[c * (classes + 1)]);
    own += Math.sqrt(gram[(c * classes + c) * (size + 1)]) / centre;
    for (let other = 0; other < classes; other++) {
      if (other === c) continue;
      const at = c * classes + other;
      // |delta - centre|^2 without |delta|^2, which is the same for all centres.
      const distances = present.map((d) => centres[d * (classes + 1)] - 2 * mixed[at * classes + d]);
      if (present[distances.indexOf(Math.min(...distances))] === c) near++;
      cosines += mixed[at * classes + c] / (Math.sqrt(gram[at * (size + 1)]) * centre);
      pairs++;
    }
  }
  return {
    clusterAccuracy: near / pairs,
    meanCosine: cosines / pairs,
    ownNorm: own / present.length,
    variance: shares(gram, classes, present),
  };
}

/**
 * Least squares in `delta_{c,c'} = mean + a_c + b_{c'}` over the table without its diagonal (a diallel cross: Griffing,
 * Australian Journal of Biological Sciences 9, 1956). With r_c and s_c the row and column sums less (m - 1) times the mean,
 * `a_c = ((m-1) r_c + s_c) / (m (m-2))`, b_c with r and s exchanged, and the sum of squares `sum <a_c, r_c> + <b_c, s_c>`.
 */
function shares(gram: Float64Array, classes: number, present: readonly number[]): ClusterReport['variance'] {
  const m = present.length;
  if (m < 3) return { classes: Number.NaN, crossClasses: Number.NaN, interaction: Number.NaN };
  const size = classes ** 2;
  const cells = present.flatMap((c) => present.flatMap((d) => (c === d ? [] : [c * classes + d])));
  const sums = new Float64Array(2 * m * size);
  present.forEach((c, i) => {
    for (const cell of cells) {
      const mean = (m - 1) / cells.length;
      sums[i * size + cell] = (Math.floor(cell / classes) === c ? 1 : 0) - mean;
      sums[(m + i) * size + cell] = (cell % classes === c ? 1 : 0) - mean;
    }
  });
  const products = combinedProducts(gram, size, sums, sums);
  const product = (i: number, j: number) => products[i * 2 * m + j];
  let [rows, additive] = [0, 0];
  for (let i = 0; i < m; i++) {
    const [rr, ss, rs] = [product(i, i), product(m + i, m + i), product(i, m + i)];
    rows += rr / (m - 1);
    additive += ((m - 1) * (rr + ss) + 2 * rs) / (m * (m - 2));
  }
  const centre = new Float64Array(size);
  for (const cell of cells) centre[cell] = 1 / cells.length;
  const squares = cells.reduce((sum, cell) => sum + gram[cell * (size + 1)], 0);
  const total = squares - cells.length * combinedProducts(gram, size, centre, centre)[0];
  return { classes: rows / total, crossClasses: (additive - rows) / total, interaction: 1 - additive / total };
}

/** A point of the embedding: `delta_{c,c'}`, or the centre `delta_c`, where `alternative` is null. */
export interface EmbeddedMean {
  readonly label: number;
  readonly alternative: number | null;
  readonly x: number;
  readonly y: number;
}

/**
 * The C centres and C^2 means in the plane that keeps most of their squared distances: classical multidimensional scaling
 * (Torgerson, Psychometrika 17, 1952), from the inner products. The paper's Fig. 3 shows the same points by t-SNE.
 */
export function deltaEmbedding({ classes, counts, gram }: MeansGram): EmbeddedMean[] {
  const present = counts.flatMap((count, c) => (count > 0 ? [c] : []));
  if (present.length === 0) throw new UserError('deltaEmbedding: expected a class with samples, found none.');
  const size = classes ** 2;
  const points = present.flatMap((label) => [
    { label, alternative: null },
    ...counts.map((_, alternative) => ({ label, alternative })),
  ]);
  const n = points.length;
  const combinations = new Float64Array(n * size);
  const centres = centreCombinations(classes);
  points.forEach(({ label, alternative }, i) => {
    if (alternative === null) combinations.set(centres.subarray(label * size, (label + 1) * size), i * size);
    else combinations[i * size + label * classes + alternative] = 1;
  });
  for (let j = 0; j < size; j++) {
    let mean = 0;
    for (let i = 0; i < n; i++) mean += combinations[i * size + j] / n;
    for (let i = 0; i < n; i++) combinations[i * size + j] -= mean;
  }
  const { values, vectors } = eigh(combinedProducts(gram, size, combinations, combinations), n);
  const coordinate = (i: number, axis: number) =>
    vectors[i * n + n - 1 - axis] * Math.sqrt(Math.max(values[n - 1 - axis], 0));
  return points.map((point, i) => ({ ...point, x: coordinate(i, 0), y: coordinate(i, 1) }));
}
