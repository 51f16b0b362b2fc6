import { expect, test } from 'vitest';
import * as np from '../numpy/index.ts';
import { keptWithin } from './kept.ts';

test('computes once what fits, and anew what does not', () => {
  const computed: number[] = [];
  const known = keptWithin(100, (size: number) => {
    computed.push(size);
    return [np.ones([size]), np.ones([size], 'float64')];
  });
  // 12 bytes an element: 60 bytes, then 84 that do not fit any more, then 36 that do.
  for (const size of [5, 7, 3, 5, 7, 3]) expect(known(size)[1].shape).toEqual([size]);
  expect(computed).toEqual([5, 7, 3, 7]);
});
