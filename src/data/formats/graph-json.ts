/**
 * Graphs with features and classes in JSON: `{numNodes, numClasses, numFeatures, edges, labels, features, splits}`, where
 * `edges` lists pairs `[u, v]` with u < v, `labels` holds a class per node (-1: none), `features` is null or rows
 * compressed as `{indptr, indices, values}` (without `values` each is 1), and `splits` is null or lists the nodes of
 * `train`, `val` and `test`.
 */
import { UserError } from '../../array/errors.ts';
import type { LabelledGraph, SparseRows } from '../dataset.ts';

/**
 * Reads a graph.
 *
 * @param name what to call the text in an error, usually the path
 * @throws UserError naming the part that is missing, of the wrong kind or out of range
 */
export function parseGraphJson(text: string, name: string): LabelledGraph {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${name}: expected JSON, found ${text.length} characters that are none (${String(error)}).`);
  }
  const graph = fieldsOf(json, 'a graph', name);
  const n = integer(graph['numNodes'], 'numNodes', name);
  const classes = integer(graph['numClasses'], 'numClasses', name);
  const labels = integers(graph['labels'], 'labels', -1, classes, name);
  if (labels.length !== n) throw new UserError(`${name}: expected ${n} labels, found ${labels.length}.`);
  const { features, splits } = graph;
  return {
    n,
    edges: parseEdges(graph['edges'], n, name),
    labels,
    classes,
    features:
      features == null ? null : parseRows(features, n, integer(graph['numFeatures'], 'numFeatures', name), name),
    split: splits == null ? null : parseSplit(splits, n, name),
  };
}

function parseEdges(value: unknown, n: number, name: string): Int32Array {
  const pairs = list(value, 'edges', name);
  const edges = new Int32Array(2 * pairs.length);
  const seen = new Set<number>();
  pairs.forEach((pair, i) => {
    const [u, v] = integers(pair, `edges[${i}]`, 0, n, name);
    if (!(u < v) || seen.has(u * n + v)) {
      throw new UserError(
        `${name}: expected each edge once as [u, v] with u < v, found ${JSON.stringify(pair)} as edge ${i}.`,
      );
    }
    seen.add(u * n + v);
    edges.set([u, v], 2 * i);
  });
  return edges;
}

function parseRows(value: unknown, rows: number, width: number, name: string): SparseRows {
  const { indptr, indices, values } = fieldsOf(value, 'features', name);
  const columns = integers(indices, 'features.indices', 0, width, name);
  const starts = integers(indptr, 'features.indptr', 0, columns.length + 1, name);
  const ordered = starts.every((start, i) => i === 0 || start >= starts[i - 1]);
  if (starts.length !== rows + 1 || starts[0] !== 0 || starts[rows] !== columns.length || !ordered) {
    throw new UserError(`${name}: expected features.indptr to rise from 0 to ${columns.length} in ${rows} steps.`);
  }
  for (let row = 0; row < rows; row++) {
    for (let k = starts[row] + 1; k < starts[row + 1]; k++) {
      if (columns[k] > columns[k - 1]) continue;
      throw new UserError(
        `${name}: expected rising features.indices in row ${row}, found ${columns[k - 1]}, ${columns[k]}.`,
      );
    }
  }
  if (values === undefined)
    return { starts, columns, values: new Float32Array(columns.length).fill(1), shape: [rows, width] };
  const numbers = list(values, 'features.values', name);
  if (numbers.length !== columns.length || !numbers.every((x) => typeof x === 'number')) {
    throw new UserError(
      `${name}: expected ${columns.length} numbers as features.values, found ${numbers.length} values.`,
    );
  }
  return { starts, columns, values: Float32Array.from(numbers as number[]), shape: [rows, width] };
}

function parseSplit(value: unknown, n: number, name: string): NonNullable<LabelledGraph['split']> {
  const { train, val, test } = fieldsOf(value, 'splits', name);
  return {
    train: integers(train, 'splits.train', 0, n, name),
    validation: integers(val, 'splits.val', 0, n, name),
    test: integers(test, 'splits.test', 0, n, name),
  };
}

function fieldsOf(value: unknown, what: string, name: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new UserError(`${name}: expected an object as ${what}, found ${shown(value)}.`);
}

function list(value: unknown, what: string, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new UserError(`${name}: expected a list as ${what}, found ${shown(value)}.`);
}

function integer(value: unknown, what: string, name: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31) return value;
  throw new UserError(`${name}: expected a whole number as ${what}, found ${shown(value)}.`);
}

/** Whole numbers from `low` to `high` (exclusive). */
function integers(value: unknown, what: string, low: number, high: number, name: string): Int32Array {
  const values = list(value, what, name);
  const wrong = values.findIndex((x) => !(typeof x === 'number' && Number.isInteger(x) && x >= low && x < high));
  if (wrong === -1) return Int32Array.from(values as number[]);
  throw new UserError(
    `${name}: expected whole numbers from ${low} to ${high - 1} in ${what}, found ${shown(values[wrong])} at ${wrong}.`,
  );
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
