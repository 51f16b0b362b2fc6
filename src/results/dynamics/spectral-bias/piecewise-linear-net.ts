/**
 * A fully connected network as plain data, in float64 on the host: what the exact region functions read.
 * Convention of the library: a layer maps a row x to activation(x W + b), W is inputs x outputs.
 */
import { UserError } from '../../../array/errors.ts';

export interface DenseLayer {
  /** inputs x outputs, row-major. */
  readonly weight: Float64Array;
  /** outputs. */
  readonly bias: Float64Array;
  readonly inputs: number;
  readonly outputs: number;
  /** Piecewise linear: 'relu', 'leaky-relu', 'abs', 'identity'. `evaluate` also knows 'tanh' and 'sigmoid'. */
  readonly activation: string;
  /** Slope of 'leaky-relu' for negative arguments (default 0.01). */
  readonly slope?: number;
}

export interface PiecewiseLinearNet {
  /** First to last; the last one usually has activation 'identity' and one output. */
  readonly layers: readonly DenseLayer[];
}

const SMOOTH: Readonly<Record<string, { value: (u: number) => number; lipschitz: number }>> = {
  tanh: { value: Math.tanh, lipschitz: 1 },
  sigmoid: { value: (u) => 1 / (1 + Math.exp(-u)), lipschitz: 1 / 4 },
};

/** Slopes [for u < 0, for u > 0] of an activation that is linear on both sides of 0; null for any other. */
function slopesAroundZero(layer: DenseLayer): readonly [number, number] | null {
  switch (layer.activation) {
    case 'relu':
      return [0, 1];
    case 'leaky-relu':
      return [layer.slope ?? 0.01, 1];
    case 'abs':
      return [-1, 1];
    case 'identity':
      return [1, 1];
    default:
      return null;
  }
}

/**
 * Slopes [u < 0, u > 0] of the activation of layer `index`.
 *
 * @throws UserError that names the layer if its activation is not piecewise linear with its only kink at 0.
 */
export function branchSlopes(net: PiecewiseLinearNet, index: number): readonly [number, number] {
  const layer = net.layers[index];
  const slopes = slopesAroundZero(layer);
  if (slopes === null)
    throw new UserError(
      `layer ${index} has activation '${layer.activation}', which is not piecewise linear: the network has no linear regions. ` +
        "Use 'relu', 'leaky-relu', 'abs' or 'identity', or measure its spectrum on a grid.",
    );
  return slopes;
}

/** Lipschitz constant of the activation of layer `index`. @throws UserError for an unknown activation. */
export function activationLipschitz(net: PiecewiseLinearNet, index: number): number {
  const layer = net.layers[index];
  const slopes = slopesAroundZero(layer);
  return slopes ? Math.max(Math.abs(slopes[0]), Math.abs(slopes[1])) : smoothActivation(layer, index).lipschitz;
}

function smoothActivation(layer: DenseLayer, index: number) {
  const smooth = SMOOTH[layer.activation];
  if (!smooth)
    throw new UserError(
      `layer ${index} has the unknown activation '${layer.activation}'; known are relu, leaky-relu, abs, identity, tanh, sigmoid.`,
    );
  return smooth;
}

/**
 * Passes if the layers fit together, hold finite numbers, and map R^inputs to R (all region functions need a scalar).
 *
 * @throws UserError that names the layer and the sizes.
 */
export function assertScalarNet(net: PiecewiseLinearNet, inputs: number): void {
  if (net.layers.length === 0) throw new UserError('the network has no layers.');
  let width = inputs;
  net.layers.forEach((layer, index) => {
    if (layer.inputs !== width)
      throw new UserError(
        index === 0
          ? `the network takes ${layer.inputs} inputs; this function needs a network of ${inputs}.`
          : `layer ${index} takes ${layer.inputs} inputs, but layer ${index - 1} has ${width} outputs.`,
      );
    if (layer.weight.length !== layer.inputs * layer.outputs || layer.bias.length !== layer.outputs)
      throw new UserError(
        `layer ${index}: ${layer.inputs} x ${layer.outputs} needs ${layer.inputs * layer.outputs} weights and ` +
          `${layer.outputs} biases; got ${layer.weight.length} and ${layer.bias.length}.`,
      );
    if (!layer.weight.every(Number.isFinite) || !layer.bias.every(Number.isFinite))
      throw new UserError(`layer ${index} has a weight or bias that is NaN or infinite.`);
    width = layer.outputs;
  });
  if (width !== 1)
    throw new UserError(`the network has ${width} outputs; give one output (e.g. slice the last layer) at a time.`);
}

/** Points that go through the network together: big enough to amortise the loops, small enough for the cache. */
const BLOCK = 512;

/**
 * The forward pass: values of a scalar network at n points.
 *
 * @param x n x d, row-major.
 * @returns n values.
 * @throws UserError if the network is not R^d -> R, the length of x is no multiple of d, or an activation is unknown.
 */
export function evaluate(net: PiecewiseLinearNet, x: Float64Array): Float64Array {
  const d = net.layers[0]?.inputs ?? 0;
  assertScalarNet(net, d);
  if (x.length % d !== 0)
    throw new UserError(`evaluate: ${x.length} coordinates are not a whole number of ${d}-d points.`);
  const n = x.length / d;
  const values = new Float64Array(n);
  // Activations of one block, feature-major (width x BLOCK), so that the innermost loop runs over points.
  const buffers = [d, ...net.layers.map((layer) => layer.outputs)].map((width) => new Float64Array(width * BLOCK));
  for (let start = 0; start < n; start += BLOCK) {
    const count = Math.min(BLOCK, n - start);
    for (let p = 0; p < count; p++) for (let i = 0; i < d; i++) buffers[0][i * BLOCK + p] = x[(start + p) * d + i];
    net.layers.forEach((layer, index) => {
      applyLayer(layer, index, buffers[index], buffers[index + 1], count);
    });
    values.set(buffers[net.layers.length].subarray(0, count), start);
  }
  return values;
}

function applyLayer(layer: DenseLayer, index: number, below: Float64Array, above: Float64Array, count: number): void {
  const { weight, bias, inputs, outputs } = layer;
  for (let o = 0; o < outputs; o++) {
    const out = o * BLOCK;
    above.fill(bias[o], out, out + count);
    for (let i = 0; i < inputs; i++) {
      const w = weight[i * outputs + o];
      if (w !== 0) for (let p = 0; p < count; p++) above[out + p] += w * below[i * BLOCK + p];
    }
    const slopes = slopesAroundZero(layer);
    if (slopes === null) {
      const { value } = smoothActivation(layer, index);
      for (let p = out; p < out + count; p++) above[p] = value(above[p]);
    } else if (slopes[0] !== 1 || slopes[1] !== 1) {
      for (let p = out; p < out + count; p++) above[p] *= above[p] > 0 ? slopes[1] : slopes[0];
    }
  }
}
