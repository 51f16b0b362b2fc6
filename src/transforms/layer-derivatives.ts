/**
 * @file The products through which parameters enter a function. The derivative of one example with respect to the W of
 * y = W h is a product of what went into the layer, h, and of the cotangent of what came out, so that norms and inner
 * products of derivatives can be had from these two without the derivatives.
 */
import { dependents, substitute, topological } from '../array/graph.ts';
import { bindAll, input, type NDArray, type Node } from '../array/ndarray.ts';
import type { Primitive } from '../array/primitive.ts';
import { sameShape } from '../array/shape.ts';
import { type ContractParams, contract, contractPrimitive } from '../primitives/contract.ts';
import { type ConvolutionParams, convolution, convolutionPrimitive } from '../primitives/convolution.ts';
import { add, multiply } from '../primitives/elementwise.ts';
import { alias } from '../primitives/identity.ts';
import { zerosOf } from '../primitives/shape.ts';
import { pushforward } from './jvp.ts';
import { transposeLinear } from './transpose.ts';

/** A layer y = W h of one example, where W is a parameter, perhaps in another shape and times a number. */
export interface Layer {
  /** h */
  readonly given: NDArray;
  /** The number in front of W; undefined: 1. */
  readonly scale: NDArray | undefined;
  /** Axis letters of W (`a`), h (`b`) and y (`out`); undefined for a convolution. */
  readonly letters: ContractParams | undefined;
  /** Elements of W. */
  readonly size: number;
  /** The derivative with respect to W, in W's shape and without the scale, given h and the cotangent of y. */
  readonly gradient: (given: NDArray, cotangent: NDArray) => NDArray;
}

export interface LayerDerivatives {
  readonly output: NDArray;
  readonly layers: readonly Layer[];
  /** From the cotangent of the output: those of the layers' outputs, and of the parameters that enter in another way. */
  readonly pullback: (cotangent: NDArray) => { readonly ofLayers: NDArray[]; readonly ofOthers: NDArray[] };
}

/**
 * Traces a function of parameters at `leaves`.
 *
 * @param f closes over `examples`, the unknowns of one example
 */
export function layerDerivatives(
  f: (variables: readonly NDArray[]) => NDArray,
  leaves: readonly NDArray[],
  examples: readonly NDArray[],
): LayerDerivatives {
  const variables = leaves.map(alias);
  const output = f(variables);
  const order = topological([output], new Set([...variables, ...examples].map((x) => x.node)));
  const uses = usesOf(order, output);
  const varying = dependents(order, [...variables, ...examples]);
  const found = variables.map((v) => findLayer(v, uses, varying));
  const products = found.flatMap((layer) => (layer === undefined ? [] : [layer]));
  const others = variables.filter((_, i) => found[i] === undefined);

  // A zero is added to the output of every layer; the derivative with respect to it is the cotangent there.
  const zeros = new Map(products.map(({ node }) => [node, alias(zerosOf(node.outputs[0]))]));
  const fresh = new Map<NDArray, NDArray>();
  const look = (x: NDArray) => fresh.get(x) ?? x;
  for (const node of order) {
    const zero = zeros.get(node);
    if (zero === undefined && !node.operands.some((x) => fresh.has(x))) continue;
    const rebuilt = bindAll(node.primitive, node.operands.map(look), node.params);
    node.outputs.forEach((x, i) => {
      fresh.set(x, zero === undefined ? rebuilt[i] : add(rebuilt[i], zero));
    });
  }
  const sources = [...zeros.values(), ...others];
  const directions = sources.map((x) => input(x));
  const [tangent] = pushforward([look(output)], sources, directions);

  const back = new Map(variables.map((v, i) => [v, leaves[i]]));
  for (const [node, zero] of zeros) back.set(zero, zerosOf(node.outputs[0]));
  const settled = (arrays: readonly NDArray[]) => substitute(arrays, back);
  return {
    output: settled([output])[0],
    layers: products.map(({ layer }) => ({ ...layer, given: settled([look(layer.given)])[0] })),
    pullback(cotangent) {
      const cts = transposeLinear([tangent], directions, [cotangent]).map((ct, i) => ct ?? zerosOf(sources[i]));
      const all = settled(cts);
      return { ofLayers: all.slice(0, zeros.size), ofOthers: all.slice(zeros.size) };
    },
  };
}

/** Who reads an array, once for each operand that it is. `null`: the result. */
function usesOf(order: readonly Node[], output: NDArray): Map<NDArray, (Node | null)[]> {
  const uses = new Map<NDArray, (Node | null)[]>([[output, [null]]]);
  for (const node of order) {
    for (const x of node.operands) uses.set(x, [...(uses.get(x) ?? []), node]);
  }
  return uses;
}

/** Follows a parameter to the one product that it goes into, through changes of shape and factors. */
function findLayer(
  variable: NDArray,
  uses: ReadonlyMap<NDArray, readonly (Node | null)[]>,
  varying: ReadonlySet<Node>,
): { readonly node: Node; readonly layer: Layer } | undefined {
  let scale: NDArray | undefined;
  let x = variable;
  for (;;) {
    const readers = uses.get(x) ?? [];
    const [node] = readers;
    // A parameter that is used twice has a derivative of two parts, whose norm is not made of theirs.
    if (readers.length !== 1 || node === null) return undefined;
    const { name } = node.primitive;
    const position = node.operands.indexOf(x);
    const other = node.operands[1 - position];
    if (node.primitive === (contractPrimitive as Primitive)) {
      const { a, b, out } = node.params as ContractParams;
      const letters = position === 0 ? { a, b, out } : { a: b, b: a, out };
      const gradient = (given: NDArray, cotangent: NDArray) =>
        contract(given, cotangent, { a: letters.b, b: out, out: letters.a });
      return { node, layer: { given: other, scale, letters, size: x.size, gradient } };
    }
    if (node.primitive === (convolutionPrimitive as Primitive) && position === 1) {
      const params = node.params as ConvolutionParams;
      if (params.result !== 'y') return undefined;
      const gradient = (given: NDArray, cotangent: NDArray) =>
        convolution(given, cotangent, { ...params, result: 'kernel' });
      return { node, layer: { given: other, scale, letters: undefined, size: x.size, gradient } };
    }
    if (name === 'multiply') {
      if (other.size !== 1 || varying.has(other.node) || !sameShape(node.outputs[0].shape, x.shape)) return undefined;
      scale = scale === undefined ? other : multiply(scale, other);
    } else if (name !== 'reshape' && name !== 'transpose') {
      return undefined;
    }
    x = node.outputs[0];
  }
}
