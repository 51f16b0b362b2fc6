/**
 * Networks of compact support, on which Lemma 1 of arXiv 1806.08734 holds without a boundary term: the pyramid
 * p(x) = max(0, 1 - max_i |x_i|) and relu(min(g, p)) for any relu network g, both written as relu networks
 * (max(a, b) = b + relu(a - b), |x| = relu(x) + relu(-x), relu(min(g, p)) = p - relu(p - relu(g)) since p >= 0).
 */
import { UserError } from '../../../array/errors.ts';
import { networkFourierTransform } from './network-transform.ts';
import { assertScalarNet, type DenseLayer, type PiecewiseLinearNet } from './piecewise-linear-net.ts';

/**
 * A random network: weights N(0, 2 / fan-in), biases N(0, biasStd^2), last layer 'identity'.
 *
 * @param widths input, hidden.., output.
 * @param normal source of independent standard normal numbers.
 * @param options.biasStd default 0.5. @param options.activation of the hidden layers (default 'relu').
 */
export function heNet(
  widths: readonly number[],
  normal: () => number,
  options: { readonly biasStd?: number; readonly activation?: string } = {},
): PiecewiseLinearNet {
  const { biasStd = 0.5, activation = 'relu' } = options;
  const layers = widths.slice(1).map((outputs, index): DenseLayer => {
    const inputs = widths[index];
    const std = Math.sqrt(2 / inputs);
    return {
      inputs,
      outputs,
      weight: Float64Array.from({ length: inputs * outputs }, () => std * normal()),
      bias: Float64Array.from({ length: outputs }, () => biasStd * normal()),
      activation: index === widths.length - 2 ? 'identity' : activation,
    };
  });
  return { layers };
}

/** p(x) = max(0, 1 - max_i |x_i|) on R (the tent) or R^2 (the pyramid over the square [-1, 1]^2). */
export function pyramidNet(dim: 1 | 2): PiecewiseLinearNet {
  return { layers: [...pyramidLayers(dim), layer([[1]], [0], 'identity')] };
}

/**
 * relu(min(g, p)): the network g cut off by the pyramid; zero outside [-1, 1]^dim.
 *
 * @param g relu network R^dim -> R, dim 1 or 2, last layer 'identity'.
 * @throws UserError for other networks.
 */
export function cutByPyramid(g: PiecewiseLinearNet): PiecewiseLinearNet {
  const dim = g.layers[0]?.inputs;
  if (dim !== 1 && dim !== 2)
    throw new UserError(`cut by a pyramid: the network takes ${dim} inputs; only 1 or 2 are supported.`);
  assertScalarNet(g, dim);
  g.layers.forEach(({ activation }, index) => {
    const expected = index === g.layers.length - 1 ? 'identity' : 'relu';
    if (activation !== expected)
      throw new UserError(`cut by a pyramid: layer ${index} has activation '${activation}'; it must be '${expected}'.`);
  });
  const readout = g.layers[g.layers.length - 1];
  const reluOfG = [...g.layers.slice(0, -1), { ...readout, activation: 'relu' }];
  return {
    layers: [
      ...sideBySide(reluOfG, pyramidLayers(dim)),
      // (g+, p) -> (relu(p - g+), p) -> p - relu(p - g+)
      layer([[-1, 0], [1, 1]], [0, 0], 'relu'), // biome-ignore format: a matrix
      layer([[-1], [1]], [0], 'identity'),
    ],
  };
}

/**
 * relu(min(g, p)) or relu(min(-g, p)), whichever has the larger integral: a random g may be nowhere or barely above 0,
 * and then nothing of it is left to measure.
 *
 * @throws UserError as `cutByPyramid`, and if g is zero on [-1, 1]^dim.
 */
export function cutByPyramidOfEitherSign(g: PiecewiseLinearNet): PiecewiseLinearNet {
  const cuts = [g, negated(g)].map(cutByPyramid);
  const [plus, minus] = cuts.map(integral);
  if (plus === 0 && minus === 0) throw new UserError('cut by a pyramid: the network is zero on [-1, 1]^dim.');
  return plus >= minus ? cuts[0] : cuts[1];
}

/** integral of a network over [-1, 1]^dim: its transform at k = 0. */
function integral(net: PiecewiseLinearNet): number {
  const dim = net.layers[0].inputs === 1 ? 1 : 2;
  const domain = dim === 1 ? [-1, 1] : [-1, -1, 1, -1, 1, 1, -1, 1];
  return networkFourierTransform(net, new Float64Array(dim), { dim, domain }).re[0];
}

function negated(net: PiecewiseLinearNet): PiecewiseLinearNet {
  const last = net.layers[net.layers.length - 1];
  const opposite = { ...last, weight: last.weight.map((w) => -w), bias: last.bias.map((b) => -b) };
  return { layers: [...net.layers.slice(0, -1), opposite] };
}

function pyramidLayers(dim: 1 | 2): DenseLayer[] {
  if (dim === 1) return [layer([[1, -1]], [0, 0], 'relu'), layer([[-1], [-1]], [1], 'relu')];
  return [
    // (x, y) -> (x+, x-, y+, y-)
    layer([[1, -1, 0, 0], [0, 0, 1, -1]], [0, 0, 0, 0], 'relu'), // biome-ignore format: a matrix
    // -> (relu(|x| - |y|), |y|)
    layer([[1, 0], [1, 0], [-1, 1], [-1, 1]], [0, 0], 'relu'), // biome-ignore format: a matrix
    // -> relu(1 - max(|x|, |y|))
    layer([[-1], [-1]], [1], 'relu'),
  ];
}

/** A layer from the rows of its inputs x outputs matrix. */
function layer(rows: readonly (readonly number[])[], bias: readonly number[], activation: string): DenseLayer {
  return {
    weight: Float64Array.from(rows.flat()),
    bias: Float64Array.from(bias),
    inputs: rows.length,
    outputs: bias.length,
    activation,
  };
}

/** Two scalar relu networks on the same input as one with two outputs; the shorter waits (its output is >= 0). */
function sideBySide(a: readonly DenseLayer[], b: readonly DenseLayer[]): DenseLayer[] {
  const wait = layer([[1]], [0], 'relu');
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => {
    const [left, right] = [a[index] ?? wait, b[index] ?? wait];
    const shared = index === 0;
    const inputs = shared ? left.inputs : left.inputs + right.inputs;
    const outputs = left.outputs + right.outputs;
    const weight = new Float64Array(inputs * outputs);
    const place = (block: DenseLayer, row: number, column: number) => {
      for (let i = 0; i < block.inputs; i++)
        for (let o = 0; o < block.outputs; o++)
          weight[(row + i) * outputs + column + o] = block.weight[i * block.outputs + o];
    };
    place(left, 0, 0);
    place(right, shared ? 0 : left.inputs, left.outputs);
    return { weight, bias: Float64Array.of(...left.bias, ...right.bias), inputs, outputs, activation: 'relu' };
  });
}
