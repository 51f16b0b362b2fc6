/** @file A loop whose number of steps depends on its values, as one node. */
import { ShapeError, UserError } from '../array/errors.ts';
import { evaluate, substitute } from '../array/graph.ts';
import { bindAll, input, NDArray, scalarValue, sharingNodes } from '../array/ndarray.ts';
import type { HostArray, Primitive, Tangent } from '../array/primitive.ts';
import { flatten, type Tree, unflatten } from '../array/tree.ts';
import { cast } from '../primitives/elementwise.ts';
import { reduceMax } from '../primitives/reduce.ts';
import { alignBatch, withBatch } from '../primitives/rules.ts';
import { select } from '../primitives/select.ts';
import { filled, zerosOf } from '../primitives/shape.ts';
import { checkCarry, closed } from './closure.ts';
import { pushforward } from './jvp.ts';
import { batchGraph } from './vmap.ts';

/**
 * Operands and body inputs: constants, then carry; body outputs: new carry. The first carried value is the predicate:
 * while it holds, the body runs once more.
 */
interface WhileParams {
  readonly inputs: readonly NDArray[];
  readonly outputs: readonly NDArray[];
  readonly constants: number;
}

const whilePrimitive: Primitive<WhileParams> = {
  name: 'whileLoop',
  key: () => undefined,
  folds: false,
  infer: (_, { outputs }) => outputs.map(({ shape, dtype }) => ({ shape, dtype })),
  evaluate(operands, { inputs, outputs, constants: c }) {
    const constants = operands.slice(0, c);
    let state: readonly HostArray[] = operands.slice(c);
    while (state[0].data[0]) state = evaluate(outputs, new Map([...constants, ...state].map((x, i) => [inputs[i], x])));
    return state.map((x) => x.data);
  },
  jvp(operands, tangents, { inputs, outputs, constants: c }) {
    // As for scan: a carried value has a tangent if its start has one or the body gives it one.
    const has = tangents.map((t) => t !== null);
    const directions = inputs.map((x) => input(x));
    let steps: Tangent[];
    for (;;) {
      steps = pushforward(
        outputs,
        inputs,
        directions.map((d, i) => (has[i] ? d : null)),
      );
      const grown = steps.flatMap((t, i) => (t !== null && !has[c + i] ? [c + i] : []));
      if (grown.length === 0) break;
      for (const i of grown) has[i] = true;
    }
    /** The primal values of the constants (carry) with the tangents that there are behind them. */
    const joined = (primals: readonly NDArray[], ts: readonly NDArray[]) => {
      const [constants, carry] = [ts.slice(0, c).filter((_, i) => has[i]), ts.slice(c).filter((_, i) => has[c + i])];
      return [...primals.slice(0, c), ...constants, ...primals.slice(c), ...carry];
    };
    const given = operands.map((x, i) => tangents[i] ?? zerosOf(x));
    const results = bindAll(whilePrimitive, joined(operands, given), {
      inputs: joined(inputs, directions),
      outputs: [...outputs, ...outputs.flatMap((x, i) => (has[c + i] ? [steps[i] ?? zerosOf(x)] : []))],
      constants: c + has.slice(0, c).filter(Boolean).length,
    });
    const found = results.slice(outputs.length);
    return outputs.map((_, i) => (has[c + i] ? found.shift()! : null));
  },
  transpose() {
    throw new UserError(
      'whileLoop: reverse mode would need the states of all steps, whose number is not known beforehand. Use scan with a fixed length (and cond or where for steps after the end), differentiate forwards (jvp), or give the derivative of what the loop converges to with customVjp',
    );
  },
  batch(operands, batched, { inputs, outputs, constants: c }, size) {
    // A carried value is batched if its start is or the body makes it so; if elements end at different steps, all are.
    const flags = [...batched];
    let fresh: NDArray[];
    let body: { outputs: NDArray[]; batched: boolean[] };
    for (;;) {
      if (flags[c]) flags.fill(true, c);
      fresh = inputs.map((x, i) => (flags[i] ? input({ shape: [size, ...x.shape], dtype: x.dtype }) : x));
      body = batchGraph(outputs, inputs, fresh, flags, size);
      const grown = body.batched.flatMap((b, i) => (b && !flags[c + i] ? [c + i] : []));
      if (grown.length === 0) break;
      for (const i of grown) flags[i] = true;
    }
    const given = operands.map((x, i) => withBatch(x, batched[i] || !flags[i], size));
    const next = body.outputs.map((x, i) => withBatch(x, body.batched[i] || !flags[c + i], size));
    if (!flags[c]) {
      const results = bindAll(whilePrimitive, given, { inputs: fresh, outputs: next, constants: c });
      return results.map((y, i) => withBatch(y, flags[c + i], size));
    }
    // Runs until every element is done; an element that is done keeps its state.
    const running = fresh[c];
    const kept = next.map((x, i) => select(alignBatch([running, x], [true, true])[0], x, fresh[c + i]));
    kept[0] = select(running, next[0], running);
    const results = bindAll(whilePrimitive, [...given.slice(0, c), someOf(given[c]), ...given.slice(c)], {
      inputs: [...fresh.slice(0, c), input({ shape: [], dtype: 'bool' }), ...fresh.slice(c)],
      outputs: [someOf(kept[0]), ...kept],
      constants: c,
    });
    return results.slice(1);
  },
  lower(context, names, { inputs, outputs, constants: c }) {
    return context.loop({ inputs, outputs, constants: names.slice(0, c), carry: names.slice(c) });
  },
  simplify: (operands, { constants: c }) => (scalarValue(operands[c]) === 0 ? operands.slice(c) : undefined),
};

/** Whether any of a batch of truths holds. */
const someOf = (x: NDArray): NDArray =>
  x.size === 0 ? filled(0, [], 'bool') : cast(reduceMax(cast(x, 'int32'), [0]), 'bool');

/**
 * `while (predicate(state)) state = body(state)`, one node of the graph, compiled to one ONNX `Loop`. Differentiable
 * forwards; in reverse mode a UserError says what to use instead. Under `vmap` it runs until every element is done, and
 * an element that is done keeps its state. Both functions may read values from outside.
 *
 * @param predicate takes the state, returns a bool scalar
 * @param body one step; its result must have the structure, shapes and dtypes of the state
 * @param init the first state, a tree of arrays
 * @throws ShapeError if the predicate gives no bool scalar, or the body changes a shape or dtype
 */
export function whileLoop<C extends Tree>(predicate: (state: C) => NDArray, body: (state: C) => C, init: C): C {
  const start = flatten(init, 'the initial state');
  const variables = start.leaves.map((x) => input(x));
  const [next, goesOn] = sharingNodes(() => {
    const state = unflatten(start.structure, variables) as C;
    return [flatten(body(state), 'the new state'), predicate(state)];
  });
  checkCarry('whileLoop', start, next);
  if (!(goesOn instanceof NDArray) || goesOn.dtype !== 'bool' || goesOn.ndim !== 0) {
    throw new ShapeError('whileLoop', `the predicate must give a bool scalar, got ${goesOn}`);
  }
  const goesOnAt = (state: readonly NDArray[]) => substitute([goesOn], new Map(variables.map((x, i) => [x, state[i]])));
  const wanted = input({ shape: [], dtype: 'bool' });
  const { outer, inputs, outputs } = closed([...goesOnAt(next.leaves), ...next.leaves], [wanted, ...variables]);
  const results = bindAll(whilePrimitive, [...outer, ...goesOnAt(start.leaves), ...start.leaves], {
    inputs,
    outputs,
    constants: outer.length,
  });
  return unflatten(start.structure, results.slice(1)) as C;
}
