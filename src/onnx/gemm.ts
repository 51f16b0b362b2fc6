/** @file Products followed by a sum, as one Gemm: alpha A B + beta C saves a pass over memory for each part. */
import { type NDArray, type Node, scalarValue } from '../array/ndarray.ts';
import type { Attribute } from '../array/primitive.ts';
import { broadcastShapes, sameShape } from '../array/shape.ts';
import { type ContractParams, contractPrimitive, plan } from '../primitives/contract.ts';

export interface Gemm {
  readonly a: NDArray;
  readonly b: NDArray;
  readonly c: NDArray;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

interface Product {
  readonly a: NDArray;
  readonly b: NDArray;
  readonly transA: number;
  readonly transB: number;
  readonly alpha: number;
  readonly nodes: readonly Node[];
}

/** x W + b, p - lr A^T B and their like, found before lowering. `absorbed` nodes are computed within a head. */
export function fuseGemm(
  order: readonly Node[],
  uses: ReadonlyMap<NDArray, number>,
): { heads: Map<Node, Gemm>; absorbed: Set<Node> } {
  const heads = new Map<Node, Gemm>();
  const absorbed = new Set<Node>();
  for (const node of order) {
    const { name } = node.primitive;
    if (name !== 'add' && name !== 'subtract') continue;
    const [x, y] = node.operands;
    // x + P, x - P: the product on the right; P + y, P - y: on the left.
    for (const [p, c, onRight] of [
      [y, x, true],
      [x, y, false],
    ] as const) {
      const product = matrixProduct(p, uses);
      if (product === undefined || product.nodes.some((n) => absorbed.has(n))) continue;
      const shape = node.outputs[0].shape;
      if (!sameShape(p.shape, shape) || !sameShape(broadcastShapes('', [c.shape, shape]), shape)) continue;
      const minus = name === 'subtract';
      heads.set(node, {
        a: product.a,
        b: product.b,
        c,
        attributes: {
          transA: product.transA,
          transB: product.transB,
          alpha: { float: minus && onRight ? -product.alpha : product.alpha },
          beta: { float: minus && !onRight ? -1 : 1 },
        },
      });
      for (const n of product.nodes) absorbed.add(n);
      break;
    }
  }
  return { heads, absorbed };
}

/** A product of two matrices, perhaps times a number, that nothing else reads. */
function matrixProduct(x: NDArray, uses: ReadonlyMap<NDArray, number>): Product | undefined {
  if (uses.get(x) !== 1 || !x.dtype.startsWith('float')) return undefined;
  const { node } = x;
  if (node.primitive.name === 'multiply') {
    const alpha = scalarValue(node.operands[0]);
    // Gemm's factor is a float32 attribute: in float64 only numbers that it holds exactly may go there.
    if (alpha === undefined || node.operands[0].ndim > 0) return undefined;
    if (x.dtype === 'float64' && Math.fround(alpha) !== alpha) return undefined;
    const inner = matrixProduct(node.operands[1], uses);
    return inner && { ...inner, alpha: alpha * inner.alpha, nodes: [...inner.nodes, node] };
  }
  if (node.primitive.name !== contractPrimitive.name) return undefined;
  // With an empty inner axis ONNX Runtime's Gemm forgets beta.
  if (node.operands.some((operand) => operand.size === 0)) return undefined;
  const params = node.params as ContractParams;
  for (const swapped of [false, true]) {
    const p = plan(swapped ? { a: params.b, b: params.a, out: params.out } : params);
    if (p.lead.length > 0 || p.rows.length !== 1 || p.inner.length !== 1 || p.columns.length !== 1) continue;
    const [a, b] = swapped ? [node.operands[1], node.operands[0]] : node.operands;
    return {
      a,
      b,
      transA: Number(p.a[0] === p.inner[0]),
      transB: Number(p.b[0] === p.columns[0]),
      alpha: 1,
      nodes: [node],
    };
  }
  return undefined;
}
