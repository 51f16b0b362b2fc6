/**
 * @file Norms and inner products of the derivatives of single examples, from layer inputs and output cotangents where
 * parameters enter through products (dense and convolutional layers, attention), and by the derivatives elsewhere.
 */
import { ShapeError } from '../array/errors.ts';
import { type NDArray, scalar } from '../array/ndarray.ts';
import { shapeText, sizeOf } from '../array/shape.ts';
import { flatten, type Tree, unflatten } from '../array/tree.ts';
import { eye } from '../numpy/create.ts';
import { add, multiply, sqrt, square } from '../numpy/math.ts';
import { einsum, matmul } from '../numpy/product.ts';
import { sum } from '../numpy/reduce.ts';
import { reshape, swapaxes, transpose } from '../numpy/shape.ts';
import { type Layer, layerDerivatives } from './layer-derivatives.ts';
import { checkFloat } from './trace.ts';
import { vmap } from './vmap.ts';

/** What is known of one batch of examples; cotangents have axes [batch, outputs, …]. */
interface Batch {
  readonly layers: readonly { readonly layer: Layer; readonly given: NDArray; readonly cotangent: NDArray }[];
  /** Derivatives with respect to the other parameters, [batch, outputs, elements]. */
  readonly others: readonly NDArray[];
}

/** Layer inputs and cotangents of every example, one seed for each output (a scalar has one). */
function derivativesOf<P extends Tree, A extends readonly Tree[]>(
  operation: string,
  f: (params: P, ...example: A) => NDArray,
  params: P,
  examples: A,
): Batch & { readonly outputs: readonly number[] } {
  const { leaves, structure } = flatten(params, 'the parameters');
  checkFloat(operation, leaves);
  let layers: readonly Layer[] = [];
  let outputs: readonly number[] = [];
  const onOne = (...example: A) => {
    const traced = layerDerivatives(
      (variables) => f(unflatten(structure, variables) as P, ...example),
      leaves,
      flatten(example, 'the example').leaves,
    );
    const { output, pullback } = traced;
    layers = traced.layers;
    outputs = output.shape;
    if (output.ndim > 1) {
      throw new ShapeError(
        operation,
        `the function must return a scalar or a vector for one example, got ${shapeText(output.shape)}`,
      );
    }

    const seeds = eye(output.size, output.size, output.dtype);
    const pulled = vmap((seed: NDArray) => pullback(reshape(seed, output.shape)))(seeds);
    return { given: layers.map(({ given }) => given), ...pulled };
  };
  const { given, ofLayers, ofOthers } = vmap(onOne)(...examples);
  return {
    outputs,
    layers: layers.map((layer, i) => ({ layer, given: given[i], cotangent: ofLayers[i] })),
    others: ofOthers.map((g) => reshape(g, [...g.shape.slice(0, 2), sizeOf(g.shape.slice(2))])),
  };
}

/** A dense layer's h as [batch, positions, inputs] and cotangents as [batch, outputs, positions, features]. */
interface Rows {
  readonly given: NDArray;
  readonly cotangent: NDArray;
}

/**
 * The derivative as a sum over positions of outer products h dy, if it is one. Positions are the axes that h and y share
 * and W has not (time steps, for example); where W shares an axis with both it is a stack of layers, left to the
 * derivatives themselves.
 */
function rowsOf(layer: Layer, given: NDArray, cotangent: NDArray): Rows | undefined {
  if (layer.letters === undefined) return undefined;
  const { a: w, b: h, out } = layer.letters;
  if ([...w].some((letter) => h.includes(letter) && out.includes(letter))) return undefined;
  const positions = [...h].filter((letter) => !w.includes(letter));
  const arrange = (x: NDArray, letters: string, lead: number) => {
    const free = [...letters].filter((letter) => w.includes(letter));
    const axis = (letter: string) => lead + letters.indexOf(letter);
    const fixed = x.shape.slice(0, lead);
    const y = transpose(x, [...fixed.map((_, i) => i), ...[...positions, ...free].map(axis)]);
    const size = (list: readonly string[]) => list.reduce((n, letter) => n * x.shape[axis(letter)], 1);
    return reshape(y, [...fixed, size(positions), size(free)]);
  };
  return { given: arrange(given, h, 1), cotangent: arrange(cotangent, out, 2) };
}

/** Inner products of rows cost P^2 (inputs + features) a pair of examples, of derivatives the elements of W. */
const rowsAreCheaper = ({ given, cotangent }: Rows, perPair: number): boolean => {
  const [, positions, inputs] = given.shape;
  return positions ** 2 * (inputs + cotangent.shape[3]) < perPair;
};

/** The derivatives with respect to W themselves: [batch, outputs, elements of W]. */
function gradients(layer: Layer, given: NDArray, cotangent: NDArray): NDArray {
  const g = vmap((h: NDArray, cts: NDArray) => vmap((ct: NDArray) => layer.gradient(h, ct))(cts))(given, cotangent);
  return reshape(g, [...cotangent.shape.slice(0, 2), layer.size]);
}

const scaled = (layer: Layer, product: NDArray): NDArray =>
  layer.scale === undefined ? product : multiply(square(reshape(layer.scale, [])), product);

/**
 * Euclidean norms of the gradients of single examples with respect to all parameters, without the gradients: for a dense
 * layer |h| |dy| (Goodfellow, arXiv 1510.01799), and its like over positions; other parameters as `vmap(grad)` has them.
 *
 * @param loss the loss of ONE example: a scalar
 * @returns (params, ...batch) -> norms [batch]; every leaf of the batch has the examples along axis 0
 */
export function perExampleGradientNorms<P extends Tree, A extends readonly Tree[]>(
  loss: (params: P, ...example: A) => NDArray,
): (params: P, ...batch: A) => NDArray {
  return (params, ...batch) => {
    const { layers, others, outputs } = derivativesOf('perExampleGradientNorms', loss, params, batch);
    if (outputs.length > 0) {
      throw new ShapeError(
        'perExampleGradientNorms',
        `the loss of one example must be a scalar, got ${shapeText(outputs)}`,
      );
    }
    const squares = [
      ...layers.map(({ layer, given, cotangent }) => scaled(layer, squaredNorms(layer, given, cotangent))),
      ...others.map((g) => sum(square(g), [1, 2])),
    ];
    return sqrt(squares.reduce((total, s) => add(total, s)));
  };
}

function squaredNorms(layer: Layer, given: NDArray, cotangent: NDArray): NDArray {
  const rows = rowsOf(layer, given, cotangent);
  if (rows !== undefined) {
    const positions = rows.given.shape[1];
    if (positions === 1) return multiply(sum(square(rows.given), [1, 2]), sum(square(rows.cotangent), [1, 2, 3]));
    if (rowsAreCheaper(rows, positions * layer.size)) {
      const [h, d] = [rows.given, rows.cotangent];
      return sum(multiply(einsum('npi,nqi->npq', h, h), einsum('nkpo,nkqo->npq', d, d)), [1, 2]);
    }
  }
  return sum(square(gradients(layer, given, cotangent)), [1, 2]);
}

/**
 * The empirical neural tangent kernel J(x1) J(x2)^T (Jacot et al. 2018), layer by layer: for dense layers
 * (H H^T) * (D D^T) with layer inputs H and cotangents D, never the Jacobian; for convolutions the derivatives of one
 * layer at a time; other parameters as `vmap(jacrev)` has them.
 *
 * @param f (params, one example) -> scalar, or vector of K outputs
 * @param options.outputs `full` (default): a K x K block for each pair of examples; `mean`: the mean of its diagonal
 * @returns (params, x1, x2 = x1) -> [n1, n2] for a scalar f and for `mean`, else [n1, n2, K, K]. Examples lie along axis 0
 *   of every leaf of x1 and x2.
 */
export function empiricalNtk<P extends Tree, X extends Tree>(
  f: (params: P, x: X) => NDArray,
  options: { readonly outputs?: 'full' | 'mean' } = {},
): (params: P, x1: X, x2?: X) => NDArray {
  const average = options.outputs === 'mean';
  return (params, x1, x2) => {
    const left = derivativesOf('empiricalNtk', f, params, [x1]);
    const right = x2 === undefined ? left : derivativesOf('empiricalNtk', f, params, [x2]);
    const blocks = [
      ...left.layers.map(({ layer, given, cotangent }, i) => {
        const { given: h, cotangent: d } = right.layers[i];
        return scaled(layer, layerKernel(layer, [given, cotangent], [h, d], average));
      }),
      ...left.others.map((g, i) => gramOf(g, right.others[i], average)),
    ];
    const kernel = blocks.reduce((total, k) => add(total, k));
    const k = left.outputs[0] ?? 1;
    if (average) return k === 1 ? kernel : multiply(kernel, scalar(1 / k, kernel.dtype));
    // [n1, K, n2, K] -> [n1, n2, K, K]
    const blocked = swapaxes(kernel, 1, 2);
    return left.outputs.length === 0 ? reshape(blocked, blocked.shape.slice(0, 2)) : blocked;
  };
}

/** Inner products of vectors [n, K, elements]: [n1, K, n2, K], or summed over equal outputs [n1, n2]. */
function gramOf(a: NDArray, b: NDArray, overOutputs: boolean): NDArray {
  const rows = (x: NDArray, lead: number) => reshape(x, [sizeOf(x.shape.slice(0, lead)), sizeOf(x.shape.slice(lead))]);
  if (overOutputs) return matmul(rows(a, 1), transpose(rows(b, 1)));
  const product = matmul(rows(a, 2), transpose(rows(b, 2)));
  return reshape(product, [...a.shape.slice(0, 2), ...b.shape.slice(0, 2)]);
}

function layerKernel(
  layer: Layer,
  [h1, d1]: readonly [NDArray, NDArray],
  [h2, d2]: readonly [NDArray, NDArray],
  overOutputs: boolean,
): NDArray {
  const [left, right] = [rowsOf(layer, h1, d1), rowsOf(layer, h2, d2)];
  if (left === undefined || right === undefined || !rowsAreCheaper(left, layer.size)) {
    return gramOf(gradients(layer, h1, d1), gradients(layer, h2, d2), overOutputs);
  }
  // sum over positions p, q of (h_p . h_q) (dy_p . dy_q)
  const inputs = einsum('npi,mqi->npmq', left.given, right.given);
  if (overOutputs) return sum(multiply(inputs, einsum('nkpo,mkqo->npmq', left.cotangent, right.cotangent)), [1, 3]);
  const outputs = einsum('nkpo,mlqo->nkpmlq', left.cotangent, right.cotangent);
  const [n, p, m, q] = inputs.shape;
  return sum(multiply(reshape(inputs, [n, 1, p, m, 1, q]), outputs), [2, 5]);
}
