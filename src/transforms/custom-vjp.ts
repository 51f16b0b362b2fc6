/** @file A function with a derivative of its own for reverse mode. */
import { UserError } from '../array/errors.ts';
import { dependents, evaluate, expanded, topological } from '../array/graph.ts';
import { bindAll, input, type NDArray } from '../array/ndarray.ts';
import type { Aval, Primitive } from '../array/primitive.ts';
import { flatten, sameStructure, type Tree, type TreeStructure, unflatten } from '../array/tree.ts';
import { alias } from '../primitives/identity.ts';
import { reduceSum } from '../primitives/reduce.ts';
import { filled, zerosOf } from '../primitives/shape.ts';
import {
  batched,
  type CustomParams,
  checkLike,
  customPrimitive,
  inPlace,
  nameOf,
  type Rule,
  traced,
} from './custom.ts';
import { pushforward } from './jvp.ts';
import { transposeLinear } from './transpose.ts';

/** `rule` gives the residuals; `backward` takes operands and residuals, and cotangents, to those of the arguments. */
interface VjpParams extends CustomParams {
  readonly backward: Rule;
}

const customVjpPrimitive = customPrimitive<VjpParams>(
  'customVjp',
  (operands, tangents, { name, outer, rule, backward }, outputs) => {
    const known = [...operands, ...rule(operands, [])];
    const moving = operands.flatMap((_, i) => (tangents[i] === null ? [] : [i - outer]));
    const given = moving.map((i) => tangents[outer + i]!);
    const avals = outputs.map(({ shape, dtype }) => ({ shape, dtype }));
    return bindAll(tangentPrimitive, [...known, ...given], { name, backward, known: known.length, moving, avals });
  },
  ({ rule, backward, outer }, flags, size) => ({
    rule: batched(rule, flags, [], size),
    backward: summed(backward, flags, flags.slice(outer), size),
  }),
);

/** The batched backward rule: the cotangent of an argument that all elements share is the sum of theirs. */
function summed(rule: Rule, flags: readonly boolean[], ofArguments: readonly boolean[], size: number): Rule {
  const perElement = batched(rule, flags, [], size);
  return (operands, cotangents) =>
    perElement(operands, cotangents).map((ct, i) => (ofArguments[i] ? ct : reduceSum(ct, [0])));
}

/** Operands: what `backward` knows, then tangents of the arguments `moving`. */
interface TangentParams {
  readonly name: string;
  readonly backward: Rule;
  readonly known: number;
  readonly moving: readonly number[];
  readonly avals: readonly Aval[];
}

/**
 * The tangent of the results, linear in the tangents of the arguments. Reverse mode transposes it by the backward rule;
 * where it is asked for itself, it is the transpose of that rule, which is linear in the cotangents.
 */
const tangentPrimitive: Primitive<TangentParams> = {
  name: customVjpPrimitive.name,
  key: () => undefined,
  folds: false,
  infer: (_, { avals }) => avals,
  evaluate: (operands, params) => {
    const inputs = operands.map((x) => input(x));
    const known = new Map(inputs.map((x, i) => [x, operands[i]]));
    return evaluate(tangentsOf(inputs, params), known).map((y) => y.data);
  },
  jvp(operands, tangents, params) {
    if (tangents.slice(0, params.known).every((t) => t === null)) {
      return bindAll(
        tangentPrimitive,
        operands.map((x, i) => (i < params.known ? x : (tangents[i] ?? zerosOf(x)))),
        params,
      );
    }
    const inputs = operands.map(alias);
    return pushforward(tangentsOf(inputs, params), inputs, tangents);
  },
  transpose(cotangents, operands, linear, { backward, known, moving, avals }) {
    const filledIn = cotangents.map((ct, i) => ct ?? filled(0, avals[i].shape, avals[i].dtype));
    const found = backward(operands.slice(0, known), filledIn);
    return linear.map((l, i) => (l ? found[moving[i - known]] : null));
  },
  batch(operands, flags, { known, backward, moving, avals, name }, size) {
    const ofArguments: boolean[] = [];
    moving.forEach((argument, i) => {
      ofArguments[argument] = flags[known + i];
    });
    return bindAll(tangentPrimitive, operands, {
      name,
      known,
      moving,
      backward: summed(backward, flags.slice(0, known), ofArguments, size),
      avals: avals.map(({ shape, dtype }) => ({ shape: [size, ...shape], dtype })),
    });
  },
  lower() {
    throw new Error('the tangent of customVjp is put inline before lowering');
  },
  inline: (operands, params) => expanded(tangentsOf(operands, params), new Map()),
};

/** J t of the results by transposing ct -> J^T ct. */
function tangentsOf(operands: readonly NDArray[], { name, backward, known, moving, avals }: TangentParams) {
  const cotangents = avals.map((x) => input(x));
  const found = backward(operands.slice(0, known), cotangents);
  const ofArguments = moving.map((i) => found[i]);
  const directions = cotangents.map((x) => input(x));
  // A linear function is its own derivative: it moves wherever it depends on ct, and how it moves does not.
  const moved = pushforward(ofArguments, cotangents, directions);
  const touched = dependents(topological(ofArguments), cotangents);
  const stillDependent = dependents(topological(moved.filter((t) => t !== null)), cotangents);
  const isLinear = moved.every((t, i) =>
    t === null ? !touched.has(ofArguments[i].node) : !stillDependent.has(t.node) && !cotangents.includes(t),
  );
  if (!isLinear) {
    throw new UserError(
      `customVjp: the backward rule of ${name} is not linear in the cotangents, so forward mode cannot be derived from it; use reverse mode, or customJvp`,
    );
  }
  return transposeLinear(moved, directions, operands.slice(known)).map(
    (t, i) => t ?? filled(0, avals[i].shape, avals[i].dtype),
  );
}

/**
 * `f` with a derivative of its own for reverse mode: `forward(...args)` returns `[f(...args), residuals]`, and
 * `backward(residuals, cotangent)` one cotangent per argument (null: zero). Where `backward` is linear in the cotangent,
 * forward mode is its transpose; otherwise forward mode is a UserError. The rules may be differentiated in turn.
 * Compiled code that asks for no derivative holds `f` alone.
 *
 * @param f takes and returns trees of arrays; other arguments and values to be held fixed are closed over
 * @throws UserError on differentiation with respect to something that `f` closes over
 */
export function customVjp<A extends readonly Tree[], R extends Tree, S extends Tree>(
  f: (...args: A) => R,
  forward: (...args: A) => readonly [R, S],
  backward: (residuals: S, cotangent: R) => { readonly [K in keyof A]: A[K] | null },
): (...args: A) => R {
  return (...args) => {
    const call = traced(f, args);
    const name = nameOf(f);
    let residualStructure: TreeStructure = null;
    const rule: Rule = (operands) => {
      const given = unflatten(call.structure, operands.slice(call.outer.length)) as unknown as A;
      const residuals = flatten(forward(...given)[1], `the residuals of ${name}`);
      residualStructure = residuals.structure;
      return inPlace(residuals.leaves, call, operands);
    };
    const back: Rule = (known, cotangents) => {
      const residuals = unflatten(residualStructure, known.slice(call.inputs.length)) as S;
      const found = backward(residuals, unflatten(call.resultStructure, cotangents) as R);
      return inPlace(cotangentLeaves(name, found, known.slice(call.outer.length), args), call, known);
    };
    const results = bindAll(customVjpPrimitive, [...call.outer, ...call.arguments], {
      name,
      inputs: call.inputs,
      outputs: call.outputs,
      outer: call.outer.length,
      rule,
      backward: back,
    });
    return unflatten(call.resultStructure, results) as R;
  };
}

/** The leaves of what a backward rule returns, zeros where it returns null for an argument. */
function cotangentLeaves(
  name: string,
  found: readonly (Tree | null)[],
  values: readonly NDArray[],
  args: readonly Tree[],
): NDArray[] {
  if (!Array.isArray(found) || found.length !== args.length) {
    throw new UserError(
      `customVjp: the backward rule of ${name} must return a list of ${args.length} cotangents, one for each argument`,
    );
  }
  let next = 0;
  return args.flatMap((argument, k) => {
    const like = flatten(argument);
    const own = values.slice(next, next + like.leaves.length);
    next += own.length;
    if (found[k] === null) return own.map(zerosOf);
    const { leaves, structure } = flatten(found[k], `cotangent ${k} of ${name}`);
    if (!sameStructure(structure, like.structure)) {
      throw new UserError(
        `customVjp: the backward rule of ${name} returns cotangent ${k} of structure ${JSON.stringify(structure)}, but the argument has ${JSON.stringify(like.structure)}`,
      );
    }
    checkLike('customVjp', `a cotangent that the backward rule of ${name} returns`, leaves, own);
    return leaves;
  });
}
