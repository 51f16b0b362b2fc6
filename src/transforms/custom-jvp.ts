/** @file A function with a derivative of its own for forward mode, from which reverse mode follows. */
import { UserError } from '../array/errors.ts';
import { bindAll } from '../array/ndarray.ts';
import { flatten, sameStructure, type Tree, unflatten } from '../array/tree.ts';
import { zerosOf } from '../primitives/shape.ts';
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

const customJvpPrimitive = customPrimitive<CustomParams>(
  'customJvp',
  (operands, tangents, { outer, rule }) =>
    rule(
      operands,
      operands.slice(outer).map((x, i) => tangents[outer + i] ?? zerosOf(x)),
    ),
  ({ rule, outer }, flags, size) => ({ rule: batched(rule, flags, flags.slice(outer), size) }),
);

/**
 * `f` with a derivative of its own, in every mode: `rule(primals, tangents)` returns `[f(...primals), tangent]`. The
 * tangent must be linear in the tangents; reverse mode transposes it. The rule may be differentiated in turn, and may
 * call the function that it belongs to. Compiled code that asks for no derivative holds `f` alone.
 *
 * @param f takes and returns trees of arrays; other arguments and values to be held fixed are closed over
 * @throws UserError on differentiation with respect to something that `f` closes over
 */
export function customJvp<A extends readonly Tree[], R extends Tree>(
  f: (...args: A) => R,
  rule: (primals: A, tangents: A) => readonly [R, R],
): (...args: A) => R {
  return (...args) => {
    const call = traced(f, args);
    const name = nameOf(f);
    const flat: Rule = (operands, tangents) => {
      const primals = operands.slice(call.outer.length);
      const [primal, tangent] = rule(
        unflatten(call.structure, primals) as unknown as A,
        unflatten(call.structure, tangents) as unknown as A,
      );
      flatten(primal, `the value that the rule of ${name} returns`);
      const { leaves, structure } = flatten(tangent, `the tangent that the rule of ${name} returns`);
      if (!sameStructure(structure, call.resultStructure)) {
        throw new UserError(
          `customJvp: the rule of ${name} returns a tangent of structure ${JSON.stringify(structure)}, but the function's result has ${JSON.stringify(call.resultStructure)}`,
        );
      }
      checkLike('customJvp', `a tangent that the rule of ${name} returns`, leaves, call.outputs);
      return inPlace(leaves, call, operands);
    };
    const results = bindAll(customJvpPrimitive, [...call.outer, ...call.arguments], {
      name,
      inputs: call.inputs,
      outputs: call.outputs,
      outer: call.outer.length,
      rule: flat,
    });
    return unflatten(call.resultStructure, results) as R;
  };
}
