import type { NDArray } from '../array/ndarray.ts';

const bytesOf = ({ size, dtype }: NDArray): number => size * { bool: 1, int32: 4, float32: 4, float64: 8 }[dtype];

/** `compute`, whose results are kept as long as all of them together fit into `limit` bytes, and computed anew after that. */
export function keptWithin<K>(limit: number, compute: (key: K) => readonly NDArray[]): (key: K) => readonly NDArray[] {
  const kept = new Map<K, readonly NDArray[]>();
  let room = limit;
  return (key) => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const found = compute(key);
    const bytes = found.reduce((sum, x) => sum + bytesOf(x), 0);
    if (bytes <= room) {
      room -= bytes;
      kept.set(key, found);
    }
    return found;
  };
}
