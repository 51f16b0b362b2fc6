/** @file Products of linear algebra, all of them one contraction. */
import { ShapeError } from '../array/errors.ts';
import type { NDArray } from '../array/ndarray.ts';
import { normalizeAxis, shapeText, sizeOf } from '../array/shape.ts';
import { contract } from '../primitives/contract.ts';
import { cast } from '../primitives/elementwise.ts';
import { reduceSum } from '../primitives/reduce.ts';
import { broadcastTo, reshape, slice, transpose } from '../primitives/shape.ts';
import { promoted } from './create.ts';
import { multiply } from './math.ts';

/** Arrays of one dtype; booleans count as 0 and 1. */
const numeric = (...arrays: readonly NDArray[]): NDArray[] =>
  promoted(...arrays).map((x) => (x.dtype === 'bool' ? cast(x, 'int32') : x));

/**
 * Matrix product with NumPy's rules: [..., n, k] x [..., k, m] -> [..., n, m], leading axes broadcast; a vector on the
 * left (right) is a row (column) whose axis is dropped from the result.
 */
export function matmul(left: NDArray, right: NDArray): NDArray {
  const [a, b] = numeric(left, right);
  if (a.ndim === 0 || b.ndim === 0)
    throw new ShapeError('matmul', 'needs arrays of at least one dimension, got a scalar');
  const k = a.shape[a.ndim - 1];
  const at = b.ndim === 1 ? 0 : b.ndim - 2;
  if (k !== b.shape[at]) {
    throw new ShapeError(
      'matmul',
      `shapes ${shapeText(a.shape)} and ${shapeText(b.shape)} do not fit: axis -1 of the first has size ${k}, axis ${b.ndim === 1 ? 0 : -2} of the second has size ${b.shape[at]}`,
    );
  }
  const leadA = a.shape.slice(0, -2);
  const leadB = b.shape.slice(0, -2);
  const rank = Math.max(leadA.length, leadB.length);
  const letter = (i: number) => String.fromCharCode('A'.charCodeAt(0) + i);
  // An axis of size 1 that is broadcast is dropped from its operand; the other one supplies the letter.
  const lead = (shape: readonly number[], other: readonly number[]) =>
    shape.map((n, i) => {
      const partner = other[i - shape.length + other.length] ?? 1;
      if (n !== 1 && partner !== 1 && n !== partner) {
        throw new ShapeError(
          'matmul',
          `leading axes of ${shapeText(a.shape)} and ${shapeText(b.shape)} do not broadcast`,
        );
      }
      return n === 1 && partner !== 1 ? '' : letter(rank - shape.length + i);
    });
  const lettersA = lead(leadA, leadB);
  const lettersB = lead(leadB, leadA);
  const squeezed = (x: NDArray, letters: readonly string[]) =>
    reshape(x, [
      ...x.shape.slice(0, letters.length).filter((_, i) => letters[i] !== ''),
      ...x.shape.slice(letters.length),
    ]);
  const used = new Set([...lettersA, ...lettersB]);
  const out = Array.from({ length: rank }, (_, i) => letter(i)).filter((l) => used.has(l));
  return contract(squeezed(a, lettersA), squeezed(b, lettersB), {
    a: `${lettersA.join('')}${a.ndim === 1 ? 'k' : 'nk'}`,
    b: `${lettersB.join('')}${b.ndim === 1 ? 'k' : 'km'}`,
    out: `${out.join('')}${a.ndim === 1 ? '' : 'n'}${b.ndim === 1 ? '' : 'm'}`,
  });
}

/** Inner product of vectors; for higher ranks the sum over the last axis of `a` and the second-last of `b` (NumPy). */
export function dot(a: NDArray, b: NDArray): NDArray {
  if (a.ndim === 0 || b.ndim === 0) return multiply(a, b);
  if (b.ndim <= 2) return matmul(a, b);
  return tensordot(a, b, [[a.ndim - 1], [b.ndim - 2]]);
}

/** Sum of the products of all elements of two arrays of one size. */
export const vdot = (a: NDArray, b: NDArray): NDArray => matmul(reshape(a, [a.size]), reshape(b, [b.size]));

export const outer = (a: NDArray, b: NDArray): NDArray => {
  const [x, y] = numeric(a, b);
  return contract(reshape(x, [x.size]), reshape(y, [y.size]), { a: 'i', b: 'j', out: 'ij' });
};

/** Sums over pairs of axes, or over the last `axes` of a with the first of b. */
export function tensordot(
  a: NDArray,
  b: NDArray,
  axes: number | readonly [readonly number[], readonly number[]] = 2,
): NDArray {
  const [ofA, ofB] =
    typeof axes === 'number'
      ? [Array.from({ length: axes }, (_, i) => a.ndim - axes + i), Array.from({ length: axes }, (_, i) => i)]
      : [
          axes[0].map((i) => normalizeAxis('tensordot', i, a.ndim)),
          axes[1].map((i) => normalizeAxis('tensordot', i, b.ndim)),
        ];
  const letter = (i: number) => String.fromCharCode('a'.charCodeAt(0) + i);
  const lettersA = a.shape.map((_, i) => letter(i));
  const lettersB = b.shape.map((_, i) => (ofB.includes(i) ? lettersA[ofA[ofB.indexOf(i)]] : letter(a.ndim + i)));
  const out = [...lettersA.filter((_, i) => !ofA.includes(i)), ...lettersB.filter((_, i) => !ofB.includes(i))];
  return einsum(`${lettersA.join('')},${lettersB.join('')}->${out.join('')}`, a, b);
}

/**
 * Einstein summation, e.g. `einsum('nk,km->nm', a, b)`. Any number of operands (contracted from left to right), letters
 * a-z and A-Z, repeated letters within an operand take the diagonal, "..." stands for leading axes that broadcast.
 * Without "->" the result has the letters that occur once, in alphabetical order.
 */
export function einsum(subscripts: string, ...operands: readonly NDArray[]): NDArray {
  const { inputs, output, arrays } = parseEinsum(subscripts, numeric(...operands));
  let current = withoutRepeats(arrays[0], inputs[0]);
  for (let i = 1; i < arrays.length; i++) {
    const later = inputs.slice(i + 1).join('') + output;
    const next = withoutRepeats(arrays[i], inputs[i]);
    const a = summed(current, (l) => next.letters.includes(l) || later.includes(l));
    const b = summed(next, (l) => current.letters.includes(l) || later.includes(l));
    const out = [...new Set(a.letters + b.letters)].filter((l) => later.includes(l)).join('');
    const last = i === arrays.length - 1 ? output : out;
    current = { x: contract(a.x, b.x, { a: a.letters, b: b.letters, out: last }), letters: last };
  }
  const { x, letters } = summed(current, (l) => output.includes(l));
  return transpose(
    x,
    [...output].map((l) => letters.indexOf(l)),
  );
}

interface Labelled {
  readonly x: NDArray;
  readonly letters: string;
}

function parseEinsum(subscripts: string, operands: readonly NDArray[]) {
  const [left, right, more] = subscripts.replace(/\s/g, '').split('->');
  const inputs = left.split(',');
  const bad = (problem: string) => new ShapeError(`einsum "${subscripts}"`, problem);
  if (more !== undefined) throw bad('"->" may occur once');
  if (inputs.length !== operands.length)
    throw bad(`${inputs.length} operands are written, ${operands.length} are given`);
  // "..." becomes letters that nobody else uses, right-aligned, broadcast to a common shape.
  const spare = [...'0123456789'];
  const leads = inputs.map((letters, i) => (letters.includes('...') ? operands[i].ndim - (letters.length - 3) : 0));
  const lead = Math.max(...leads);
  const leadLetters = spare.slice(0, Math.max(0, lead)).join('');
  const arrays = [...operands];
  const expanded = inputs.map((letters, i) => {
    const full = letters.replace('...', leadLetters.slice(lead - leads[i]));
    if (!/^[a-zA-Z0-9]*$/.test(full)) throw bad('letters must be a-z or A-Z');
    if (full.length !== operands[i].ndim) {
      throw bad(
        `operand ${i} has ${operands[i].ndim} axes (shape ${shapeText(operands[i].shape)}) but ${letters.length} letters`,
      );
    }
    return full;
  });
  const size = new Map<string, number>();
  expanded.forEach((letters, i) => {
    [...letters].forEach((l, axis) => {
      const n = operands[i].shape[axis];
      const known = size.get(l);
      if (known !== undefined && known !== n && !(/\d/.test(l) && (known === 1 || n === 1))) {
        throw bad(`"${l}" has sizes ${known} and ${n}`);
      }
      size.set(l, known === undefined || known === 1 ? n : known);
    });
  });
  expanded.forEach((letters, i) => {
    arrays[i] = broadcastTo(
      arrays[i],
      [...letters].map((l) => size.get(l)!),
    );
  });
  const all = expanded.join('');
  const once = [...new Set(all)].filter((l) => all.split(l).length === 2 && !/\d/.test(l)).sort();
  const output = right === undefined ? leadLetters + once.join('') : right.replace('...', leadLetters);
  const stray = [...output].find((l, i) => !all.includes(l) || output.indexOf(l) !== i);
  if (stray !== undefined) throw bad(`"${stray}" of the result must occur in an operand, and once in the result`);
  return { inputs: expanded, output, arrays };
}

/** Takes the diagonal of axes that share a letter. */
function withoutRepeats(x: NDArray, letters: string): Labelled {
  const i = [...letters].findIndex((l, k) => letters.indexOf(l, k + 1) > 0);
  if (i < 0) return { x, letters };
  const j = letters.indexOf(letters[i], i + 1);
  const rest = [...letters].map((_, k) => k).filter((k) => k !== i && k !== j);
  const n = x.shape[i];
  const moved = transpose(x, [...rest, i, j]);
  const outer = moved.shape.slice(0, -2);
  const rows = reshape(moved, [sizeOf(outer), n * n]);
  // Of the n * n elements of a row every (n + 1)-th is on the diagonal.
  const diagonals = slice(rows, [0, 0], [rows.shape[0], n * n], [1, n + 1]);
  return withoutRepeats(reshape(diagonals, [...outer, n]), rest.map((k) => letters[k]).join('') + letters[i]);
}

/** Sums over the letters that nobody needs any more. */
function summed({ x, letters }: Labelled, needed: (letter: string) => boolean): Labelled {
  const axes = [...letters].flatMap((l, i) => (needed(l) ? [] : [i]));
  return { x: reduceSum(x, axes), letters: [...letters].filter(needed).join('') };
}
