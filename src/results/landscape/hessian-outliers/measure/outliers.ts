/** @file Claims H2 to H5 and H7: the leading eigenvalues of one network, and what averages of gradients say about them. */
import { lanczosEigenpairs, type Operator } from '../../../../linalg/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { type ClusterReport, clusterReport } from '../cluster-report.ts';
import { crossEntropyGaussNewton } from '../curvature.ts';
import { hessianOutlierDecomposition } from '../decomposition.ts';
import { labelPartitionControl } from '../samples.ts';
import { approximateTopSubspace, knockout, outlierCount, subspaceOverlap, type TopSubspace } from '../top-subspace.ts';
import type { Fitted } from './training.ts';

/** What averages over some partition of the samples say about the spectrum of G. */
export interface Averages {
  /** Eigenvalues of G1. */
  readonly values: readonly number[];
  /** With the eigenspace of the C largest eigenvalues of G. */
  readonly overlap: number;
  /** Eigenvalues of G1 over the C largest of G. */
  readonly ratios: readonly number[];
  /** Largest eigenvalue of G without the centres, over the C-th of G. */
  readonly knockout: number;
}

export interface Outliers {
  readonly classes: number;
  /** The leading eigenvalues of G, 3 C of them (P - 2 if that is fewer). */
  readonly eigenvalues: readonly number[];
  /** The C-th over the next one. */
  readonly gap: number;
  readonly count: number;
  readonly byClass: Averages;
  /** Averages over classes in random order. */
  readonly shuffled: Averages;
}

export interface Structure {
  readonly clusters: ClusterReport;
  /** Shares of tr G. */
  readonly shares: Readonly<Record<'G0' | 'G1' | 'G2' | 'G3', number>>;
  readonly eigenvalues: Readonly<Record<'G0' | 'G1' | 'G2' | 'G012', readonly number[]>>;
}

/** Starts of eigenvalue methods: nothing that is measured depends on them. */
export const start = (size: number, stream: number) => random.normal(random.key(stream), [size]);

const sizeOf = (params: np.Tree): number => np.treeLeaves(params).reduce((sum, x) => sum + x.size, 0);

export const gaussNewton = ({ model, params, data }: Fitted): { G: Operator; size: number } => ({
  G: crossEntropyGaussNewton(model, params, data),
  size: sizeOf(params),
});

/** Of averages found, against the true eigenpairs of G. */
export async function judgedAverages(
  G: Operator,
  size: number,
  { values, vectors }: TopSubspace,
  exact: { readonly values: ArrayLike<number>; readonly vectors: np.NDArray },
): Promise<Averages> {
  const classes = exact.vectors.shape[0];
  const rest = await lanczosEigenpairs(knockout(G, vectors), start(size, 1), 1);
  return {
    values: Array.from(values),
    overlap: await subspaceOverlap(vectors, exact.vectors),
    ratios: Array.from(values, (value, j) => value / exact.values[j]),
    knockout: rest.values[0] / exact.values[classes - 1],
  };
}

export async function measureOutliers(fitted: Fitted, seed: number): Promise<Outliers> {
  const { model, params, data } = fitted;
  const { G, size } = gaussNewton(fitted);
  const byClass = await approximateTopSubspace(model, params, data);
  const shuffled = await approximateTopSubspace(model, params, labelPartitionControl(data, seed));
  const { classes } = byClass;
  const { values, vectors } = await lanczosEigenpairs(G, start(size, 0), Math.min(3 * classes, size - 2));
  const exact = { values, vectors: np.slice(vectors, [0, classes]) };
  return {
    classes,
    eigenvalues: Array.from(values),
    gap: values[classes - 1] / values[classes],
    count: outlierCount(values, classes),
    byClass: await judgedAverages(G, size, byClass, exact),
    shuffled: await judgedAverages(G, size, shuffled, exact),
  };
}

export async function measureStructure({ model, params, data }: Fitted): Promise<Structure> {
  const found = await hessianOutlierDecomposition(model, params, data);
  const { eigenvalues, traces } = found;
  const { G0, G1, G2, G3, total } = traces;
  return {
    clusters: clusterReport(found),
    shares: { G0: G0 / total, G1: G1 / total, G2: G2 / total, G3: G3 / total },
    eigenvalues: {
      G0: Array.from(eigenvalues.G0),
      G1: Array.from(eigenvalues.G1),
      G2: Array.from(eigenvalues.G2),
      G012: Array.from(eigenvalues.G012),
    },
  };
}
