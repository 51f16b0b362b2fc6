/** @file Sums of arrays that are zero where the other is not: the cotangents of slices of one array. */
import type { NDArray } from '../array/ndarray.ts';
import { scalarValue } from '../array/ndarray.ts';
import { sameShape } from '../array/shape.ts';
import { concatenate, filled } from './shape.ts';

/** What stands at [start, start + its length) along an axis; everything else is zero. */
interface Sparse {
  readonly axis: number;
  readonly parts: readonly { readonly start: number; readonly x: NDArray }[];
}

const isZero = (x: NDArray): boolean =>
  scalarValue(x) === 0 || (x.node.primitive.name === 'broadcastTo' && scalarValue(x.node.operands[0]) === 0);

function sparse({ node }: NDArray): Sparse | undefined {
  if (node.primitive.name === 'pad') {
    const { before, after, between } = node.params as Readonly<Record<'before' | 'after' | 'between', number[]>>;
    const padded = before.flatMap((n, axis) => (n + after[axis] > 0 ? [axis] : []));
    if (padded.length !== 1 || between.some((n) => n > 0)) return undefined;
    return { axis: padded[0], parts: [{ start: before[padded[0]], x: node.operands[0] }] };
  }
  if (node.primitive.name === 'concatenate') {
    const { axis } = node.params as { axis: number };
    let end = 0;
    const parts = node.operands.map((x) => {
      const start = end;
      end += x.shape[axis];
      return { start, x };
    });
    return { axis, parts: parts.filter(({ x }) => !isZero(x)) };
  }
  return undefined;
}

/** a + b as one concatenation, where nowhere both are other than zero; undefined elsewhere. */
export function disjointSum(a: NDArray, b: NDArray): NDArray | undefined {
  const [p, q] = [sparse(a), sparse(b)];
  if (p === undefined || q === undefined || p.axis !== q.axis || !sameShape(a.shape, b.shape)) return undefined;
  const { axis } = p;
  const pieces: NDArray[] = [];
  let end = 0;
  const fillTo = (start: number) => {
    if (start > end) pieces.push(filled(0, a.shape.with(axis, start - end), a.dtype));
    end = start;
  };
  for (const { start, x } of [...p.parts, ...q.parts].sort((s, t) => s.start - t.start)) {
    if (start < end) return undefined;
    fillTo(start);
    pieces.push(x);
    end += x.shape[axis];
  }
  fillTo(a.shape[axis]);
  return concatenate(pieces, axis);
}
