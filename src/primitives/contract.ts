/**
 * @file The one primitive of matrix products: a sum of products of two operands, written as in einsum. Every product of
 * linear algebra, its derivatives and its batched forms are instances with other letters.
 */
import { allocate } from '../array/dtype.ts';
import { ShapeError } from '../array/errors.ts';
import { bind, type NDArray } from '../array/ndarray.ts';
import type { Lowering, Primitive } from '../array/primitive.ts';
import { forEachOffset, shapeText, sizeOf, stridesOf } from '../array/shape.ts';
import { add } from './elementwise.ts';
import { addTangents } from './rules.ts';

/** Axis names of the operands and of the result. No letter repeats within one; each letter of an operand occurs in another. */
export interface ContractParams {
  readonly a: string;
  readonly b: string;
  readonly out: string;
}

function sizes(a: readonly number[], b: readonly number[], params: ContractParams): Map<string, number> {
  const size = new Map<string, number>();
  for (const [letters, shape] of [
    [params.a, a],
    [params.b, b],
  ] as const) {
    [...letters].forEach((letter, i) => {
      if (size.has(letter) && size.get(letter) !== shape[i]) {
        throw new ShapeError(
          'matmul',
          `shapes ${shapeText(a)} and ${shapeText(b)} do not fit ${params.a},${params.b}->${params.out}: "${letter}" has sizes ${size.get(letter)} and ${shape[i]}`,
        );
      }
      size.set(letter, shape[i]);
    });
  }
  return size;
}

export const unusedLetter = ({ a, b }: ContractParams): string => {
  for (let code = 'A'.charCodeAt(0); ; code++) {
    const letter = String.fromCharCode(code);
    if (!a.includes(letter) && !b.includes(letter)) return letter;
  }
};

export const contractPrimitive: Primitive<ContractParams> = {
  name: 'contract',
  infer([a, b], params) {
    if (a.dtype !== b.dtype) throw new ShapeError('matmul', `dtypes differ: ${a.dtype} and ${b.dtype}`);
    if (a.dtype === 'bool') throw new ShapeError('matmul', 'needs numbers, got bool: convert with astype');
    const size = sizes(a.shape, b.shape, params);
    return [{ shape: [...params.out].map((letter) => size.get(letter)!), dtype: a.dtype }];
  },
  evaluate([a, b], params, [output]) {
    const size = sizes(a.shape, b.shape, params);
    const summed = [...params.a].filter((letter) => !params.out.includes(letter));
    const strides = (letters: string, shape: readonly number[]) => {
      const all = stridesOf(shape);
      return (wanted: readonly string[]) =>
        wanted.map((letter) => (letters.includes(letter) ? all[letters.indexOf(letter)] : 0));
    };
    const ofA = strides(params.a, a.shape);
    const ofB = strides(params.b, b.shape);
    const result = allocate(output.dtype, sizeOf(output.shape));
    const summedShape = summed.map((letter) => size.get(letter)!);
    const inner: number[] = [];
    const times = output.dtype === 'int32' ? Math.imul : (x: number, y: number) => x * y;
    forEachOffset(summedShape, [ofA(summed), ofB(summed)], (_, [i, j]) => inner.push(i, j));
    const free = [...params.out];
    forEachOffset(output.shape, [ofA(free), ofB(free)], (index, [i, j]) => {
      let sum = 0;
      for (let k = 0; k < inner.length; k += 2) sum += times(a.data[i + inner[k]], b.data[j + inner[k + 1]]);
      result[index] = sum;
    });
    return [result];
  },
  jvp: ([a, b], [ta, tb], params) => [addTangents(ta && contract(ta, b, params), tb && contract(a, tb, params), add)],
  transpose: ([ct], [a, b], linear, params) => [
    linear[0] ? contract(ct!, b, { a: params.out, b: params.b, out: params.a }) : null,
    linear[1] ? contract(a, ct!, { a: params.a, b: params.out, out: params.b }) : null,
  ],
  batch([a, b], [aBatched, bBatched], params) {
    const letter = unusedLetter(params);
    return [
      contract(a, b, {
        a: (aBatched ? letter : '') + params.a,
        b: (bBatched ? letter : '') + params.b,
        out: letter + params.out,
      }),
    ];
  },
  lower(context, [a, b], params, { operands }) {
    const size = sizes(operands[0].shape, operands[1].shape, params);
    if ([...size.values()].includes(0)) {
      // Sums of nothing. (ONNX Runtime's fused products refuse empty operands.)
      const shape = [...params.out].map((letter) => size.get(letter)!);
      const zero = context.constant([0], [], operands[0].dtype);
      return [context.op('Expand', [zero, context.constant(shape, [shape.length], 'int64')])];
    }
    const plans = [plan(params), plan({ a: params.b, b: params.a, out: params.out })];
    const swapped = cost(plans[1], size) < cost(plans[0], size);
    return [product(context, plans[Number(swapped)], swapped ? [b, a] : [a, b], size, operands[0].dtype)];
  },
};

/** sum over the letters absent from `out` of a[…] b[…]. */
export const contract = (a: NDArray, b: NDArray, params: ContractParams): NDArray =>
  bind(contractPrimitive, [a, b], params);

/** The letters of a product as batched matrix product [lead, rows, inner] x [lead, inner, columns] -> [lead, rows, columns]. */
export interface Plan extends ContractParams {
  readonly lead: readonly string[];
  readonly rows: readonly string[];
  readonly inner: readonly string[];
  readonly columns: readonly string[];
}

/**
 * Reads the result's letters from the right: first those of b alone (columns), then those of a alone (rows); all that is
 * left in front is looped over, an operand that lacks such a letter being broadcast.
 */
export function plan(params: ContractParams): Plan {
  const { a, b, out } = params;
  let end = out.length;
  const run = (mine: string, other: string): string[] => {
    const stop = end;
    while (end > 0 && mine.includes(out[end - 1]) && !other.includes(out[end - 1])) end--;
    return [...out.slice(end, stop)];
  };
  const columns = run(b, a);
  const rows = run(a, b);
  const inner = [...a].filter((letter) => !out.includes(letter));
  return { ...params, lead: [...out.slice(0, end)], rows, inner, columns };
}

const keep = (letters: readonly string[], operand: string): string[] => letters.filter((l) => operand.includes(l));

/** Axis orders in which an operand is a stack of matrices as it lies, or with its last two groups exchanged. */
function orders(operand: string, lead: readonly string[], first: readonly string[], second: readonly string[]) {
  const front = keep(lead, operand).join('');
  return {
    straight: front + first.join('') + second.join(''),
    flipped: front + second.join('') + first.join(''),
  };
}

/** Elements that must be copied, plus a penalty for loops over small products. */
function cost(p: Plan, size: ReadonlyMap<string, number>): number {
  const count = (letters: Iterable<string>) => [...letters].reduce((product, l) => product * size.get(l)!, 1);
  const copied = (operand: string, first: readonly string[], second: readonly string[]) => {
    const { straight, flipped } = orders(operand, p.lead, first, second);
    return operand === straight || operand === flipped ? 0 : count(operand);
  };
  const loops = count(p.lead);
  const degenerate = p.rows.length === 0 || p.columns.length === 0 ? 1 : 0;
  return copied(p.a, p.rows, p.inner) + copied(p.b, p.inner, p.columns) + 50 * (loops - 1) + degenerate * 10 * loops;
}

function product(
  context: Lowering,
  p: Plan,
  [a, b]: readonly string[],
  size: ReadonlyMap<string, number>,
  dtype: string,
): string {
  const dims = (letters: Iterable<string>) => [...letters].map((l) => size.get(l)!);
  const count = (letters: Iterable<string>) => dims(letters).reduce((x, n) => x * n, 1);
  const result = dims(p.out);

  if (p.inner.length === 0 || (p.rows.length === 0 && p.columns.length === 0) || !/float/.test(dtype)) {
    return elementwiseProduct(context, p, [a, b], size, dtype);
  }

  // Each operand as a stack of matrices; the order of its last two groups is left to the product where possible.
  const arrange = (name: string, letters: string, first: readonly string[], second: readonly string[]) => {
    const { straight, flipped } = orders(letters, p.lead, first, second);
    const transposed = letters !== straight && letters === flipped;
    const ordered =
      letters === straight || transposed
        ? name
        : context.op('Transpose', [name], { perm: [...straight].map((l) => letters.indexOf(l)) });
    const lead = p.lead.length === 0 ? [] : p.lead.map((l) => (letters.includes(l) ? size.get(l)! : 1));
    const matrix = transposed ? [count(second), count(first)] : [count(first), count(second)];
    const from = letters === straight || transposed ? dims(letters) : dims(straight);
    // A stack of one operand that is shared by all of the lead stays a plain matrix: MatMul broadcasts it.
    const shape = keep(p.lead, letters).length === 0 ? matrix : [...lead, ...matrix];
    return { name: context.reshape(ordered, from, shape), transposed, rank: shape.length };
  };
  const left = arrange(a, p.a, p.rows, p.inner);
  const right = arrange(b, p.b, p.inner, p.columns);

  let y: string;
  if (p.lead.length === 0 && (left.transposed || right.transposed)) {
    y = context.op('Gemm', [left.name, right.name], {
      transA: Number(left.transposed),
      transB: Number(right.transposed),
    });
  } else {
    // ONNX Runtime fuses the exchange of the last two axes into the product (FusedMatMul, float32).
    const straighten = ({ name, transposed, rank }: typeof left) => {
      if (!transposed) return name;
      const perm = Array.from({ length: rank }, (_, i) => i);
      perm.splice(rank - 2, 2, rank - 1, rank - 2);
      return context.op('Transpose', [name], { perm });
    };
    y = context.op('MatMul', [straighten(left), straighten(right)]);
  }
  return context.reshape(y, [...dims(p.lead), count(p.rows), count(p.columns)], result);
}

/** Outer and elementwise products, with a sum over the inner letters where there are some. */
function elementwiseProduct(
  context: Lowering,
  p: Plan,
  names: readonly string[],
  size: ReadonlyMap<string, number>,
  dtype: string,
): string {
  const all = [...p.out, ...p.inner];
  const aligned = [p.a, p.b].map((letters, i) => {
    const order = all.filter((l) => letters.includes(l));
    const moved =
      order.join('') === letters
        ? names[i]
        : context.op('Transpose', [names[i]], { perm: order.map((l) => letters.indexOf(l)) });
    return context.reshape(
      moved,
      order.map((l) => size.get(l)!),
      all.map((l) => (letters.includes(l) ? size.get(l)! : 1)),
    );
  });
  const y = context.op('Mul', aligned);
  if (p.inner.length === 0) return y;
  const axes = p.inner.map((_, i) => p.out.length + i);
  const sum = (x: string) =>
    context.op('ReduceSum', [x, context.constant(axes, [axes.length], 'int64')], { keepdims: 0 });
  // As for `sum`: in int32 the runtime would clamp.
  return dtype === 'int32' ? context.cast(sum(context.cast(y, 'int64')), 'int32') : sum(y);
}
