/** @file Recomputation in place of storage: what reverse mode needs of a function is computed again on the way back. */
import { evaluate, expanded, substitute } from '../array/graph.ts';
import { bindAll, input, type NDArray, nextNodeId } from '../array/ndarray.ts';
import type { Primitive } from '../array/primitive.ts';
import { flatten, type Tree, unflatten } from '../array/tree.ts';
import { barrier } from '../primitives/barrier.ts';
import { withBatch } from '../primitives/rules.ts';
import { closed } from './closure.ts';
import { pushforward } from './jvp.ts';
import { transposeLinear } from './transpose.ts';
import { batchGraph } from './vmap.ts';

/** A sub-graph that is applied to the operands. */
interface CheckpointParams {
  readonly inputs: readonly NDArray[];
  readonly outputs: readonly NDArray[];
}

const checkpointPrimitive: Primitive<CheckpointParams> = {
  name: 'checkpoint',
  key: () => undefined,
  infer: (_, { outputs }) => outputs.map(({ shape, dtype }) => ({ shape, dtype })),
  evaluate: (operands, { inputs, outputs }) =>
    evaluate(outputs, new Map(inputs.map((x, i) => [x, operands[i]]))).map((y) => y.data),
  jvp(operands, tangents, { inputs, outputs }) {
    const directions = inputs.map((x, i) => (tangents[i] === null ? null : input(x)));
    const moved = pushforward(outputs, inputs, directions);
    const found = [
      ...bindAll(checkpointPrimitive, [...operands, ...tangents.filter((t) => t !== null)], {
        inputs: [...inputs, ...directions.filter((d) => d !== null)],
        outputs: moved.filter((t) => t !== null),
      }),
    ];
    return moved.map((t) => (t === null ? null : found.shift()!));
  },
  // The known operands stand behind a barrier: what is computed of them here happens after the cotangent is there.
  transpose(cotangents, operands, linear, { inputs, outputs }) {
    const after = cotangents.find((ct) => ct !== null)!;
    const variables = inputs.filter((_, i) => linear[i]);
    const given = cotangents.map((ct) => ct && input(ct));
    const found = transposeLinear(outputs, variables, given);
    const values = new Map<NDArray, NDArray>();
    inputs.forEach((x, i) => {
      if (!linear[i]) values.set(x, barrier(operands[i], after));
    });
    given.forEach((x, i) => {
      if (x !== null) values.set(x, cotangents[i]!);
    });
    const results = [
      ...substitute(
        found.filter((ct) => ct !== null),
        values,
      ),
    ];
    const all = found.map((ct) => (ct === null ? null : results.shift()!));
    return linear.map((l) => (l ? all.shift()! : null));
  },
  batch(operands, batched, { inputs, outputs }, size) {
    const fresh = inputs.map((x, i) => (batched[i] ? input({ shape: [size, ...x.shape], dtype: x.dtype }) : x));
    const body = batchGraph(outputs, inputs, fresh, batched, size);
    return bindAll(checkpointPrimitive, operands, {
      inputs: fresh,
      outputs: body.outputs.map((y, i) => withBatch(y, body.batched[i], size)),
    });
  },
  lower() {
    throw new Error('checkpoint is put inline before lowering');
  },
  inline: (operands, { inputs, outputs }) => expanded(outputs, new Map(inputs.map((x, i) => [x, operands[i]]))),
};

/**
 * The same function, of which reverse mode stores only the arguments (and what it closes over): everything else that the
 * derivative needs is computed again on the way back. Saves memory for one more evaluation (Chen et al. 2016,
 * arXiv:1604.06174). In the body of a `scan` only the carry is stored for each step.
 *
 * @param f takes and returns trees of arrays
 */
export function checkpoint<A extends readonly Tree[], R extends Tree>(f: (...args: A) => R): (...args: A) => R {
  return (...args) => {
    const given = flatten(args, 'the arguments');
    const variables = given.leaves.map((x) => input(x));
    const before = nextNodeId();
    const result = flatten(f(...(unflatten(given.structure, variables) as unknown as A)), 'the result of the function');
    const { outer, inputs, outputs } = closed(result.leaves, variables, before);
    return unflatten(
      result.structure,
      bindAll(checkpointPrimitive, [...outer, ...given.leaves], { inputs, outputs }),
    ) as R;
  };
}
