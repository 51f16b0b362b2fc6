/**
 * @file Sums over the steps of a loop, taken after it: sum_t A_t^T B_t is one product of the stacked A and B, which is
 * much faster than a product and an addition in every step.
 */
import { dependents, topological } from '../array/graph.ts';
import { bind, type NDArray } from '../array/ndarray.ts';
import type { Tangent } from '../array/primitive.ts';
import { sameShape } from '../array/shape.ts';
import { type ContractParams, contract, contractPrimitive, unusedLetter } from '../primitives/contract.ts';
import { add, negative } from '../primitives/elementwise.ts';
import { reduceSum } from '../primitives/reduce.ts';
import { addTangents } from '../primitives/rules.ts';

/** A sum over steps in two parts: what is added up in the loop, and what is computed from stacks after it. */
interface Split {
  readonly inside: Tangent;
  readonly late: ((stack: (x: NDArray) => NDArray) => NDArray) | null;
}

export interface LateSums {
  /** For each sum, the part of an increment that is added up in the loop. */
  readonly inside: readonly Tangent[];
  /** Values of the body that the loop has to stack for the rest. */
  readonly wanted: readonly NDArray[];
  /** The rest of each sum, given those stacks. */
  late(stacks: readonly NDArray[]): readonly Tangent[];
}

/** Linear functions of one array: they may as well be applied to the sum. */
const linearMaps = ['negative', 'reshape', 'transpose'];

/**
 * Splits sums over the steps of a loop.
 *
 * A product goes after the loop if one of its factors is stacked already: the other factor, a cotangent, is then stacked
 * too. A factor that is computed again in the body (see checkpoint) is not stacked for it.
 *
 * @param increments what each step adds to each sum
 * @param stacks values of the body of which there are stacks
 * @param carry the other values that change from step to step
 */
export function lateSums(
  increments: readonly Tangent[],
  stacks: ReadonlyMap<NDArray, NDArray>,
  carry: readonly NDArray[],
): LateSums {
  const order = topological(increments.filter((x) => x !== null));
  const changing = dependents(order, [...stacks.keys(), ...carry]);
  const changes = (x: NDArray) => changing.has(x.node) || carry.includes(x) || stacks.has(x);
  const wanted = new Set<NDArray>();
  const isStacked = (x: NDArray) => stacks.has(x) || wanted.has(x);

  const split = (x: NDArray): Split => {
    const { primitive, operands, params } = x.node;
    if (isStacked(x)) return { inside: null, late: (stack) => reduceSum(stack(x), [0]) };
    if (primitive.name === 'add' && operands.every((y) => sameShape(y.shape, x.shape))) {
      return both(split(operands[0]), split(operands[1]));
    }
    if (primitive.name === 'subtract' && operands.every((y) => sameShape(y.shape, x.shape))) {
      return both(split(operands[0]), mapped(split(operands[1]), negative));
    }
    if (linearMaps.includes(primitive.name) || (primitive.name === 'sum' && isStacked(operands[0]))) {
      return mapped(split(operands[0]), (y) => bind(primitive, [y], params));
    }
    if (primitive.name === contractPrimitive.name && operands.some(isStacked) && operands.every(changes)) {
      for (const y of operands) if (!stacks.has(y)) wanted.add(y);
      const { a, b, out } = params as ContractParams;
      const step = unusedLetter({ a, b, out });
      return {
        inside: null,
        late: (stack) => contract(stack(operands[0]), stack(operands[1]), { a: step + a, b: step + b, out }),
      };
    }
    return { inside: x, late: null };
  };
  // What one product wants to be stacked may serve another sum, so look twice.
  for (const x of increments) if (x !== null) split(x);
  const splits = increments.map((x): Split => (x === null ? { inside: null, late: null } : split(x)));
  const list = [...wanted];
  return {
    inside: splits.map((s) => s.inside),
    wanted: list,
    late: (found) => splits.map(({ late }) => late?.((x) => stacks.get(x) ?? found[list.indexOf(x)]) ?? null),
  };
}

const both = (a: Split, b: Split): Split => ({
  inside: addTangents(a.inside, b.inside, add),
  late: a.late && b.late ? (stack) => add(a.late!(stack), b.late!(stack)) : (a.late ?? b.late),
});

const mapped = ({ inside, late }: Split, f: (x: NDArray) => NDArray): Split => ({
  inside: inside && f(inside),
  late: late && ((stack) => f(late(stack))),
});
