import { describe, expect, test } from 'vitest';
import type { Tree } from '../../array/tree.ts';
import * as np from '../../numpy/index.ts';
import * as random from '../../random/index.ts';
import { type Cell, gru, lstm, minimalRnn, recurrent, unroll, vanillaRnn } from '../index.ts';
import { expectReference } from '../reference.fixture.ts';

describe('values and gradients are PyTorch’s', () => {
  const cells = { vanillaRnn: vanillaRnn(4, 3), lstm: lstm(4, 3), gru: gru(4, 3), minimalRnn: minimalRnn(4, 3) };
  test.each(Object.keys(cells) as (keyof typeof cells)[])('%s', (name) => {
    const cell = cells[name] as unknown as Cell<Tree, Tree, Tree>;
    return expectReference(name, (params, xs) => unroll(cell, params, xs)[0]);
  });
});

test('a sequence in two parts continues from the last state', async () => {
  const cell = lstm(2, 3);
  const params = cell.init(random.key(0));
  const xs = random.normal(random.key(1), [6, 4, 2]);
  const [whole, last] = unroll(cell, params, xs);
  const [, middle] = unroll(cell, params, np.slice(xs, [0, 2]));
  const [rest, end] = unroll(cell, params, np.slice(xs, [2, 6]), middle);
  const expected = await np.slice(whole, [2, 6]).data();
  (await rest.data()).forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 6);
  });
  const cells = await last.cell.data();
  (await end.cell.data()).forEach((value, i) => {
    expect(value).toBeCloseTo(cells[i], 6);
  });
});

test('the model reads the last output; a batch is a loop over its sequences', async () => {
  const net = recurrent(gru(2, 5), 3);
  const params = net.init(random.key(2));
  const xs = random.normal(random.key(3), [7, 4, 2]);
  const together = await net.apply(params, xs).data();
  expect(together.length).toBe(12);
  for (let b = 0; b < 4; b++) {
    const alone = await net.apply(params, np.slice(xs, [], b)).data();
    alone.forEach((value, i) => {
      expect(value).toBeCloseTo(together[3 * b + i], 5);
    });
  }
});
