/** @file What the engine's tests share: seeded random arrays, and comparisons whose messages name the place. */
import { allocate, type DType, type TypedArray } from './dtype.ts';
import { evaluate } from './graph.ts';
import { input, type NDArray } from './ndarray.ts';
import type { Aval, HostArray } from './primitive.ts';
import { type Shape, shapeText, sizeOf, stridesOf } from './shape.ts';

/** Mulberry32: uniform numbers in [0, 1), the same for the same seed. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Elements of a random array. */
export type Values = (random: () => number, size: number, dtype: DType) => readonly number[];

const whole = (random: () => number, low: number, high: number): number =>
  Math.ceil(low) + Math.floor(random() * (Math.floor(high) - Math.ceil(low) + 1));

/** Uniform in [low, high], outside of (-hole, hole); integers for integer dtypes, 0 and 1 for bool. */
export const between =
  (low: number, high: number, hole = 0): Values =>
  (random, size, dtype) =>
    Array.from({ length: size }, () => {
      for (;;) {
        const x =
          dtype === 'bool'
            ? whole(random, 0, 1)
            : dtype === 'int32'
              ? whole(random, low, high)
              : low + random() * (high - low);
        if (dtype === 'bool' || Math.abs(x) >= hole) return x;
      }
    });

/** Whole numbers, so that floats coincide now and then. */
export const wholeBetween =
  (low: number, high: number): Values =>
  (random, size, dtype) =>
    Array.from({ length: size }, () => (dtype === 'bool' ? whole(random, 0, 1) : whole(random, low, high)));

/** No two alike and none near another: for functions with a kink where elements tie. */
export const distinct: Values = (random, size, dtype) => {
  if (dtype === 'bool') return between(0, 1)(random, size, dtype);
  const list = Array.from({ length: size }, (_, i) => (dtype === 'int32' ? i - (size >> 1) : (i - size / 2) * 0.37));
  for (let i = size - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j], list[i]];
  }
  return list;
};

export function hostArray(values: ArrayLike<number>, shape: Shape, dtype: DType): HostArray {
  const data = allocate(dtype, sizeOf(shape));
  data.set(Array.from(values));
  return { shape, dtype, data };
}

export const randomArray = (random: () => number, shape: Shape, dtype: DType, values: Values): HostArray =>
  hostArray(values(random, sizeOf(shape), dtype), shape, dtype);

/** |actual - expected| <= absolute * (largest finite |expected|, at least 1) + relative * |expected|. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

/** Defaults; a looser tolerance names its cause where it is used. */
export const tolerances: Readonly<Record<DType, Tolerance>> = {
  float32: { relative: 2e-6, absolute: 5e-7 },
  float64: { relative: 2e-14, absolute: 2e-15 },
  int32: { relative: 0, absolute: 0 },
  bool: { relative: 0, absolute: 0 },
};

export const avalText = (x: Aval): string => `${x.dtype}${shapeText(x.shape)}`;

/** What differs, or undefined. NaN equals NaN, and 0 equals -0. */
export function difference(actual: HostArray, expected: HostArray, tolerance?: Tolerance): string | undefined {
  if (avalText(actual) !== avalText(expected)) return `${avalText(actual)} instead of ${avalText(expected)}`;
  if (actual.data.length !== expected.data.length)
    return `${actual.data.length} elements instead of ${expected.data.length} of ${avalText(expected)}`;
  const { relative, absolute } = tolerance ?? tolerances[expected.dtype];
  let scale = 1;
  for (const x of expected.data) if (Number.isFinite(x)) scale = Math.max(scale, Math.abs(x));
  for (let i = 0; i < actual.data.length; i++) {
    const [a, b] = [actual.data[i], expected.data[i]];
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    if (Math.abs(a - b) <= absolute * scale + relative * Math.abs(b)) continue;
    const place = stridesOf(expected.shape).map((s, k) => Math.floor(i / s) % expected.shape[k]);
    return `element ${shapeText(place)} of ${avalText(expected)} is ${a} instead of ${b} (off by ${(a - b).toExponential(1)})`;
  }
  return undefined;
}

/** Throws a message that begins with `label` where the arrays differ. */
export function expectClose(label: string, actual: HostArray, expected: HostArray, tolerance?: Tolerance): void {
  const problem = difference(actual, expected, tolerance);
  if (problem !== undefined) throw new Error(`${label}: ${problem}`);
}

export type ArrayFunction = (...xs: NDArray[]) => NDArray | readonly NDArray[];

const isList = (y: NDArray | readonly NDArray[]): y is readonly NDArray[] => Array.isArray(y);
export const asList = (y: NDArray | readonly NDArray[]): readonly NDArray[] => (isList(y) ? y : [y]);

/** A function's graph over unknowns of given shapes, so that nothing folds. */
export function graphOf(f: ArrayFunction, avals: readonly Aval[]) {
  const inputs = avals.map((x) => input(x));
  return { inputs, outputs: asList(f(...inputs)) };
}

/** Values of a function by the reference evaluators. */
export function evaluateAt(f: ArrayFunction, xs: readonly HostArray[]): HostArray[] {
  const { inputs, outputs } = graphOf(f, xs);
  return evaluate(outputs, new Map(inputs.map((x, i) => [x, xs[i]])));
}

/** The number a scalar function returns, by the reference evaluators. */
export const numberAt = (f: ArrayFunction, xs: readonly HostArray[]): number => evaluateAt(f, xs)[0].data[0];

/** a + h b, elementwise. */
export function moved(a: HostArray, h: number, b: HostArray): HostArray {
  return { ...a, data: a.data.map((x, i) => x + h * b.data[i]) as TypedArray };
}

export const innerProduct = (a: HostArray, b: HostArray): number =>
  Array.from(a.data).reduce((sum, x, i) => sum + x * b.data[i], 0);

/** Elements of an array that needs no runtime. */
export const listOf = (x: NDArray): number[] => Array.from(evaluate([x])[0].data);
