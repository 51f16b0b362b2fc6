/** @file Many runs in one graph: how their data go in and how their records come out. */
import type { NDArray } from '../../../../array/ndarray.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';

/** The grid j/N, [N, 1]. */
export const grid = (n: number): NDArray => np.reshape(np.linspace(0, 1, n, false), [n, 1]);

/** Random phases of every seed: [seed][frequency], uniform on [0, 2 pi). */
export async function randomPhases(key: NDArray, seeds: number, count: number): Promise<number[][]> {
  const u = await random.uniform(key, [seeds, count], { high: 2 * Math.PI }).data();
  return Array.from({ length: seeds }, (_, s) => Array.from(u.subarray(s * count, (s + 1) * count)));
}

/** [records, runs, ...rest] of the engine as nested lists [run][record][...]. */
export async function byRun(x: NDArray): Promise<number[][][]> {
  const [records, runs] = x.shape;
  const inner = x.size / (records * runs);
  const data = await x.data();
  return Array.from({ length: runs }, (_, r) =>
    Array.from({ length: records }, (_, t) => {
      const start = (t * runs + r) * inner;
      return Array.from(data.subarray(start, start + inner));
    }),
  );
}

/** Lists of equal length as the rows of a float32 array. */
export function rows(lists: readonly ArrayLike<number>[]): NDArray {
  const width = lists[0].length;
  return np.array(Float32Array.from(lists.flatMap((list) => Array.from(list))), { shape: [lists.length, width] });
}
