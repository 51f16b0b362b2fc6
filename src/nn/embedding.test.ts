import { expect, test } from 'vitest';
import { listOf } from '../array/testing.fixture.ts';
import * as np from '../numpy/index.ts';
import { embedding, sinusoidalPositions } from './index.ts';
import { expectReference } from './reference.fixture.ts';

test('rows and their summed gradients are PyTorch’s', () => expectReference<np.NDArray>('embedding', embedding));

test('refuses a table that is none', () => {
  expect(() => embedding(np.ones([3]), np.zeros([2], 'int32'))).toThrow('needs a table [vocabulary, width]');
});

test('sinusoids of geometric frequencies; a shift of positions turns each pair by a fixed angle', () => {
  const [length, width] = [9, 6];
  const p = listOf(sinusoidalPositions(length, width, 'float64'));
  expect(p.slice(0, 6)).toEqual([0, 1, 0, 1, 0, 1]);
  for (let i = 0; i < width / 2; i++) {
    const omega = 10000 ** ((-2 * i) / width);
    for (let t = 0; t + 2 < length; t++) {
      const [s, c] = [p[t * width + 2 * i], p[t * width + 2 * i + 1]];
      expect(p[(t + 2) * width + 2 * i]).toBeCloseTo(s * Math.cos(2 * omega) + c * Math.sin(2 * omega), 12);
    }
  }
});
