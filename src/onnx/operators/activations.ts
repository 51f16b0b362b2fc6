/** @file Activation functions. Names and defaults are those of the ONNX operators. */
import { isFloat } from '../../array/dtype.ts';
import type { NDArray } from '../../array/ndarray.ts';
import * as np from '../../numpy/index.ts';
import type { Call, Operator } from '../call.ts';
import { unary } from './elementwise.ts';

/** alpha (e^(x / scale) - 1) below 0, where the other side must not overflow. */
const below = (x: NDArray, alpha: number, scale = 1): NDArray =>
  np.multiply(alpha, np.expm1(np.divide(np.where(np.greater(x, 0), 0, x), scale)));

const relu = (x: NDArray): NDArray => (isFloat(x.dtype) ? np.relu(x) : np.maximum(x, 0));

const leakyRelu = (x: NDArray, alpha: number): NDArray => np.where(np.less(x, 0), np.multiply(alpha, x), x);

const elu = (x: NDArray, alpha: number): NDArray => np.where(np.greater(x, 0), x, below(x, alpha));

/** log(1 + e^x) as max(x, 0) + log1p(e^-|x|). */
function softplus(x: NDArray): NDArray {
  const minusSize = np.where(np.greater(x, 0), np.negative(x), x);
  return np.add(np.relu(x), np.log1p(np.exp(minusSize)));
}

const softsign = (x: NDArray): NDArray => np.divide(x, np.add(1, np.abs(x)));

const hardSigmoid = (x: NDArray, alpha: number, beta: number): NDArray =>
  np.clip(np.add(np.multiply(alpha, x), beta), 0, 1);

const thresholdedRelu = (x: NDArray, alpha: number): NDArray => np.where(np.greater(x, alpha), x, 0);

const gelu: Operator = (call) => {
  const x = call.input(0);
  const half = np.multiply(0.5, x);
  if (call.attributes.string('approximate', 'none') === 'none')
    return np.multiply(half, np.add(1, np.erf(np.multiply(x, Math.SQRT1_2))));
  const inner = np.multiply(Math.sqrt(2 / Math.PI), np.add(x, np.multiply(0.044715, np.power(x, 3))));
  return np.multiply(half, np.add(1, np.tanh(inner)));
};

/** One slope, or one per channel (axis 1), which operator sets before 7 write without the axes behind it. */
const prelu: Operator = (call) => {
  const [x, slope] = [call.input(0), call.input(1)];
  const perChannel = call.opset < 7 && slope.ndim === 1 && slope.size > 1 && x.ndim > 1;
  const aligned = perChannel ? np.reshape(slope, [slope.size, ...new Array<number>(x.ndim - 2).fill(1)]) : slope;
  return np.where(np.less(x, 0), np.multiply(aligned, x), x);
};

/** Functions of one array with numbers called alpha and beta, as recurrent nodes name them; and their defaults. */
export const named: Readonly<Record<string, { readonly f: Scaled; readonly alpha?: number; readonly beta?: number }>> =
  {
    Affine: { f: (x, alpha, beta) => np.add(np.multiply(alpha, x), beta), alpha: 1, beta: 0 },
    Relu: { f: relu },
    LeakyRelu: { f: leakyRelu, alpha: 0.01 },
    ThresholdedRelu: { f: thresholdedRelu, alpha: 1 },
    Tanh: { f: np.tanh },
    ScaledTanh: { f: (x, alpha, beta) => np.multiply(alpha, np.tanh(np.multiply(beta, x))), alpha: 1, beta: 1 },
    Sigmoid: { f: np.sigmoid },
    HardSigmoid: { f: hardSigmoid, alpha: 0.2, beta: 0.5 },
    Elu: { f: elu, alpha: 1 },
    Softsign: { f: softsign },
    Softplus: { f: softplus },
  };
export type Scaled = (x: NDArray, alpha: number, beta: number) => NDArray;

const scaled =
  (name: string): Operator =>
  (call: Call) => {
    const { f, alpha = 0, beta = 0 } = named[name];
    return f(call.input(0), call.attributes.float('alpha', alpha), call.attributes.float('beta', beta));
  };

export const activations: Readonly<Record<string, Operator>> = {
  Relu: scaled('Relu'),
  LeakyRelu: scaled('LeakyRelu'),
  ThresholdedRelu: scaled('ThresholdedRelu'),
  Tanh: scaled('Tanh'),
  Sigmoid: scaled('Sigmoid'),
  HardSigmoid: scaled('HardSigmoid'),
  Elu: scaled('Elu'),
  Softsign: scaled('Softsign'),
  Softplus: scaled('Softplus'),
  PRelu: prelu,
  Gelu: gelu,
  Selu: (call) => {
    const x = call.input(0);
    const alpha = call.attributes.float('alpha', 1.67326319217681884765625);
    return np.multiply(call.attributes.float('gamma', 1.05070102214813232421875), elu(x, alpha));
  },
  Celu: (call) => {
    const x = call.input(0);
    const alpha = call.attributes.float('alpha', 1);
    return np.where(np.greater(x, 0), x, below(x, alpha, alpha));
  },
  HardSwish: unary((x) => np.multiply(x, hardSigmoid(x, 1 / 6, 0.5))),
  Mish: unary((x) => np.multiply(x, np.tanh(softplus(x)))),
  Swish: (call) => {
    const x = call.input(0);
    return np.multiply(x, np.sigmoid(np.multiply(call.attributes.float('alpha', 1), x)));
  },
  Shrink: (call) => {
    const x = call.input(0);
    const [bias, lambda] = [call.attributes.float('bias', 0), call.attributes.float('lambd', 0.5)];
    const above = np.where(np.greater(x, lambda), np.subtract(x, bias), 0);
    return np.where(np.less(x, -lambda), np.add(x, bias), above);
  },
};
