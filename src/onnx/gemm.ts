/** @file Products followed by a sum, as one Gemm: alpha A B + beta C saves a pass over memory for each part. */
import { type NDArray, type Node, scalarValue } from '../array/ndarray.ts';
import type { Attribute } from '../array/primitive.ts';
import { broadcastShapes, type Shape, sameShape, sizeOf } from '../array/shape.ts';
import { type ContractParams, contractPrimitive, plan } from '../primitives/contract.ts';

/** An operand, and the matrix that it is as it lies in memory. */
export interface Matrix {
  readonly x: NDArray;
  readonly shape: Shape;
}

export interface Gemm {
  readonly a: Matrix;
  readonly b: Matrix;
  readonly c: Matrix;
  readonly shape: Shape;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

interface Product {
  readonly a: Matrix;
  readonly b: Matrix;
  /** Axes of the result that are rows; the rest are columns. */
  readonly rows: number;
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
      const added = asMatrix(c, shape, product.rows);
      if (added === undefined) continue;
      const minus = name === 'subtract';
      heads.set(node, {
        a: product.a,
        b: product.b,
        c: added,
        shape: [sizeOf(shape.slice(0, product.rows)), sizeOf(shape.slice(product.rows))],
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

/** What is added to a matrix of merged axes: along rows and columns either all of it, or the same for all. */
function asMatrix(c: NDArray, shape: Shape, rows: number): Matrix | undefined {
  const aligned = [...new Array<number>(shape.length - c.ndim).fill(1), ...c.shape];
  const merged = [
    [aligned.slice(0, rows), shape.slice(0, rows)],
    [aligned.slice(rows), shape.slice(rows)],
  ].map(([own, full]) => (sizeOf(own) === 1 ? 1 : sameShape(own, full) ? sizeOf(full) : undefined));
  const [n, m] = merged;
  return n === undefined || m === undefined ? undefined : { x: c, shape: [n, m] };
}

/** A product of two matrices (axes that lie together count as one), perhaps times a number, that nothing else reads. */
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
    const [rows, inner, columns] = [p.rows, p.inner, p.columns].map((letters) => letters.join(''));
    if (p.lead.length > 0 || rows === '' || inner === '' || columns === '') continue;
    const transA = p.a === inner + rows;
    const transB = p.b === columns + inner;
    if ((!transA && p.a !== rows + inner) || (!transB && p.b !== inner + columns)) continue;
    const [a, b] = swapped ? [node.operands[1], node.operands[0]] : node.operands;
    const matrix = (operand: NDArray, first: string): Matrix => ({
      x: operand,
      shape: [sizeOf(operand.shape.slice(0, first.length)), sizeOf(operand.shape.slice(first.length))],
    });
    return {
      a: matrix(a, transA ? inner : rows),
      b: matrix(b, transB ? columns : inner),
      rows: rows.length,
      transA: Number(transA),
      transB: Number(transB),
      alpha: 1,
      nodes: [node],
    };
  }
  return undefined;
}
