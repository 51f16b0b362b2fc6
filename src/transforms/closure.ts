/** @file Bodies of loops and branches: sub-graphs that are closed, so that transformations see all they depend on. */
import { ShapeError, UserError } from '../array/errors.ts';
import { dependents, substitute, topological } from '../array/graph.ts';
import { input, type NDArray, type Node, scalarValue } from '../array/ndarray.ts';
import { sameShape } from '../array/shape.ts';
import { sameStructure, type TreeStructure } from '../array/tree.ts';

/** A sub-graph with nothing open: `inputs` stand for the values `outer` from outside and then for its own variables. */
export interface Closure {
  readonly outer: readonly NDArray[];
  readonly inputs: readonly NDArray[];
  readonly outputs: readonly NDArray[];
}

/**
 * Makes inputs of what `outputs` read from outside: all that does not depend on the variables, so that a loop does not
 * compute it again in every step; or, if a node id is given, all that is older than that node.
 */
export function closed(outputs: readonly NDArray[], variables: readonly NDArray[], since = Infinity): Closure {
  const outer = outerValues(outputs, variables, since);
  const constants = outer.map((x) => input(x));
  return {
    outer,
    inputs: [...constants, ...variables],
    outputs: substitute(outputs, new Map(outer.map((x, i) => [x, constants[i]]))),
  };
}

/** Scalars with a known value are not among them: they stay inside. */
function outerValues(outputs: readonly NDArray[], variables: readonly NDArray[], since: number): NDArray[] {
  const order = topological(outputs, new Set(variables.map((x) => x.node)));
  const dependent = dependents(order, variables);
  const isInside = (node: Node) => dependent.has(node) || node.id >= since;
  const own = new Set(variables);
  const outer = new Set<NDArray>();
  const read = (x: NDArray) => {
    if (!isInside(x.node) && !own.has(x) && scalarValue(x) === undefined) outer.add(x);
  };
  for (const node of order) if (isInside(node)) node.operands.forEach(read);
  outputs.forEach(read);
  return [...outer];
}

interface Flat {
  readonly leaves: readonly NDArray[];
  readonly structure: TreeStructure;
}

/** What a loop carries must keep its structure, shapes and dtypes. */
export function checkCarry(operation: string, start: Flat, next: Flat): void {
  if (!sameStructure(next.structure, start.structure)) {
    throw new UserError(
      `${operation}: the body returns a carry of structure ${JSON.stringify(next.structure)}, but it started as ${JSON.stringify(start.structure)}`,
    );
  }
  next.leaves.forEach((x, i) => {
    const old = start.leaves[i];
    if (!sameShape(x.shape, old.shape) || x.dtype !== old.dtype) {
      throw new ShapeError(operation, `the body turns a carry of ${old} into ${x}; shape and dtype must stay the same`);
    }
  });
}
