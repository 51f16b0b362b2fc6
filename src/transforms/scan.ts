/** @file Loops as one node: `scan` carries a state through a body and stacks what each step returns. */

import { allocate } from '../array/dtype.ts';
import { ShapeError } from '../array/errors.ts';
import { evaluate } from '../array/graph.ts';
import { bindAll, input, type NDArray, sharingNodes } from '../array/ndarray.ts';
import type { Aval, HostArray, Primitive, Tangent } from '../array/primitive.ts';
import { sizeOf } from '../array/shape.ts';
import { flatten, type Tree, unflatten } from '../array/tree.ts';
import { withBatch } from '../primitives/rules.ts';
import { transpose, zerosOf } from '../primitives/shape.ts';
import { checkCarry, closed } from './closure.ts';
import { pushforward } from './jvp.ts';
import { transposeScan } from './scan-transpose.ts';
import { batchGraph } from './vmap.ts';

/** Operands and body inputs: constants, then carry, then slices; body outputs: new carry, then what is stacked. */
export interface ScanParams {
  readonly inputs: readonly NDArray[];
  readonly outputs: readonly NDArray[];
  readonly constants: number;
  readonly carry: number;
  readonly length: number;
  readonly reverse: boolean;
}

/** A list cut into constants, carry and the rest. */
export function parts<T>(
  list: readonly T[],
  { constants, carry }: ScanParams,
): { constants: T[]; carry: T[]; slices: T[] } {
  return {
    constants: list.slice(0, constants),
    carry: list.slice(constants, constants + carry),
    slices: list.slice(constants + carry),
  };
}

const sliceOf = (x: Aval): Aval => ({ shape: x.shape.slice(1), dtype: x.dtype });

export const scanPrimitive: Primitive<ScanParams> = {
  name: 'scan',
  key: () => undefined,
  folds: false,
  infer: (_, { outputs, carry, length }) =>
    outputs.map((x, i) => ({ shape: i < carry ? x.shape : [length, ...x.shape], dtype: x.dtype })),
  evaluate(operands, params, avals) {
    const { inputs, outputs, carry: n, length, reverse } = params;
    const { constants, carry, slices } = parts(operands, params);
    let state: HostArray[] = carry;
    const stacks = avals.slice(n).map((a) => allocate(a.dtype, sizeOf(a.shape)));
    for (let step = 0; step < length; step++) {
      const t = reverse ? length - 1 - step : step;
      const xs = slices.map((x): HostArray => {
        const { shape, dtype } = sliceOf(x);
        const size = sizeOf(shape);
        return { shape, dtype, data: x.data.subarray(t * size, (t + 1) * size) };
      });
      const known = new Map([...constants, ...state, ...xs].map((value, i) => [inputs[i], value]));
      const results = evaluate(outputs, known);
      state = results.slice(0, n);
      results.slice(n).forEach((y, i) => {
        stacks[i].set(y.data, t * y.data.length);
      });
    }
    return [...state.map((x) => x.data), ...stacks];
  },
  jvp(operands, tangents, params, results) {
    const { inputs, outputs, carry: n } = params;
    // A carried value has a tangent if its start has one or the body gives it one: grow the set until it is closed.
    const has = tangents.map((t) => t !== null);
    const directions = inputs.map((x) => input(x));
    let bodyTangents: Tangent[];
    for (;;) {
      bodyTangents = pushforward(
        outputs,
        inputs,
        directions.map((d, i) => (has[i] ? d : null)),
      );
      const grown = bodyTangents.slice(0, n).flatMap((t, i) => (t !== null && !has[params.constants + i] ? [i] : []));
      if (grown.length === 0) break;
      for (const i of grown) has[params.constants + i] = true;
    }
    const given = operands.map((x, i) => (has[i] ? (tangents[i] ?? zerosOf(x)) : null));
    const present = <T>(list: readonly (T | null)[]): T[] => list.filter((x) => x !== null);
    const masked = directions.map((d, i) => (has[i] ? d : null));
    const outs = outputs.map((x, i) => bodyTangents[i] ?? (i < n && has[params.constants + i] ? zerosOf(x) : null));
    const primal = { operands: parts(operands, params), inputs: parts(inputs, params) };
    const tangent = { operands: parts(given, params), inputs: parts(masked, params) };
    const joined = (kind: 'operands' | 'inputs') => [
      ...primal[kind].constants,
      ...present(tangent[kind].constants),
      ...primal[kind].carry,
      ...present(tangent[kind].carry),
      ...primal[kind].slices,
      ...present(tangent[kind].slices),
    ];
    const carriedTangents = present(outs.slice(0, n));
    const stackedTangents = present(outs.slice(n));
    const all = bindAll(scanPrimitive, joined('operands'), {
      ...params,
      inputs: joined('inputs'),
      outputs: [...outputs.slice(0, n), ...carriedTangents, ...outputs.slice(n), ...stackedTangents],
      constants: params.constants + present(tangent.operands.constants).length,
      carry: n + carriedTangents.length,
    });
    const carried = all.slice(n, n + carriedTangents.length);
    const stacked = all.slice(carried.length + results.length);
    return outs.map((t, i) => (t === null ? null : i < n ? carried.shift()! : stacked.shift()!));
  },
  transpose: transposeScan,
  batch(operands, batched, params, size) {
    const { inputs, outputs, carry: n } = params;
    // A carried value is batched if its start is or the body makes it so.
    const flags = [...batched];
    let body: { outputs: NDArray[]; batched: boolean[] };
    let fresh: NDArray[];
    for (;;) {
      fresh = inputs.map((x, i) => (flags[i] ? input({ shape: [size, ...x.shape], dtype: x.dtype }) : x));
      body = batchGraph(outputs, inputs, fresh, flags, size);
      const grown = body.batched.slice(0, n).flatMap((b, i) => (b && !flags[params.constants + i] ? [i] : []));
      if (grown.length === 0) break;
      for (const i of grown) flags[params.constants + i] = true;
    }
    const first = params.constants + n;
    const given = operands.map((x, i) => {
      const y = withBatch(x, batched[i] || !flags[i], size);
      // Slices are consumed along axis 0, so their batch axis moves to 1.
      return i >= first && flags[i] ? swapFront(y) : y;
    });
    const bodyOutputs = body.outputs.map((x, i) =>
      withBatch(x, body.batched[i] || (i < n && !flags[params.constants + i]), size),
    );
    const results = bindAll(scanPrimitive, given, { ...params, inputs: fresh, outputs: bodyOutputs });
    return results.map((y, i) => {
      if (i >= n) return swapFront(y);
      return withBatch(y, flags[params.constants + i], size);
    });
  },
  lower(context, names, params) {
    const { constants, carry, slices } = parts(names, params);
    const { inputs, outputs, length, reverse } = params;
    // ONNX Runtime refuses a Scan of no steps.
    if (length === 0)
      return [...carry, ...outputs.slice(params.carry).map((x) => context.constant([], [0, ...x.shape], x.dtype))];
    return context.scan({ inputs, outputs, constants, carry, slices, length, reverse });
  },
};

/** Exchanges axes 0 and 1. */
const swapFront = (x: NDArray): NDArray => transpose(x, [1, 0, ...x.shape.map((_, i) => i).slice(2)]);

/**
 * Carries a state through `length` steps: `[carry, y] = f(carry, x)` for each slice `x` of `xs` along axis 0. Returns
 * the last carry and the stacked `y`s. One node of the graph, compiled to one ONNX `Scan`; differentiable both ways.
 *
 * @param f one step; its new carry must have the structure, shapes and dtypes of the old one
 * @param init the first carry
 * @param xs arrays with one leading axis of equal length, or null with `length` given
 * @param options `length` where `xs` is null; `reverse` runs from the last slice to the first
 */
export function scan<C extends Tree, X extends Tree, Y extends Tree>(
  f: (carry: C, x: X) => readonly [C, Y],
  init: C,
  xs: X,
  options: { length?: number; reverse?: boolean } = {},
): [C, Y] {
  const start = flatten(init, 'the initial carry');
  const sliced = flatten(xs, 'xs');
  const lengths = new Set(sliced.leaves.map((x) => x.shape[0]));
  if (options.length !== undefined) lengths.add(options.length);
  const [length] = lengths;
  if (lengths.size !== 1 || length === undefined) {
    throw new ShapeError(
      'scan',
      `needs one length; ${lengths.size === 0 ? 'xs has no arrays with a leading axis and no length is given' : `found ${[...lengths].join(', ')}`}`,
    );
  }
  const carryIn = start.leaves.map((x) => input(x));
  const slicesIn = sliced.leaves.map((x) => input(sliceOf(x)));
  const [carryOut, ys] = sharingNodes(() => {
    const [next, y] = f(unflatten(start.structure, carryIn) as C, unflatten(sliced.structure, slicesIn) as X);
    return [flatten(next, 'the new carry'), flatten(y, 'the stacked result')] as const;
  });
  checkCarry('scan', start, carryOut);
  const variables = [...carryIn, ...slicesIn];
  const { outer, inputs, outputs } = closed([...carryOut.leaves, ...ys.leaves], variables);
  const results = bindAll(scanPrimitive, [...outer, ...start.leaves, ...sliced.leaves], {
    inputs,
    outputs,
    constants: outer.length,
    carry: start.leaves.length,
    length,
    reverse: options.reverse ?? false,
  });
  return [
    unflatten(carryOut.structure, results.slice(0, start.leaves.length)) as C,
    unflatten(ys.structure, results.slice(start.leaves.length)) as Y,
  ];
}
