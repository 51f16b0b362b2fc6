/** @file What functions that bring their own derivative have in common; see custom-jvp.ts and custom-vjp.ts. */
import { ShapeError, UserError } from '../array/errors.ts';
import { evaluate, expanded, substitute } from '../array/graph.ts';
import { bindAll, input, type NDArray, nextNodeId } from '../array/ndarray.ts';
import type { Primitive, Tangent } from '../array/primitive.ts';
import { sameShape } from '../array/shape.ts';
import { flatten, type Tree, type TreeStructure, unflatten } from '../array/tree.ts';
import { withBatch } from '../primitives/rules.ts';
import { type Closure, closed } from './closure.ts';
import { batchGraph } from './vmap.ts';

/** A rule as a function of flat lists: the operands of its node, and what else it is about (tangents, cotangents). */
export type Rule = (operands: readonly NDArray[], others: readonly NDArray[]) => readonly NDArray[];

/** Operands: what the function closes over, then its arguments. */
export interface CustomParams {
  readonly name: string;
  readonly inputs: readonly NDArray[];
  readonly outputs: readonly NDArray[];
  readonly outer: number;
  readonly rule: Rule;
}

/** The primitive of a kind of custom derivative: it vanishes from compiled graphs, which hold the function itself. */
export function customPrimitive<P extends CustomParams>(
  name: string,
  jvp: Primitive<P>['jvp'],
  batchedRules: (params: P, batched: readonly boolean[], size: number) => Partial<P>,
): Primitive<P> {
  const primitive: Primitive<P> = {
    name,
    key: () => undefined,
    infer: (_, { outputs }) => outputs.map(({ shape, dtype }) => ({ shape, dtype })),
    evaluate: (operands, { inputs, outputs }) =>
      evaluate(outputs, new Map(inputs.map((x, i) => [x, operands[i]]))).map((y) => y.data),
    jvp(operands, tangents, params, outputs) {
      if (tangents.slice(0, params.outer).some((t) => t !== null)) {
        throw new UserError(
          `${name}: ${params.name} closes over a value that is differentiated, but its rule speaks of the arguments only; make the value an argument (or close over stopGradient of it)`,
        );
      }
      return jvp(operands, tangents, params, outputs);
    },
    transpose: null,
    batch(operands, batched, params, size) {
      const fresh = params.inputs.map((x, i) =>
        batched[i] ? input({ shape: [size, ...x.shape], dtype: x.dtype }) : x,
      );
      const body = batchGraph(params.outputs, params.inputs, fresh, batched, size);
      return bindAll(primitive, operands, {
        ...params,
        inputs: fresh,
        outputs: body.outputs.map((y, i) => withBatch(y, body.batched[i], size)),
        ...batchedRules(params, batched, size),
      });
    },
    lower() {
      throw new Error(`${name} is put inline before lowering`);
    },
    inline: (operands, { inputs, outputs }) => expanded(outputs, new Map(inputs.map((x, i) => [x, operands[i]]))),
  };
  return primitive;
}

/** A rule for arrays of which some carry a batch axis (all whose flag is missing do); so does every result. */
export const batched =
  (rule: Rule, operandFlags: readonly boolean[], otherFlags: readonly boolean[], size: number): Rule =>
  (operands, others) => {
    const [known, more] = [
      operands.map((_, i) => operandFlags[i] ?? true),
      others.map((_, i) => otherFlags[i] ?? true),
    ];
    const elements = (xs: readonly NDArray[], flags: readonly boolean[]) =>
      xs.map((x, i) => input({ shape: flags[i] ? x.shape.slice(1) : x.shape, dtype: x.dtype }));
    const [xs, ys] = [elements(operands, known), elements(others, more)];
    const body = batchGraph(rule(xs, ys), [...xs, ...ys], [...operands, ...others], [...known, ...more], size);
    return body.outputs.map((y, i) => withBatch(y, body.batched[i], size));
  };

/** A call of the function, closed: what it reads from outside are operands. */
export interface Call extends Closure {
  readonly arguments: readonly NDArray[];
  readonly structure: TreeStructure;
  readonly resultStructure: TreeStructure;
}

export function traced<A extends readonly Tree[]>(f: (...args: A) => Tree, args: A): Call {
  const given = flatten(args, 'the arguments');
  const variables = given.leaves.map((x) => input(x));
  const before = nextNodeId();
  const result = flatten(f(...(unflatten(given.structure, variables) as unknown as A)), 'the result of the function');
  const closure = closed(result.leaves, variables, before);
  return { ...closure, arguments: given.leaves, structure: given.structure, resultStructure: result.structure };
}

/** Where a rule reads what the function reads from outside, it must read the operands that now stand for that. */
export function inPlace(
  results: readonly NDArray[],
  { outer }: Call,
  operands: readonly NDArray[],
): readonly NDArray[] {
  const changed = outer.flatMap((x, i) => (x === operands[i] ? [] : [[x, operands[i]] as const]));
  return changed.length === 0 ? results : substitute(results, new Map(changed));
}

export const nameOf = (f: (...args: never[]) => unknown): string => f.name || 'the function';

/** Throws unless arrays that a rule returns look like what they belong to. */
export function checkLike(
  operation: string,
  what: string,
  found: readonly Tangent[],
  wanted: readonly NDArray[],
): void {
  found.forEach((x, i) => {
    if (x !== null && (!sameShape(x.shape, wanted[i].shape) || x.dtype !== wanted[i].dtype)) {
      throw new ShapeError(operation, `${what} must look like ${wanted[i]}, got ${x}`);
    }
  });
}
