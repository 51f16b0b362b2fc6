/** @file A choice between two sub-graphs as one node, of which only the chosen one is computed. */
import { ShapeError, UserError } from '../array/errors.ts';
import { evaluate, substitute } from '../array/graph.ts';
import { bindAll, input, type NDArray, nextNodeId, scalarValue, sharingNodes } from '../array/ndarray.ts';
import type { Primitive, Tangent } from '../array/primitive.ts';
import { sameShape } from '../array/shape.ts';
import { flatten, sameStructure, type Tree, unflatten } from '../array/tree.ts';
import { alignBatch, withBatch } from '../primitives/rules.ts';
import { select } from '../primitives/select.ts';
import { zerosOf } from '../primitives/shape.ts';
import { closed } from './closure.ts';
import { pushforward } from './jvp.ts';
import { transposeLinear } from './transpose.ts';
import { batchGraph } from './vmap.ts';

/** Operands: the predicate, then what both branches read as `inputs`. */
interface CondParams {
  readonly inputs: readonly NDArray[];
  readonly onTrue: readonly NDArray[];
  readonly onFalse: readonly NDArray[];
}

const condPrimitive: Primitive<CondParams> = {
  name: 'cond',
  key: () => undefined,
  infer: (_, { onTrue }) => onTrue.map(({ shape, dtype }) => ({ shape, dtype })),
  evaluate([predicate, ...operands], { inputs, onTrue, onFalse }) {
    const branch = predicate.data[0] ? onTrue : onFalse;
    return evaluate(branch, new Map(inputs.map((x, i) => [x, operands[i]]))).map((y) => y.data);
  },
  jvp([predicate, ...operands], [, ...tangents], { inputs, onTrue, onFalse }) {
    const directions = inputs.map((x, i) => (tangents[i] === null ? null : input(x)));
    const [whenTrue, whenFalse] = [onTrue, onFalse].map((branch) => pushforward(branch, inputs, directions));
    const moves = onTrue.map((_, i) => whenTrue[i] !== null || whenFalse[i] !== null);
    const filled = (ts: readonly Tangent[]) => ts.flatMap((t, i) => (moves[i] ? [t ?? zerosOf(onTrue[i])] : []));
    const found = bindAll(condPrimitive, [predicate, ...operands, ...present(tangents)], {
      inputs: [...inputs, ...present(directions)],
      onTrue: filled(whenTrue),
      onFalse: filled(whenFalse),
    });
    return moved(moves, found);
  },
  // The transposed branches compute what they multiply with again, so that nothing of the branch not taken is stored.
  transpose(cotangents, [predicate, ...operands], [, ...linear], { inputs, onTrue, onFalse }) {
    const variables = inputs.filter((_, i) => linear[i]);
    const given = cotangents.map((ct) => (ct === null ? null : input(ct)));
    const [whenTrue, whenFalse] = [onTrue, onFalse].map((branch) => transposeLinear(branch, variables, given));
    const moves = variables.map((_, i) => whenTrue[i] !== null || whenFalse[i] !== null);
    const filled = (cts: readonly Tangent[]) => cts.flatMap((ct, i) => (moves[i] ? [ct ?? zerosOf(variables[i])] : []));
    const known = <T>(list: readonly T[]) => list.filter((_, i) => !linear[i]);
    const found = bindAll(condPrimitive, [predicate, ...known(operands), ...present(cotangents)], {
      inputs: [...known(inputs), ...present(given)],
      onTrue: filled(whenTrue),
      onFalse: filled(whenFalse),
    });
    const results = moved(moves, found);
    return [null, ...linear.map((l) => (l ? results.shift()! : null))];
  },
  batch([predicate, ...operands], [perElement, ...batched], { inputs, onTrue, onFalse }, size) {
    const fresh = perElement
      ? operands
      : inputs.map((x, i) => input(batched[i] ? { shape: [size, ...x.shape], dtype: x.dtype } : x));
    const [whenTrue, whenFalse] = [onTrue, onFalse].map((branch) => {
      const { outputs, batched: flags } = batchGraph(branch, inputs, fresh, batched, size);
      return outputs.map((y, i) => withBatch(y, flags[i], size));
    });
    if (!perElement) {
      return bindAll(condPrimitive, [predicate, ...operands], { inputs: fresh, onTrue: whenTrue, onFalse: whenFalse });
    }
    // Elements choose differently: both branches are computed, and each element takes its own.
    return whenTrue.map((y, i) => select(alignBatch([predicate, y], [true, true])[0], y, whenFalse[i]));
  },
  lower: (context, [predicate, ...names], branches) => context.branch(predicate, { ...branches, names }),
  simplify([predicate, ...operands], { inputs, onTrue, onFalse }) {
    const chosen = scalarValue(predicate);
    if (chosen === undefined) return undefined;
    return substitute(chosen ? onTrue : onFalse, new Map(inputs.map((x, i) => [x, operands[i]])));
  },
};

const present = <T>(list: readonly (T | null)[]): T[] => list.filter((x) => x !== null);

/** The found values where there are some, null elsewhere. */
const moved = (moves: readonly boolean[], found: readonly NDArray[]): Tangent[] => {
  const next = [...found];
  return moves.map((m) => (m ? next.shift()! : null));
};

/**
 * `predicate ? onTrue(...operands) : onFalse(...operands)`, of which only the chosen branch is computed. One node of the
 * graph, compiled to one ONNX `If`; differentiable both ways. Under `vmap`, a predicate that differs from element to
 * element computes both branches and selects. Branches may also read values from outside.
 *
 * @param predicate a bool scalar; one whose value is known picks its branch while the function is traced
 * @param onTrue takes the operands and returns a tree of arrays
 * @param onFalse the same; its result must have the structure, shapes and dtypes of the other's
 * @throws ShapeError if the predicate is no bool scalar or the branches' results differ in shape or dtype
 */
export function cond<A extends readonly Tree[], R extends Tree>(
  predicate: NDArray,
  onTrue: (...operands: A) => R,
  onFalse: (...operands: A) => R,
  ...operands: A
): R {
  if (predicate.dtype !== 'bool' || predicate.ndim !== 0) {
    throw new ShapeError('cond', `the predicate must be a bool scalar, got ${predicate}; compare or reduce it first`);
  }
  const known = scalarValue(predicate);
  if (known !== undefined) return (known ? onTrue : onFalse)(...operands);
  const given = flatten(operands, 'operands');
  const variables = given.leaves.map((x) => input(x));
  const before = nextNodeId();
  const trace = (branch: (...operands: A) => R, name: string) =>
    sharingNodes(() => flatten(branch(...(unflatten(given.structure, variables) as unknown as A)), name));
  const whenTrue = trace(onTrue, 'the result of onTrue');
  const whenFalse = trace(onFalse, 'the result of onFalse');
  if (!sameStructure(whenTrue.structure, whenFalse.structure)) {
    throw new UserError(
      `cond: onTrue returns the structure ${JSON.stringify(whenTrue.structure)}, onFalse ${JSON.stringify(whenFalse.structure)}; they must be the same`,
    );
  }
  const n = whenTrue.leaves.length;
  whenTrue.leaves.forEach((x, i) => {
    const y = whenFalse.leaves[i];
    if (!sameShape(x.shape, y.shape) || x.dtype !== y.dtype) {
      throw new ShapeError('cond', `onTrue returns ${x} where onFalse returns ${y}; shape and dtype must be the same`);
    }
  });
  const { outer, inputs, outputs } = closed([...whenTrue.leaves, ...whenFalse.leaves], variables, before);
  const results = bindAll(condPrimitive, [predicate, ...outer, ...given.leaves], {
    inputs,
    onTrue: outputs.slice(0, n),
    onFalse: outputs.slice(n),
  });
  return unflatten(whenTrue.structure, results) as R;
}
