import { expect, test } from 'vitest';
import * as np from '../../../../numpy/index.ts';
import { key } from '../../../../random/index.ts';
import { byRun, grid, randomPhases, rows } from './runs.ts';

test('byRun turns [records, runs, …] into lists [run][record]', async () => {
  const records = np.array(
    Float64Array.from({ length: 24 }, (_, i) => i),
    { shape: [3, 2, 4] },
  );
  expect(await byRun(records)).toEqual([
    [
      [0, 1, 2, 3],
      [8, 9, 10, 11],
      [16, 17, 18, 19],
    ],
    [
      [4, 5, 6, 7],
      [12, 13, 14, 15],
      [20, 21, 22, 23],
    ],
  ]);
  expect(await byRun(np.array([[1, 2]]))).toEqual([[[1]], [[2]]]);
});

test('rows stacks lists, grid ends before 1, phases fill the circle and differ between seeds', async () => {
  const x = rows([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(x.toString()).toBe('float32[2, 3]');
  expect(await x.data()).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
  expect(grid(4).shape).toEqual([4, 1]);
  expect(await grid(4).data()).toEqual(Float32Array.of(0, 0.25, 0.5, 0.75));
  const phases = await randomPhases(key(1), 2, 200);
  expect(phases.map((p) => p.length)).toEqual([200, 200]);
  expect(Math.min(...phases.flat())).toBeGreaterThanOrEqual(0);
  expect(Math.max(...phases.flat())).toBeGreaterThan(6);
  expect(Math.max(...phases.flat())).toBeLessThan(2 * Math.PI);
  expect(phases[0]).not.toEqual(phases[1]);
});
