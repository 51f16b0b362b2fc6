/** @file What must hold of the derivatives and the batched forms of every operation: suites over any table of records. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DType } from '../array/dtype.ts';
import { UserError } from '../array/errors.ts';
import { input, type NDArray } from '../array/ndarray.ts';
import type { HostArray } from '../array/primitive.ts';
import {
  asList,
  evaluateAt,
  expectClose,
  generator,
  graphOf,
  hostArray,
  innerProduct,
  moved,
  randomArray,
  type Tolerance,
} from '../array/testing.fixture.ts';
import {
  effort,
  onManyCases,
  operandsOf,
  seed,
  type Trial,
  testRuntime,
  trialOf,
} from '../primitives/forward.fixture.ts';
import { type Case, caseText, type OpRecord, wide } from '../primitives/records.fixture.ts';
import { configure } from '../runtime/index.ts';
import { jvp, vjp, vmap } from './index.ts';

const avalsOf = (one: Case, dtype: DType) => one.operands.map((x) => ({ shape: x.shape, dtype: x.dtype ?? dtype }));
const resultsOf = (one: Case, dtype: DType) => graphOf(one.f, avalsOf(one, dtype)).outputs;

/** Positions of the operands that are differentiated. */
const variablesOf = (one: Case): number[] => one.operands.flatMap((x, i) => (x.dtype === undefined ? [i] : []));

/** The case as a function of its variables alone. */
const inVariables =
  (one: Case, xs: readonly NDArray[]) =>
  (...variables: readonly NDArray[]): readonly NDArray[] => {
    const all = [...xs];
    variablesOf(one).forEach((i, k) => {
      all[i] = variables[k];
    });
    return asList(one.f(...all));
  };

/** (operands, directions) -> tangents of the results. */
export function tangentOf(one: Case): Case {
  const at = variablesOf(one);
  const n = one.operands.length;
  return {
    operands: [...one.operands, ...at.map((i) => ({ ...one.operands[i], values: wide }))],
    f: (...all) =>
      jvp(
        inVariables(one, all.slice(0, n)),
        at.map((i) => all[i]),
        all.slice(n),
      )[1],
    note: `${one.note ?? ''} jvp`,
  };
}

/** (operands, cotangents of the results) -> cotangents of the variables. */
export function cotangentOf(one: Case, dtype: DType): Case {
  const n = one.operands.length;
  return {
    operands: [...one.operands, ...resultsOf(one, dtype).map(({ shape }) => ({ shape, values: wide }))],
    f: (...all) => {
      const [, pullback] = vjp(inVariables(one, all.slice(0, n)), ...variablesOf(one).map((i) => all[i]));
      return pullback(all.slice(n));
    },
    note: `${one.note ?? ''} vjp`,
  };
}

/** Which operands carry a batch axis, and where; at least one does. */
interface Batching {
  readonly size: number;
  readonly axes: readonly (number | null)[];
  readonly outAxis: number;
}

function randomBatching(one: Case, n: number): Batching {
  const random = generator(n);
  const below = (limit: number) => Math.floor(random() * limit);
  const chosen = below(one.operands.length);
  return {
    size: 1 + below(3),
    axes: one.operands.map(({ shape }, i) => {
      if (i !== chosen && random() < 0.5) return null;
      const axis = below(shape.length + 1);
      return random() < 0.3 ? axis - shape.length - 1 : axis;
    }),
    outAxis: random() < 0.5 ? 0 : -1,
  };
}

const batchedShape = (shape: readonly number[], axis: number | null, size: number): readonly number[] => {
  if (axis === null) return shape;
  const at = axis < 0 ? axis + shape.length + 1 : axis;
  return [...shape.slice(0, at), size, ...shape.slice(at)];
};

/** The case under vmap. */
export function batchedOf(one: Case, { axes, size, outAxis }: Batching): Case {
  return {
    operands: one.operands.map((x, i) => ({ ...x, shape: batchedShape(x.shape, axes[i], size) })),
    f: vmap((...xs: NDArray[]) => [...asList(one.f(...xs))], axes, outAxis) as Case['f'],
    note: `${one.note ?? ''} vmap over ${JSON.stringify(axes)}, size ${size}, to ${outAxis}`,
  };
}

/** Element `b` along an axis of host data. */
export function hostSlice(x: HostArray, axis: number | null, b: number): HostArray {
  if (axis === null) return x;
  const at = axis < 0 ? axis + x.shape.length : axis;
  const inner = x.shape.slice(at + 1).reduce((p, n) => p * n, 1);
  const outer = x.shape.slice(0, at).reduce((p, n) => p * n, 1);
  const values: number[] = [];
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) values.push(x.data[(o * x.shape[at] + b) * inner + i]);
  }
  return hostArray(values, [...x.shape.slice(0, at), ...x.shape.slice(at + 1)], x.dtype);
}

/** Checks one case; throws a message that names it. */
type Check = (record: OpRecord, one: Case, n: number) => void;

/** Runs a check on random cases and reports the smallest that fails. */
function onEachCase(record: OpRecord, count: number, check: Check): void {
  const property = fc.property(record.cases, fc.nat(), (one, n) => check(record, one, n));
  const result = fc.check(property, { seed, numRuns: count * effort });
  if (result.failed) throw result.errorInstance;
}

/** Truncation and rounding of central differences with step 1e-5 in float64. */
const step = 1e-5;
const differences: Tolerance = { relative: 1e-7, absolute: 1e-8 };
/** The same derivative by two ways of rounding. */
const exact: Tolerance = { relative: 1e-10, absolute: 1e-11 };

/** (f(x + h v) - f(x - h v)) / 2h */
function centralDifference(
  f: Case['f'],
  xs: readonly HostArray[],
  directions: readonly (HostArray | null)[],
): HostArray[] {
  const shifted = (h: number) => xs.map((x, i) => (directions[i] === null ? x : moved(x, h, directions[i])));
  const [above, below] = [evaluateAt(f, shifted(step)), evaluateAt(f, shifted(-step))];
  return above.map((y, i) => ({ ...y, data: y.data.map((v, k) => (v - below[i].data[k]) / (2 * step)) }));
}

function randomDirections(one: Case, n: number): HostArray[] {
  const random = generator(n + 1);
  return variablesOf(one).map((i) => randomArray(random, one.operands[i].shape, 'float64', wide));
}

/** Directions per operand, null where it is not a variable. */
function perOperand(one: Case, directions: readonly HostArray[]): (HostArray | null)[] {
  const at = variablesOf(one);
  return one.operands.map((_, i) => (at.includes(i) ? directions[at.indexOf(i)] : null));
}

const checkTangents: Check = (record, one, n) => {
  const xs = operandsOf(one, 'float64', n);
  const v = randomDirections(one, n);
  const tangents = evaluateAt(tangentOf(one).f, [...xs, ...v]);
  const expected = centralDifference(one.f, xs, perOperand(one, v));
  tangents.forEach((t, i) => {
    expectClose(`jvp of ${caseText(record, one, 'float64')} against differences`, t, expected[i], differences);
  });
};

const checkZeroTangents: Check = (record, one, n) => {
  const xs = operandsOf(one, 'float64', n);
  for (const t of evaluateAt(tangentOf(one).f, [...xs, ...randomDirections(one, n)])) {
    const zero = { ...t, data: t.data.map(() => 0) };
    expectClose(`jvp of ${caseText(record, one, 'float64')}`, t, zero);
  }
};

const checkRefusal: Check = (record, one) => {
  expect(() => cotangentOf(one, 'float64').f(...gradientOperands(one)), record.name).toThrow(UserError);
};

/** Unknowns for a case and the cotangents of its results. */
const gradientOperands = (one: Case): NDArray[] =>
  [...avalsOf(one, 'float64'), ...resultsOf(one, 'float64')].map((x) => input({ shape: x.shape, dtype: x.dtype }));

/** <u, J v> = <J^T u, v> */
const checkAdjoint: Check = (record, one, n) => {
  const xs = operandsOf(one, 'float64', n);
  const v = randomDirections(one, n);
  const random = generator(n + 2);
  const u = resultsOf(one, 'float64').map((y) => randomArray(random, y.shape, 'float64', wide));
  const jv = evaluateAt(tangentOf(one).f, [...xs, ...v]);
  const jtu = evaluateAt(cotangentOf(one, 'float64').f, [...xs, ...u]);
  jtu.forEach((x, i) => {
    expect([...x.shape], `shape of the cotangent of ${caseText(record, one, 'float64')}`).toEqual([...v[i].shape]);
  });
  const sum = (a: readonly HostArray[], b: readonly HostArray[]) => a.reduce((s, x, i) => s + innerProduct(x, b[i]), 0);
  const [left, right] = [sum(u, jv), sum(jtu, v)];
  const [a, b] = [hostArray([left], [], 'float64'), hostArray([right], [], 'float64')];
  expectClose(`<u, Jv> against <J^T u, v> of ${caseText(record, one, 'float64')}`, a, b, exact);
};

/**
 * Directional derivative of the gradient of <u, f>, three ways: forward over reverse, reverse over reverse, and by
 * differences of the gradient.
 */
const checkSecondOrder: Check = (record, one, n) => {
  const gradient = cotangentOf(one, 'float64');
  const xs = operandsOf(gradient, 'float64', n);
  const w = randomDirections(one, n);
  const us = new Array<null>(xs.length - one.operands.length).fill(null);
  const expected = centralDifference(gradient.f, xs, [...perOperand(one, w), ...us]);
  const fixedCotangents: Case = {
    ...gradient,
    operands: gradient.operands.map((x, i) => (i < one.operands.length ? x : { ...x, dtype: 'float64' })),
  };
  const label = caseText(record, one, 'float64');
  evaluateAt(tangentOf(fixedCotangents).f, [...xs, ...w]).forEach((y, i) => {
    expectClose(`jvp of grad of ${label} against differences`, y, expected[i], differences);
  });
  evaluateAt(cotangentOf(fixedCotangents, 'float64').f, [...xs, ...w]).forEach((y, i) => {
    expectClose(`grad of grad of ${label} against differences`, y, expected[i], differences);
  });
};

/** Derivatives of first and second order against differences and each other, and on the runtime. */
export function derivativeSuite(records: readonly OpRecord[]): void {
  beforeAll(() => configure(testRuntime));
  const differentiable = records.filter((r) => r.derivative !== 'none' && r.dtypes.includes('float64'));

  describe.each(differentiable.map((record) => [record.name, record] as const))('%s', (_, record) => {
    if (record.derivative === 'zero') {
      test('the derivative is zero', () => onEachCase(record, 12, checkZeroTangents));
      return;
    }
    test('jvp agrees with differences', () => onEachCase(record, 16, checkTangents));
    if (record.derivative === 'forward') {
      test('reverse mode is refused', () => onEachCase(record, 4, checkRefusal));
      return;
    }
    test('vjp is the adjoint of jvp', () => onEachCase(record, 16, checkAdjoint));
    test('second derivatives agree with differences', () => onEachCase(record, 12, checkSecondOrder));
    test.each(record.dtypes.filter((d) => d.startsWith('float')))('ONNX Runtime computes them in %s', (dtype) =>
      onManyCases(
        record,
        8,
        (one, n) => {
          const trials = [tangentOf(one), cotangentOf(one, dtype)].map((d) => trialOf(record, d, dtype, n));
          return joined(trials);
        },
        loosened(record),
      ),
    );
  });
}

/** Derivatives chain more roundings than the values. */
function loosened(record: OpRecord): OpRecord['tolerance'] {
  const cause = 'derivatives chain several roundings';
  return {
    float32: { relative: 4e-5, absolute: 1e-5, ...record.tolerance?.float32, cause },
    float64: { relative: 4e-13, absolute: 1e-13, ...record.tolerance?.float64, cause },
  };
}

function joined(trials: readonly Trial[]): Trial {
  return {
    label: trials.map((t) => t.label).join(' and '),
    inputs: trials.flatMap((t) => t.inputs),
    outputs: trials.flatMap((t) => t.outputs),
    values: trials.flatMap((t) => t.values),
  };
}

/** The batched case against a loop over its elements. */
function checkLoop(record: OpRecord, one: Case, n: number, dtype: DType): void {
  const batching = randomBatching(one, n);
  const batched = batchedOf(one, batching);
  const xs = operandsOf(batched, dtype, n);
  const results = evaluateAt(batched.f, xs);
  for (let b = 0; b < batching.size; b++) {
    const expected = evaluateAt(
      one.f,
      xs.map((x, i) => hostSlice(x, batching.axes[i], b)),
    );
    results.forEach((y, i) => {
      const label = `element ${b} of ${caseText(record, batched, dtype)}`;
      expectClose(label, hostSlice(y, batching.outAxis, b), expected[i], record.tolerance?.[y.dtype]);
    });
  }
}

/** Batched values, nested batches, batched derivatives and derivatives of batches against loops, and on the runtime. */
export function batchSuite(records: readonly OpRecord[]): void {
  beforeAll(() => configure(testRuntime));

  describe.each(records.map((record) => [record.name, record] as const))('%s', (_, record) => {
    const dtype = record.dtypes.includes('float64') ? 'float64' : record.dtypes[0];
    test('vmap agrees with a loop', () => onEachCase(record, 24, (r, one, n) => checkLoop(r, one, n, dtype)));

    test('vmap of vmap agrees with loops', () =>
      onEachCase(record, 12, (r, one, n) => {
        const inner = batchedOf(one, randomBatching(one, n + 1));
        checkLoop(r, inner, n, dtype);
      }));

    test('ONNX Runtime computes vmap', () =>
      onManyCases(record, 12, (one, n) => trialOf(record, batchedOf(one, randomBatching(one, n)), dtype, n)));

    if (record.derivative !== 'smooth' || dtype !== 'float64') return;
    test('vmap of vjp and jvp agrees with a loop', () =>
      onEachCase(record, 10, (r, one, n) => {
        const looser: OpRecord = { ...r, tolerance: loosened(r) };
        checkLoop(looser, cotangentOf(one, dtype), n, dtype);
        checkLoop(looser, tangentOf(one), n, dtype);
      }));

    test('vjp of vmap is the adjoint of jvp of vmap, which agrees with differences', () =>
      onEachCase(record, 8, (r, one, n) => {
        const batched = batchedOf(one, randomBatching(one, n));
        checkTangents(r, batched, n);
        checkAdjoint(r, batched, n);
      }));
  });
}
