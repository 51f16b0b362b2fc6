import { describe, expect, test } from 'vitest';
import * as np from '../numpy/index.ts';
import * as random from '../random/index.ts';
import { type Conv, conv, convLayer, convTranspose, convTransposeLayer, initializers, muP } from './index.ts';
import { expectReference } from './reference.fixture.ts';

describe('values and gradients are PyTorch’s', () => {
  test('one axis, strided, dilated, in groups', () =>
    expectReference<Conv>('conv1d', (p, x) => conv(p, x, { stride: 2, padding: 2, dilation: 2, groups: 2 })));
  test('two axes', () => expectReference<Conv>('conv2d', (p, x) => conv(p, x, { stride: [2, 1], padding: [1, 0] })));
  test('three axes', () => expectReference<Conv>('conv3d', (p, x) => conv(p, x)));
  test('transposed', () =>
    expectReference<Conv>('convTranspose2d', (p, x) =>
      convTranspose(p, x, { stride: 2, padding: 1, outputPadding: 1, groups: 2 }),
    ));
});

test('layers make the shapes that they say, with the fan-in of their window', () => {
  const seen: (readonly number[])[] = [];
  const weight: initializers.Initializer = (_, shape, fanIn, fanOut) => {
    seen.push([...shape, fanIn, fanOut]);
    return np.ones(shape);
  };
  const layer = convLayer(4, 6, [3, 5], { groups: 2, padding: [1, 2], weight, bias: initializers.zeros });
  const params = layer.init(random.key(0));
  expect(seen).toEqual([[6, 2, 3, 5, 30, 45]]);
  expect(layer.apply(params, np.ones([2, 4, 7, 8])).shape).toEqual([2, 6, 7, 8]);
  const up = convTransposeLayer(4, 6, [2], { stride: 2, groups: 2, weight });
  expect(seen).toHaveLength(1);
  expect(up.apply(up.init(random.key(1)), np.ones([2, 4, 5])).shape).toEqual([2, 6, 10]);
  expect(seen[1]).toEqual([4, 3, 2, 4, 6]);
});

test('bias null leaves it out, of parameters and rates', () => {
  const layer = convLayer(2, 3, [3], { bias: null, role: 'input', parametrization: muP(4, 'sgd') });
  expect(layer.init(random.key(0)).bias).toBeNull();
  expect(layer.rates).toEqual({ weight: 4, bias: null });
});

test('refuses channels that do not divide into groups', () => {
  expect(() => convLayer(3, 4, [3], { groups: 2 })).toThrow('do not make a kernel');
});
