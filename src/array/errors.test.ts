import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as np from '../numpy/index.ts';
import { grad, scan, vmap } from '../transforms/index.ts';
import { ShapeError, UserError } from './errors.ts';

const here = fileURLToPath(import.meta.url);

/** The message of the error that `f` throws. */
function messageOf(f: () => unknown): string {
  try {
    f();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

/** The line of this file that an error message ends with. */
const lineOf = (message: string): number => {
  const place = /\(at (.*):(\d+):\d+\)$/.exec(message);
  expect(place?.[1], message).toBe(here);
  return Number(place![2]);
};

/** The line of the caller of this function. */
const thisLine = (): number => Number(/:(\d+):\d+\)?$/.exec(new Error().stack!.split('\n')[2])![1]);

const a = np.zeros([2, 3]);
const b = np.zeros([4]);

describe('a shape mismatch names the operation, the shapes and the caller’s line', () => {
  test.each([
    ['add', () => np.add(a, b), /^add: shapes \[2, 3\] and \[4\] do not broadcast: axis -1 has sizes 3 and 4/],
    ['where', () => np.where(a, b, 0), /^where: shapes \[2, 3\] and \[4\] and \[\] do not broadcast/],
    ['matmul', () => np.matmul(a, b), /^matmul: shapes \[2, 3\] and \[4\] do not fit/],
    ['tensordot', () => np.tensordot(a, b, 1), /^einsum .*sizes 3 and 4/],
    [
      'vmap',
      () => vmap(np.add)(a, b),
      /^vmap: the mapped axes differ in size: 2, but argument 1 has a leaf of shape \[4\]/,
    ],
    ['scan', () => scan((s) => [s, null], null, [a, b]), /^scan: needs one length; found 2, 4/],
    ['concatenate', () => np.concatenate([a, np.zeros([2, 4])]), /^concatenate: shapes \[2, 3\], \[2, 4\]/],
    ['stack', () => np.stack([a, b]), /^concatenate: shapes \[1, 2, 3\], \[1, 4\]/],
    [
      'reshape',
      () => np.reshape(a, [4]),
      /^reshape: an array of shape \[2, 3\] \(6 elements\) cannot take shape \[4\]/,
    ],
    [
      'transpose',
      () => np.transpose(a, [0, 0]),
      /^transpose: axes \[0, 0\] are not a permutation of the 2 axes of shape \[2, 3\]/,
    ],
    ['broadcastTo', () => np.broadcastTo(b, [2, 3]), /^broadcastTo: /],
    ['pad', () => np.pad(a, [[1, 1]]), /^pad: needs one \[before, after\] per axis of shape \[2, 3\], got 1/],
    ['pad', () => np.pad(b, [[-1, 1]]), /^pad: widths must be non-negative integers/],
    [
      'takeAlongAxis',
      () => np.takeAlongAxis(a, np.zeros([4, 3], 'int32'), 1),
      /^takeAlongAxis: indices of shape \[4, 3\] do not fit shape \[2, 3\]/,
    ],
    ['trace', () => np.trace(b), /^trace: needs a matrix, got shape \[4\]/],
    ['sum', () => np.sum(a, 5), /^sum: axis 5 is out of range for an array of 2 dimensions/],
    ['expandDims', () => np.expandDims(a, 4), /^expandDims: axis 4/],
  ] as [string, () => unknown, RegExp][])('%s', (_, f, message) => {
    const found = messageOf(f);
    expect(found).toMatch(message);
    expect(lineOf(found)).toBeGreaterThan(30);
  });

  test('the line is that of the call, not of a helper of the library', () => {
    const expected = thisLine() + 1;
    const found = messageOf(() => np.softmax(np.add(a, b)));
    expect(lineOf(found)).toBe(expected);
  });

  test('inside of traced functions, too', () => {
    const expected = thisLine() + 2;
    const loss = (x: np.NDArray) => {
      return np.sum(np.add(x, b));
    };
    expect(lineOf(messageOf(() => grad(loss)(a)))).toBe(expected);
    expect(lineOf(messageOf(() => vmap(loss)(np.zeros([5, 2, 3]))))).toBe(expected);
  });
});

test('a ShapeError is a UserError, and both say their names', () => {
  const error = new ShapeError('op', 'is wrong');
  expect(error).toBeInstanceOf(UserError);
  expect(error.name).toBe('UserError');
});
