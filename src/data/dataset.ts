/** What loaders and generators return: plain typed arrays, row-major, and their sizes. Batches take rows of any of them. */

/** Images with a class each. */
export interface LabelledImages {
  /** n x channels x height x width, each value in [0, 1]. */
  readonly images: Float32Array;
  /** Class of each image, n. */
  readonly labels: Int32Array;
  readonly n: number;
  /** [channels, height, width]. */
  readonly shape: readonly [channels: number, height: number, width: number];
  /** Name of each class: `classNames[labels[i]]`. */
  readonly classNames: readonly string[];
}

/** Points with a class each. Tables from files are in float64, generated points in float32. */
export interface LabelledPoints<Values extends Float32Array | Float64Array = Float32Array> {
  /** n x dimension. */
  readonly inputs: Values;
  /** Class of each point, n. */
  readonly labels: Int32Array;
  readonly n: number;
  readonly dimension: number;
}

/** Points with a number each. */
export interface RegressionPoints {
  /** n x dimension. */
  readonly inputs: Float64Array;
  /** n. */
  readonly targets: Float64Array;
  readonly n: number;
  readonly dimension: number;
}

/** A matrix by its non-zero entries (compressed sparse rows). */
export interface SparseRows {
  /** Row i has the entries `starts[i]` to `starts[i + 1]` (exclusive); rows + 1. */
  readonly starts: Int32Array;
  /** Column of each entry, increasing within a row. */
  readonly columns: Int32Array;
  readonly values: Float32Array;
  /** [rows, columns]. */
  readonly shape: readonly [rows: number, columns: number];
}

/** An undirected graph with a class per node. */
export interface LabelledGraph {
  /** Number of nodes. */
  readonly n: number;
  /** edges x 2: each edge once, smaller node first, no loops. */
  readonly edges: Int32Array;
  /** Class of each node, -1 where it has none; n. */
  readonly labels: Int32Array;
  readonly classes: number;
  /** n x features, or null where the nodes have none. */
  readonly features: SparseRows | null;
  /** Nodes to train on, to validate with and to test with, or null where none are prescribed. */
  readonly split: { readonly train: Int32Array; readonly validation: Int32Array; readonly test: Int32Array } | null;
}

/** Units with a treatment, an outcome, and what was known before. */
export interface TreatmentData {
  /** n x dimension. */
  readonly covariates: Float64Array;
  /** Name of each column of the covariates. */
  readonly names: readonly string[];
  /** Arm of each unit, n; 0 is the control. */
  readonly treatment: Int32Array;
  /** n. */
  readonly outcome: Float64Array;
  readonly n: number;
  readonly dimension: number;
}

/** A text as numbers. */
export interface Tokens {
  /** Each a place in the vocabulary. */
  readonly tokens: Int32Array;
  readonly vocabulary: readonly string[];
  /** Number of tokens. */
  readonly n: number;
}
