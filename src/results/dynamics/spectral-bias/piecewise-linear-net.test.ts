import { describe, expect, it } from 'vitest';
import { heNet } from './compact-nets.ts';
import { normals } from './normals.fixture.ts';
import { activationLipschitz, branchSlopes, evaluate, type PiecewiseLinearNet } from './piecewise-linear-net.ts';

const ACTIVATIONS: Readonly<Record<string, (u: number) => number>> = {
  relu: (u) => Math.max(0, u),
  'leaky-relu': (u) => (u > 0 ? u : 0.01 * u),
  abs: Math.abs,
  identity: (u) => u,
  tanh: Math.tanh,
  sigmoid: (u) => 1 / (1 + Math.exp(-u)),
};

/** y = x W + b, activation; layer by layer, one point. */
function naive(net: PiecewiseLinearNet, x: readonly number[]): number {
  let values = [...x];
  for (const { weight, bias, outputs, activation } of net.layers)
    values = Array.from({ length: outputs }, (_, o) =>
      ACTIVATIONS[activation](values.reduce((sum, v, i) => sum + v * weight[i * outputs + o], bias[o])),
    );
  return values[0];
}

describe('evaluate', () => {
  it.each(Object.keys(ACTIVATIONS))('is the forward pass with %s, over more points than a block', (activation) => {
    const normal = normals(1);
    const net = heNet([3, 7, 5, 1], normal, { activation });
    const x = Float64Array.from({ length: 3 * 1100 }, normal);
    const y = evaluate(net, x);
    expect(y.length).toBe(1100);
    for (const p of [0, 511, 512, 1024, 1099])
      expect(y[p]).toBeCloseTo(naive(net, Array.from(x.subarray(3 * p, 3 * p + 3))), 12);
  });

  it('refuses layers that do not fit, several outputs, NaN and unknown activations, naming the layer', () => {
    const net = heNet([2, 3, 1], normals(2));
    const [first, last] = net.layers;
    expect(() => evaluate(net, new Float64Array(3))).toThrow('3 coordinates are not a whole number of 2-d points');
    expect(() => evaluate({ layers: [first, first] }, new Float64Array(2))).toThrow(
      'layer 1 takes 2 inputs, but layer 0',
    );
    expect(() => evaluate({ layers: [first] }, new Float64Array(2))).toThrow('the network has 3 outputs');
    expect(() => evaluate({ layers: [{ ...first, bias: new Float64Array(2) }, last] }, new Float64Array(2))).toThrow(
      'layer 0: 2 x 3 needs 6 weights and 3 biases; got 6 and 2',
    );
    expect(() =>
      evaluate({ layers: [first, { ...last, bias: Float64Array.of(Number.NaN) }] }, new Float64Array(2)),
    ).toThrow('layer 1 has a weight or bias that is NaN');
    expect(() => evaluate({ layers: [{ ...first, activation: 'gelu' }, last] }, new Float64Array(2))).toThrow(
      "layer 0 has the unknown activation 'gelu'",
    );
    expect(() => evaluate({ layers: [] }, new Float64Array(2))).toThrow('no layers');
  });
});

describe('activations', () => {
  it('have the slopes and Lipschitz constants of their definition', () => {
    const net = (activation: string, slope?: number): PiecewiseLinearNet => ({
      layers: [{ weight: Float64Array.of(1), bias: Float64Array.of(0), inputs: 1, outputs: 1, activation, slope }],
    });
    expect(branchSlopes(net('relu'), 0)).toEqual([0, 1]);
    expect(branchSlopes(net('leaky-relu', 0.2), 0)).toEqual([0.2, 1]);
    expect(branchSlopes(net('abs'), 0)).toEqual([-1, 1]);
    expect(activationLipschitz(net('leaky-relu', -3), 0)).toBe(3);
    expect(activationLipschitz(net('sigmoid'), 0)).toBe(0.25);
    expect(() => branchSlopes(net('tanh'), 0)).toThrow("layer 0 has activation 'tanh', which is not piecewise linear");
  });
});
