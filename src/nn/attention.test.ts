import { expect, test } from 'vitest';
import * as np from '../numpy/index.ts';
import * as random from '../random/index.ts';
import { attention, causalMask, type MultiHeadAttention, multiHeadAttention } from './index.ts';
import { expectReference } from './reference.fixture.ts';

const layer = multiHeadAttention(4, 2);

test('causal self-attention is PyTorch’s', () =>
  expectReference<MultiHeadAttention>('attentionCausal', (p, x) => layer.apply(p, x, { mask: causalMask(3) })));

test('attention to a context is PyTorch’s', () =>
  expectReference<MultiHeadAttention>('attentionCross', (p, x, { context }) =>
    layer.apply(p, x, { context: context as np.NDArray }),
  ));

test('a mask for each example leaves out what is padding', async () => {
  const params = layer.init(random.key(0));
  const x = random.normal(random.key(1), [2, 3, 4]);
  const seen = np.array([[[true, true, false]], [[true, true, true]]]);
  const masked = await layer.apply(params, x, { mask: seen }).data();
  const shorter = await layer.apply(params, np.slice(x, 0), { context: np.slice(x, 0, [0, 2]) }).data();
  const whole = await layer.apply(params, np.slice(x, 1)).data();
  [...shorter, ...whole].forEach((value, i) => {
    expect(masked[i]).toBeCloseTo(value, 6);
  });
});

test('equal keys are averaged, one that stands out is read', async () => {
  const value = np.array([[1], [2], [6]]);
  expect(await attention(np.ones([1, 2]), np.ones([3, 2]), value).item()).toBeCloseTo(3, 6);
  const keys = np.array([
    [0, 0],
    [90, 0],
    [0, 0],
  ]);
  expect(await attention(np.ones([1, 2]), keys, value).item()).toBeCloseTo(2, 6);
});

test('refuses heads that do not divide the width', () => {
  expect(() => multiHeadAttention(6, 4)).toThrow('6 features do not make 4 heads');
});
