/** Graphs in the forms that networks on graphs work with. */
import type { LabelledGraph, SparseRows } from './dataset.ts';

/** All entries of a sparse matrix, zeros included; rows x columns. */
export function denseRows({ starts, columns, values, shape: [rows, width] }: SparseRows): Float32Array {
  const dense = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let k = starts[row]; k < starts[row + 1]; k++) dense[row * width + columns[k]] = values[k];
  }
  return dense;
}

/** The adjacency matrix of a graph: symmetric, a 1 for each edge. */
export function adjacency({ n, edges }: Pick<LabelledGraph, 'n' | 'edges'>): SparseRows {
  const starts = new Int32Array(n + 1);
  for (const node of edges) starts[node + 1]++;
  for (let i = 0; i < n; i++) starts[i + 1] += starts[i];
  const next = starts.slice();
  const columns = new Int32Array(edges.length);
  for (let k = 0; k < edges.length; k += 2) {
    columns[next[edges[k]]++] = edges[k + 1];
    columns[next[edges[k + 1]]++] = edges[k];
  }
  for (let i = 0; i < n; i++) columns.subarray(starts[i], starts[i + 1]).sort();
  return { starts, columns, values: new Float32Array(columns.length).fill(1), shape: [n, n] };
}
