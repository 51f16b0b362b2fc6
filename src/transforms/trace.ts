/** @file What the transformations share: variables of a trace, and checks of what goes in. */
import { isFloat } from '../array/dtype.ts';
import { ShapeError, UserError } from '../array/errors.ts';
import { substitute } from '../array/graph.ts';
import type { NDArray } from '../array/ndarray.ts';
import { sameShape, shapeText } from '../array/shape.ts';
import { sameStructure, type TreeStructure } from '../array/tree.ts';

interface Flat {
  readonly leaves: readonly NDArray[];
  readonly structure: TreeStructure;
}

/**
 * Outside of any other trace the variables have done their work when the transformation returns: put the arrays they
 * stood for back, so that small results fold to numbers at once. Inside a trace the compiler removes them.
 */
export function finished(
  results: readonly NDArray[],
  arguments_: readonly NDArray[],
  variables: readonly NDArray[],
): readonly NDArray[] {
  if (arguments_.some((x) => x.node.traced)) return results;
  return substitute(results, new Map(variables.map((v, i) => [v, arguments_[i]])));
}

export function checkFloat(operation: string, leaves: readonly NDArray[]): void {
  for (const x of leaves) {
    if (!isFloat(x.dtype)) {
      throw new ShapeError(
        operation,
        `differentiates with respect to float arrays only, got ${x}; close over it instead`,
      );
    }
  }
}

/** Tangents (cotangents) must look like what they belong to. */
export function checkTangents(operation: string, primals: Flat, tangents: Flat): void {
  if (!sameStructure(primals.structure, tangents.structure)) {
    throw new UserError(
      `${operation}: the tangents' structure ${JSON.stringify(tangents.structure)} is not that of the primals, ${JSON.stringify(primals.structure)}`,
    );
  }
  primals.leaves.forEach((x, i) => {
    const t = tangents.leaves[i];
    if (!sameShape(x.shape, t.shape) || x.dtype !== t.dtype) {
      throw new ShapeError(
        operation,
        `a tangent of ${x} must have the same shape and dtype, got ${t.dtype}${shapeText(t.shape)}`,
      );
    }
  });
}
