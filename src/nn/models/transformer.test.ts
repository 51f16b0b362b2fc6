import { expect, test } from 'vitest';
import * as np from '../../numpy/index.ts';
import * as random from '../../random/index.ts';
import { type TransformerParams, transformer } from '../index.ts';
import { expectReference } from '../reference.fixture.ts';

const small = { length: 5, width: 4, depth: 2, heads: 2, hidden: 6, outputs: 3 };
const decoder = transformer({ ...small, vocabulary: 7 });
const encoder = transformer({ ...small, features: 3, causal: false, positions: 'sinusoidal' });

test('the decoder is PyTorch’s', () => expectReference<TransformerParams>('decoder', (p, x) => decoder.apply(p, x)));
test('the encoder is PyTorch’s', () => expectReference<TransformerParams>('encoder', (p, x) => encoder.apply(p, x)));

test('a token changes its own and later outputs of the decoder only, all of the encoder', async () => {
  const tokens = [1, 5, 2, 6, 0];
  const changes = async (net: typeof decoder) => {
    const params = net.init(random.key(0));
    const run = (list: number[]) => net.apply(params, np.array(list, { dtype: 'int32' })).data();
    const [before, after] = [await run(tokens), await run([1, 5, 3, 6, 0])];
    return tokens.map((_, t) => [0, 1, 2].some((k) => before[3 * t + k] !== after[3 * t + k]));
  };
  expect(await changes(decoder)).toEqual([false, false, true, true, true]);
  expect(await changes(transformer({ ...small, vocabulary: 7, causal: false }))).toEqual(new Array(5).fill(true));
});

test('shorter inputs are beginnings; longer ones are refused', async () => {
  const params = decoder.init(random.key(1));
  const tokens = np.array([4, 1, 3, 2, 6], { dtype: 'int32' });
  const whole = await decoder.apply(params, tokens).data();
  const begin = await decoder.apply(params, np.slice(tokens, [0, 3])).data();
  begin.forEach((value, i) => {
    expect(value).toBeCloseTo(whole[i], 6);
  });
  expect(() => decoder.apply(params, np.zeros([2, 6], 'int32'))).toThrow('takes up to 5 positions');
});

test('dropout acts with a key only', async () => {
  const net = transformer({ ...small, vocabulary: 7, dropout: 0.5 });
  const params = net.init(random.key(2));
  const tokens = np.array([4, 1, 3], { dtype: 'int32' });
  const plain = await decoder.apply(params, tokens).data();
  expect(await net.apply(params, tokens).data()).toEqual(plain);
  const dropped = [1, 1, 2].map((seed) => net.apply(params, tokens, random.key(seed)).data());
  const [first, same, other] = await Promise.all(dropped);
  expect(first).toEqual(same);
  expect(first).not.toEqual(other);
  expect(first).not.toEqual(plain);
});

test('refuses inputs of both kinds or of none', () => {
  expect(() => transformer(small)).toThrow('either vocabulary');
  expect(() => transformer({ ...small, vocabulary: 3, features: 3 })).toThrow('either vocabulary');
});
