/** @file What happens to a graph before it is lowered. */
import { normalize } from '../array/graph.ts';
import type { NDArray } from '../array/ndarray.ts';
import { mergeScans } from './merge-scans.ts';
import { trimScans } from './trim-scans.ts';

/** The graph rebuilt with equal nodes shared, and its loops merged and reduced to what is needed. */
export function prepare(outputs: readonly NDArray[]): readonly NDArray[] {
  const shared = normalize(outputs);
  const trimmed = trimScans(mergeScans(shared));
  return trimmed === shared ? shared : normalize(trimmed);
}
