import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { HostArray } from '../array/primitive.ts';
import { type Shape, sizeOf, stridesOf } from '../array/shape.ts';
import { evaluateAt, expectClose, graphOf, hostArray, listOf } from '../array/testing.fixture.ts';
import { axisSize, shapeOf, withAxis } from '../primitives/records.fixture.ts';
import { configure } from '../runtime/index.ts';
import { computeAt, runCompiled } from '../runtime/testing.fixture.ts';
import * as np from './index.ts';
import { indexing } from './records.fixture.ts';

beforeAll(() => configure({ threads: 1 }));

const seed = 11;

/** 0, 1, 2, … in a shape. */
const counted = (shape: Shape): HostArray =>
  hostArray(
    Array.from({ length: sizeOf(shape) }, (_, i) => i),
    shape,
    'int32',
  );
const counts = (...shape: number[]): np.NDArray => np.reshape(np.arange(sizeOf(shape)), shape);

/** An array by a formula for its element at a place. */
function built(shape: Shape, element: (place: readonly number[]) => number): HostArray {
  const strides = stridesOf(shape);
  const values = Array.from({ length: sizeOf(shape) }, (_, i) =>
    element(strides.map((s, k) => Math.floor(i / s) % shape[k])),
  );
  return hostArray(values, shape, 'int32');
}
const at = (x: HostArray, place: readonly number[]): number =>
  x.data[stridesOf(x.shape).reduce((sum, s, i) => sum + s * place[i], 0)];

describe('reshape', () => {
  test('computes the size written as -1', () => {
    expect(np.reshape(counts(2, 6), [3, -1]).shape).toEqual([3, 4]);
    expect(np.reshape(counts(2, 6), [-1]).shape).toEqual([12]);
    expect(np.reshape(counts(), [-1, 1]).shape).toEqual([1, 1]);
    expect(np.reshape(np.zeros([0, 3]), [-1, 3]).shape).toEqual([0, 3]);
    expect(np.reshape(np.zeros([2, 0]), [0, 7]).shape).toEqual([0, 7]);
  });
  test.each([
    [
      [2, 3],
      [-1, -1],
    ],
    [
      [2, 3],
      [4, -1],
    ],
    [
      [0, 3],
      [0, -1],
    ],
    [[2, 3], [7]],
    [
      [2, 3],
      [-2, -3],
    ],
    [
      [2, 3],
      [1.5, 4],
    ],
    [[0], [-2, 0]],
  ])('refuses %j as %j and names both', (from, to) => {
    expect(() => np.reshape(np.zeros(from), to)).toThrow(/reshape: .*\[/);
  });
});

/** Positions that Python's slice(start, stop, step) takes from an axis of n. */
function pythonSlice(n: number, [start, stop, step = 1]: readonly (number | null)[]): number[] {
  const stride = step ?? 1;
  const places: number[] = [];
  const wrap = (k: number) => (k < 0 ? k + n : k);
  if (stride > 0) {
    const from = Math.max(0, wrap(start ?? 0));
    const to = Math.min(n, wrap(stop ?? n));
    for (let k = from; k < to; k += stride) places.push(k);
  } else {
    const from = Math.min(n - 1, wrap(start ?? n - 1));
    const to = stop == null ? -1 : Math.max(-1, wrap(stop));
    for (let k = from; k > to; k += stride) places.push(k);
  }
  return places;
}

describe('slice', () => {
  test('takes what Python takes, for steps of both signs and bounds anywhere', () => {
    const property = fc.property(indexing, ({ shape, index }) => {
      const x = counted(shape);
      const [actual] = evaluateAt((y) => np.slice(y, ...index), [x]);
      const own = index.filter((i) => i !== null);
      const places = shape.map((n, k) => {
        const i = own[k] ?? [];
        return typeof i === 'number' ? [i < 0 ? i + n : i] : pythonSlice(n, i as readonly (number | null)[]);
      });
      let axis = 0;
      const to = index.flatMap((i) => {
        if (i === null) return [1];
        axis++;
        return typeof i === 'number' ? [] : [places[axis - 1].length];
      });
      const all = built(
        places.map((p) => p.length),
        (place) =>
          at(
            x,
            place.map((p, k) => places[k][p]),
          ),
      );
      expectClose(`slice ${JSON.stringify(index)} of [${shape}]`, actual, {
        ...all,
        shape: [...to, ...shape.slice(own.length).map((n) => n)],
      });
    });
    fc.assert(property, { seed, numRuns: 300 });
  });

  test('errors name the position and the shape', () => {
    const x = counts(2, 3);
    expect(() => np.slice(x, 2)).toThrow(/slice: index 2 is out of range for axis 0 of shape \[2, 3\]/);
    expect(() => np.slice(x, [], -4)).toThrow(/index -4 is out of range for axis 1/);
    expect(() => np.slice(x, [0, 1, 0])).toThrow(/the step must be a non-zero integer, got 0/);
    expect(() => np.slice(x, 0, 0, 0)).toThrow(/3 indices for an array of shape \[2, 3\]/);
    expect(() => np.slice(x, 0.5)).toThrow(/index 0.5/);
  });
});

describe('take', () => {
  test('counts known positions from either end and refuses those out of range', () => {
    expect(listOf(np.take(counts(4), [0, -1, 2, -4]))).toEqual([0, 3, 2, 0]);
    expect(np.take(counts(2, 3), 1, 0).shape).toEqual([3]);
    expect(listOf(np.take(counts(2, 3), [2, 2], -1))).toEqual([2, 2, 5, 5]);
    expect(() => np.take(counts(2, 3), [0, 3], 1)).toThrow(/take: index 3 is out of range for an axis of 3/);
    expect(() => np.take(counts(4), -5)).toThrow(/take: index -5/);
    expect(() => np.take(counts(4), np.array([0.5]))).toThrow(/take: indices must be int32, got float32/);
    expect(np.take(counts(4), []).shape).toEqual([0]);
  });

  test('computed positions out of range are an error of the run, not a wrong answer', async () => {
    const values = [counted([4]), hostArray([4], [1], 'int32')];
    expect(() => evaluateAt((x, i) => np.take(x, i), values)).toThrow(/index 4 is out of range for an axis of 4/);
    const { inputs, outputs } = graphOf((x, i) => np.take(x, i), values);
    await expect(runCompiled(inputs, outputs, values)).rejects.toThrow(/out of data bounds|out of bounds/);
  });

  test('computed positions count from either end', async () => {
    const values = [counted([4]), hostArray([-1, 0, -4], [3], 'int32')];
    const [y] = await computeAt((x, i) => np.take(x, i), values);
    expect([...y.data]).toEqual([3, 0, 0]);
  });
});

describe('functions that move elements, against a formula for each element', () => {
  const onRandomShapes = (check: (shape: Shape, axis: number) => void) =>
    fc.assert(
      fc.property(withAxis(), ({ shape, axis }) => check(shape, axis)),
      { seed, numRuns: 60 },
    );
  const agree = (label: string, f: (x: np.NDArray) => np.NDArray, shape: Shape, expected: HostArray) =>
    expectClose(`${label} of [${shape}]`, evaluateAt(f, [counted(shape)])[0], expected);

  test('flip, and flip of all axes', () =>
    onRandomShapes((shape, axis) => {
      const x = counted(shape);
      const turned = (place: readonly number[], axes: readonly number[]) =>
        at(
          x,
          place.map((p, k) => (axes.includes(k) ? shape[k] - 1 - p : p)),
        );
      agree(
        'flip',
        (y) => np.flip(y, axis),
        shape,
        built(shape, (p) => turned(p, [axis])),
      );
      const all = shape.map((_, i) => i);
      agree(
        'flip of all',
        (y) => np.flip(y),
        shape,
        built(shape, (p) => turned(p, all)),
      );
    }));

  test('tile and repeat', () =>
    onRandomShapes((shape, axis) => {
      const x = counted(shape);
      const times = [2, ...shape.map((_, i) => (i === axis ? 3 : 1))];
      const tiled = [1, ...shape].map((n, i) => n * times[i]);
      agree(
        'tile',
        (y) => np.tile(y, times),
        shape,
        built(tiled, (p) =>
          at(
            x,
            shape.map((n, i) => p[i + 1] % n),
          ),
        ),
      );
      const wide = shape.map((n, i) => (i === axis ? 3 * n : n));
      const source = (p: readonly number[]) => p.map((k, i) => (i === axis ? Math.floor(k / 3) : k));
      agree(
        'repeat',
        (y) => np.repeat(y, 3, axis),
        shape,
        built(wide, (p) => at(x, source(p))),
      );
    }));

  test('pad with a number', () =>
    onRandomShapes((shape) => {
      const x = counted(shape);
      const to = shape.map((n, i) => n + i + 2);
      const inside = (p: readonly number[]) => p.every((k, i) => k >= i && k < i + shape[i]);
      const expected = built(to, (p) =>
        inside(p)
          ? at(
              x,
              p.map((k, i) => k - i),
            )
          : -7,
      );
      agree(
        'pad',
        (y) =>
          np.pad(
            y,
            shape.map((_, i) => [i, 2] as const),
            -7,
          ),
        shape,
        expected,
      );
    }));

  test('moveaxis and swapaxes', () =>
    onRandomShapes((shape, axis) => {
      const x = counted(shape);
      const rest = shape.filter((_, i) => i !== axis);
      const moved = built([...rest, shape[axis]], (p) => {
        const source = p.slice(0, -1);
        source.splice(axis, 0, p[p.length - 1]);
        return at(x, source);
      });
      agree('moveaxis to the end', (y) => np.moveaxis(y, axis, -1), shape, moved);
      agree('moveaxis and back', (y) => np.moveaxis(np.moveaxis(y, axis, -1), -1, axis), shape, x);
      agree('swapaxes twice', (y) => np.swapaxes(np.swapaxes(y, axis, 0), 0, axis), shape, x);
    }));

  test('concatenate and stack, and split takes them apart again', () =>
    onRandomShapes((shape, axis) => {
      const x = counted(shape);
      const twice = shape.map((n, i) => (i === axis ? 2 * n : n));
      const from = (p: readonly number[]) => p.map((k, i) => (i === axis ? k % shape[axis] : k));
      agree(
        'concatenate',
        (y) => np.concatenate([y, y], axis),
        shape,
        built(twice, (p) => at(x, from(p))),
      );
      const stacked = [...shape.slice(0, axis), 3, ...shape.slice(axis)];
      const without = (p: readonly number[]) => p.filter((_, i) => i !== axis);
      agree(
        'stack',
        (y) => np.stack([y, y, y], axis),
        shape,
        built(stacked, (p) => at(x, without(p))),
      );
      agree('split', (y) => np.split(np.concatenate([np.negative(y), y], axis), 2, axis)[1], shape, x);
      agree('split at', (y) => np.concatenate(np.split(y, [1], axis), axis), shape, x);
    }));

  test('tril and triu on any diagonal', () => {
    const property = fc.property(shapeOf(2, 3), fc.integer({ min: -4, max: 4 }), (shape, k) => {
      const x = counted(shape);
      const corner = (p: readonly number[]) => p[p.length - 1] - p[p.length - 2];
      agree(
        'tril',
        (y) => np.tril(y, k),
        shape,
        built(shape, (p) => (corner(p) <= k ? at(x, p) : 0)),
      );
      agree(
        'triu',
        (y) => np.triu(y, k),
        shape,
        built(shape, (p) => (corner(p) >= k ? at(x, p) : 0)),
      );
    });
    fc.assert(property, { seed, numRuns: 60 });
  });

  test('takeAlongAxis', () =>
    onRandomShapes((shape, axis) => {
      fc.pre(shape[axis] > 0);
      const x = counted(shape);
      const wanted = built(
        shape.map((n, i) => (i === axis ? 2 : n)),
        (p) => (7 * p.reduce((a, b) => a + b, 0)) % shape[axis],
      );
      const expected = built(wanted.shape, (p) =>
        at(
          x,
          p.map((k, i) => (i === axis ? at(wanted, p) : k)),
        ),
      );
      const [actual] = evaluateAt((y, i) => np.takeAlongAxis(y, i, axis), [x, wanted]);
      expectClose(`takeAlongAxis of [${shape}] along ${axis}`, actual, expected);
    }));
});

describe('the others', () => {
  test('expandDims and squeeze', () => {
    expect(np.expandDims(counts(2, 3), -1).shape).toEqual([2, 3, 1]);
    expect(np.expandDims(counts(2, 3), 0).shape).toEqual([1, 2, 3]);
    expect(np.squeeze(np.zeros([1, 2, 1])).shape).toEqual([2]);
    expect(np.squeeze(np.zeros([1, 2, 1]), -1).shape).toEqual([1, 2]);
    expect(() => np.squeeze(np.zeros([1, 2]), 1)).toThrow(/squeeze: axis 1 of shape \[1, 2\] has size 2, not 1/);
  });

  test('addAt adds every update, also at one position', () => {
    const y = np.addAt(np.zeros([3]), [1, 1, -1], np.array([1, 10, 100]));
    expect(listOf(y)).toEqual([0, 11, 100]);
    expect(() => np.addAt(np.zeros([3]), [0], np.zeros([2]))).toThrow(
      /scatterAdd: updates must have shape \[1\], got \[2\]/,
    );
  });

  test('addAt promotes the updates and the array to one dtype', () => {
    const one = np.array([1], { dtype: 'int32' });
    expect(np.addAt(np.zeros([3]), [0], one).dtype).toBe('float32');
    expect(np.addAt(np.zeros([3], 'int32'), [0], np.ones([1])).dtype).toBe('float32');
    expect(() => np.addAt(np.zeros([3], 'bool'), [0], np.ones([1], 'bool'))).toThrow(/scatterAdd: needs numbers/);
  });

  test('oneHot, with nothing at labels that are no class', () => {
    expect(listOf(np.oneHot(np.array([1, 0, 5], { dtype: 'int32' }), 2))).toEqual([0, 1, 1, 0, 0, 0]);
    expect(np.oneHot(np.array([1], { dtype: 'int32' }), 3, 'float64').dtype).toBe('float64');
  });

  test('split refuses parts of unequal size', () => {
    expect(() => np.split(counts(5), 2)).toThrow(/split: axis 0 of size 5 cannot be cut into 2 equal parts/);
  });

  test('concatenate names all shapes, and promotes dtypes', () => {
    expect(() => np.concatenate([counts(2, 3), counts(2, 2)])).toThrow(/concatenate: shapes \[2, 3\], \[2, 2\]/);
    expect(np.concatenate([counts(2), np.zeros([2])]).dtype).toBe('float32');
    expect(() => np.concatenate([])).toThrow(/needs at least one array/);
  });

  test('broadcastTo repeats and refuses what does not fit', () => {
    expect(listOf(np.broadcastTo(counts(2, 1), [2, 2]))).toEqual([0, 0, 1, 1]);
    expect(() => np.broadcastTo(counts(2), [3])).toThrow(/broadcastTo: /);
    expect(() => np.broadcastTo(counts(2), [])).toThrow(/broadcastTo: /);
  });

  test('every function accepts an axis of size 0', () => {
    fc.assert(
      fc.property(fc.tuple(axisSize, axisSize), ([n, m]) => {
        expect(np.transpose(np.zeros([0, n, m])).shape).toEqual([m, n, 0]);
        expect(np.stack([np.zeros([n, 0]), np.zeros([n, 0])], 1).shape).toEqual([n, 2, 0]);
      }),
      { seed, numRuns: 5 },
    );
  });
});
