/** @file Reverse mode: linearize forward, then transpose; and the derivatives made of it. */
import { allocate, isFloat } from '../array/dtype.ts';
import { ShapeError } from '../array/errors.ts';
import { substitute } from '../array/graph.ts';
import { constant, input, NDArray, scalar } from '../array/ndarray.ts';
import { shapeText, sizeOf } from '../array/shape.ts';
import { flatten, type Tree, type TreeStructure, unflatten } from '../array/tree.ts';
import { alias } from '../primitives/identity.ts';
import { reshape, zerosOf } from '../primitives/shape.ts';
import { jvp, pushforward } from './jvp.ts';
import { checkFloat, checkTangents, finished } from './trace.ts';
import { transposeLinear } from './transpose.ts';
import { vmap } from './vmap.ts';

interface Linearization {
  readonly outputs: readonly NDArray[];
  readonly structure: TreeStructure;
  readonly variables: readonly NDArray[];
  /** Unknown tangents of the variables, and those of the outputs as functions of them. */
  readonly directions: readonly NDArray[];
  readonly tangents: readonly (NDArray | null)[];
}

function linearization(
  operation: string,
  call: (variables: readonly NDArray[]) => unknown,
  xs: readonly NDArray[],
): Linearization {
  checkFloat(operation, xs);
  const variables = xs.map(alias);
  const { leaves: outputs, structure } = flatten(call(variables), 'the result of the function');
  const directions = xs.map((x) => input(x));
  return { outputs, structure, variables, directions, tangents: pushforward(outputs, variables, directions) };
}

/**
 * Value and derivative map: `[f(...primals), (…tangents) => df[...tangents]]`. The map is linear and can be applied many
 * times without evaluating `f` again.
 */
export function linearize<A extends readonly Tree[], R extends Tree>(
  f: (...primals: A) => R,
  ...primals: A
): [R, (...tangents: A) => R] {
  const given = flatten(primals, 'primals');
  const { outputs, structure, variables, directions, tangents } = linearization(
    'linearize',
    (xs) => f(...(unflatten(given.structure, xs) as unknown as A)),
    given.leaves,
  );
  const values = finished(outputs, given.leaves, variables);
  const map = (...ts: A): R => {
    const direction = flatten(ts, 'tangents');
    checkTangents('linearize', given, direction);
    const filled = substitute(
      tangents.map((t, i) => t ?? zerosOf(outputs[i])),
      new Map(directions.map((d, i) => [d, direction.leaves[i]])),
    );
    return unflatten(structure, finished(filled, given.leaves, variables)) as R;
  };
  return [unflatten(structure, values) as R, map];
}

/**
 * Value and transposed derivative: `[f(...primals), cotangents => one cotangent per primal]`.
 *
 * @param f a function of trees of float arrays that returns a tree of arrays
 */
export function vjp<A extends readonly Tree[], R extends Tree>(
  f: (...primals: A) => R,
  ...primals: A
): [R, (cotangent: R) => A] {
  const given = flatten(primals, 'primals');
  const { outputs, structure, variables, directions, tangents } = linearization(
    'vjp',
    (xs) => f(...(unflatten(given.structure, xs) as unknown as A)),
    given.leaves,
  );
  const values = finished(outputs, given.leaves, variables);
  const pullback = (cotangent: R): A => {
    const cts = flatten(cotangent, 'the cotangent');
    checkTangents('vjp', { leaves: outputs, structure }, cts);
    const results = transposeLinear(tangents, directions, cts.leaves).map((ct, i) => ct ?? zerosOf(given.leaves[i]));
    return unflatten(given.structure, finished(results, given.leaves, variables)) as unknown as A;
  };
  return [unflatten(structure, values) as R, pullback];
}

/** Which arguments to differentiate; the type of the gradient follows. */
type GradientOf<A extends readonly unknown[], N> = N extends readonly (keyof A)[] | readonly number[]
  ? { [K in keyof N]: N[K] extends number ? A[N[K]] : never }
  : N extends number
    ? A[N]
    : never;

function valueAndGradient(
  operation: string,
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
  argnums: number | readonly number[],
): { value: unknown; auxiliary: unknown; gradient: unknown } {
  const wanted = typeof argnums === 'number' ? [argnums] : argnums;
  const given = flatten(
    wanted.map((i) => {
      if (args[i] === undefined)
        throw new ShapeError(operation, `there is no argument ${i} (${args.length} were given)`);
      return args[i];
    }),
    'the argument to differentiate',
  );
  let loss: NDArray | undefined;
  const rest: unknown[] = [];
  const { variables, directions, tangents, outputs } = linearization(
    operation,
    (xs) => {
      const trees = unflatten(given.structure, xs) as readonly Tree[];
      const full = [...args];
      wanted.forEach((i, k) => {
        full[i] = trees[k];
      });
      const result = f(...(full as never[]));
      const isPair = Array.isArray(result) && result.length === 2;
      loss = isPair ? result[0] : (result as NDArray);
      if (isPair) rest.push(result[1]);
      if (!(loss instanceof NDArray) || loss.size !== 1 || loss.ndim !== 0 || !isFloat(loss.dtype)) {
        throw new ShapeError(
          operation,
          `needs a function that returns a float scalar (or [scalar, auxiliary]), got ${loss instanceof NDArray ? `${loss.dtype}${shapeText(loss.shape)}` : typeof loss}`,
        );
      }
      return [loss];
    },
    given.leaves,
  );
  const cts = transposeLinear(tangents, directions, [scalar(1, outputs[0].dtype)]);
  const auxiliary = flatten(rest, 'the auxiliary result');
  const all = finished(
    [loss!, ...auxiliary.leaves, ...cts.map((ct, i) => ct ?? zerosOf(given.leaves[i]))],
    given.leaves,
    variables,
  );
  const gradients = unflatten(given.structure, all.slice(1 + auxiliary.leaves.length)) as readonly Tree[];
  return {
    value: all[0],
    auxiliary: (unflatten(auxiliary.structure, all.slice(1, 1 + auxiliary.leaves.length)) as readonly Tree[])[0],
    gradient: typeof argnums === 'number' ? gradients[0] : gradients,
  };
}

/**
 * The gradient of a scalar function, as a function of the same arguments; it has the structure of the argument that is
 * differentiated.
 *
 * @param f returns a float scalar
 * @param argnums which argument(s), default the first; for a list the result is a list
 */
export function grad<A extends readonly unknown[], const N extends number | readonly number[] = 0>(
  f: (...args: A) => NDArray,
  argnums: N = 0 as N,
): (...args: A) => GradientOf<A, N> {
  return (...args) => valueAndGradient('grad', f, args, argnums).gradient as GradientOf<A, N>;
}

/**
 * `[f(...args), gradient]`; a function that returns `[scalar, auxiliary]` gives `[[scalar, auxiliary], gradient]`.
 */
export function valueAndGrad<
  A extends readonly unknown[],
  R extends NDArray | readonly [NDArray, Tree],
  const N extends number | readonly number[] = 0,
>(f: (...args: A) => R, argnums: N = 0 as N): (...args: A) => [R, GradientOf<A, N>] {
  return (...args) => {
    const { value, auxiliary, gradient } = valueAndGradient('valueAndGrad', f, args, argnums);
    return [(auxiliary === undefined ? value : [value, auxiliary]) as R, gradient as GradientOf<A, N>];
  };
}

/** Unit vectors of the flattened array, one along axis 0 for each element: [size, ...shape]. */
function basis(x: NDArray): NDArray {
  const n = sizeOf(x.shape);
  const data = allocate(x.dtype, n * n);
  for (let i = 0; i < n; i++) data[i * n + i] = 1;
  return constant(data, [n, ...x.shape]);
}

/** Jacobian by forward mode, one pass for each input element: shape [...output, ...input]. For few inputs. */
export function jacfwd(f: (x: NDArray) => NDArray): (x: NDArray) => NDArray {
  return (x) => {
    const columns = vmap((t: NDArray) => jvp(f, [x], [t])[1], 0, -1)(basis(x));
    return reshape(columns, [...columns.shape.slice(0, -1), ...x.shape]);
  };
}

/** Jacobian by reverse mode, one pass for each output element: shape [...output, ...input]. For few outputs. */
export function jacrev(f: (x: NDArray) => NDArray): (x: NDArray) => NDArray {
  return (x) => {
    const [y, pullback] = vjp(f, x);
    const rows = vmap((ct: NDArray) => pullback(ct)[0])(basis(y));
    return reshape(rows, [...y.shape, ...x.shape]);
  };
}

/** Second derivatives of a scalar function: shape [...input, ...input], forward over reverse. */
export const hessian = (f: (x: NDArray) => NDArray): ((x: NDArray) => NDArray) => jacfwd(grad(f));

/**
 * Hessian-vector product of a scalar function at a tree of arrays, without the Hessian: the directional derivative of
 * the gradient (Pearlmutter 1994).
 */
export function hvp<P extends Tree>(f: (params: P) => NDArray, params: P, direction: P): P {
  return jvp(grad(f) as (p: P) => P, [params], [direction])[1];
}
