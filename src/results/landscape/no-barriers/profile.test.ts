import { beforeAll, expect, test } from 'vitest';
import * as np from '../../../numpy/index.ts';
import { configure } from '../../../runtime/index.ts';
import { barrierMeasures, barrierOf, densePathProfile, linearInterpolationBarrier } from './profile.ts';

beforeAll(() => configure({ threads: 1 }));

type Point = { readonly x: np.NDArray; readonly y: readonly np.NDArray[] };
const point = (x: number, y: number): Point => ({ x: np.array([x, 0]), y: [np.array(y)] });
const evaluate = ({ x, y: [y] }: Point) => ({
  trainLoss: np.add(np.slice(x, 0), np.multiply(10, y)),
  twice: np.multiply(2, y),
});

test('densePathProfile evaluates pivots and the points between them, with their arc lengths', async () => {
  const path = np.array([
    [0, 0, 0],
    [3, 0, 4],
    [3, 0, 5],
  ]);
  const { values, arc } = await densePathProfile(path, evaluate, { like: point(0, 0), subPivots: 1 });
  const round = (list: readonly number[]) => list.map((v) => Number(v.toFixed(4)));
  expect(round(values.trainLoss)).toEqual([0, 21.5, 43, 48, 53]);
  expect(round(values['twice'])).toEqual([0, 4, 8, 9, 10]);
  expect(round(arc)).toEqual([0, 2.5, 5, 5.5, 6]);
  const dense = await densePathProfile(path, evaluate, { like: point(0, 0) });
  expect(dense.values.trainLoss).toHaveLength(21);
  expect(dense.arc[20]).toBeCloseTo(6, 6);
  await expect(densePathProfile(path, evaluate, { like: point(0, 0), subPivots: -1 })).rejects.toThrow('subPivots');
});

test('linearInterpolationBarrier goes straight, and has no barrier where the loss is linear', async () => {
  const line = await linearInterpolationBarrier(point(1, 0), point(0, 1), evaluate, 11);
  expect(line.at[3]).toBeCloseTo(0.3);
  expect(line.values.trainLoss[3]).toBeCloseTo(0.7 + 3, 5);
  expect(line.highest.trainLoss).toBeCloseTo(10, 5);
  expect(line.barrier.trainLoss).toBe(0);
  const hill = await linearInterpolationBarrier(np.array([-1]), np.array([2]), (x) => ({
    trainLoss: np.negative(np.sum(np.square(x))),
  }));
  expect(hill.barrier.trainLoss).toBeCloseTo(1, 2);
  await expect(linearInterpolationBarrier(point(1, 0), point(0, 1), evaluate, 1)).rejects.toThrow('2 points');
});

test('barrierMeasures compares a path with the line, against the higher end', () => {
  expect(barrierOf([1, 3, 2])).toBe(1);
  const measures = barrierMeasures([0.1, 0.3, 0.2], [0.1, 2.2, 0.2]);
  expect(measures.saddle).toBe(0.3);
  expect(measures.barrier).toBeCloseTo(0.1);
  expect(measures.linearBarrier).toBeCloseTo(2);
  expect(measures.residualFraction).toBeCloseTo(0.05);
  expect(barrierMeasures([0, 0], [1, 1]).residualFraction).toBeNaN();
});
