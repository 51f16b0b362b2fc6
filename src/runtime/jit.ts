import { UserError } from '../array/errors.ts';
import { evaluate, topological } from '../array/graph.ts';
import {
  hostData,
  input,
  knownValue,
  type NDArray,
  pendingConstant,
  setExecutor,
  sharingNodes,
  type Value,
} from '../array/ndarray.ts';
import type { Aval } from '../array/primitive.ts';
import { sizeOf } from '../array/shape.ts';
import { flatten, type TreeStructure, unflatten } from '../array/tree.ts';
import { compile, computeOnce, type Executable } from './compile.ts';

/** What tells one static argument from another. */
function staticKey(value: unknown, position: number): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'boolean' || value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return `[${value.map((x) => staticKey(x, position))}]`;
  if (Object.getPrototypeOf(value) === Object.prototype) {
    const entries = Object.entries(value as object);
    return `{${entries.map(([k, x]) => `${JSON.stringify(k)}:${staticKey(x, position)}`)}}`;
  }
  throw new UserError(
    `jit: static argument ${position} must be made of numbers, strings, booleans, lists and plain objects; found a ${value.constructor?.name ?? typeof value}: close over it instead`,
  );
}

interface Compiled {
  readonly executable: Executable;
  readonly outputs: readonly Aval[];
  readonly structure: TreeStructure;
}

/**
 * The function compiled: traced once for each combination of tree structure, shapes, dtypes and static arguments, then
 * run as one graph. Called with unknowns of an enclosing transformation it is simply part of that.
 *
 * @param f takes and returns trees of arrays; it must not depend on anything that changes between calls
 * @param options.static positions of arguments that are not arrays (numbers, strings, booleans): part of the cache key
 */
export function jit<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  options: { static?: readonly number[] } = {},
): (...args: A) => R {
  const statics = new Set(options.static);
  const cache = new Map<string, Compiled>();
  return (...args) => {
    const dynamic = args.filter((_, i) => !statics.has(i));
    const { leaves, structure } = flatten(dynamic, 'the arguments');
    if (leaves.some((x) => x.node.traced)) return f(...args);
    const fixed = args.flatMap((a, i) => (statics.has(i) ? [staticKey(a, i)] : [])).join();
    const key = `${JSON.stringify(structure)}${leaves.join()}${fixed}`;
    let compiled = cache.get(key);
    if (compiled === undefined) {
      compiled = trace(f.name || 'a compiled function', leaves, structure, (trees) => {
        let next = 0;
        return f(...(args.map((a, i) => (statics.has(i) ? a : trees[next++])) as unknown as A));
      });
      cache.set(key, compiled);
    }
    return unflatten(compiled.structure, call(compiled, leaves)) as R;
  };
}

function trace(
  name: string,
  leaves: readonly NDArray[],
  structure: TreeStructure,
  f: (trees: readonly unknown[]) => unknown,
): Compiled {
  const inputs = leaves.map((x) => input(x));
  const out = sharingNodes(() =>
    flatten(f(unflatten(structure, inputs) as readonly unknown[]), 'the result of the function'),
  );
  return { executable: compile(inputs, out.leaves, name), outputs: out.leaves, structure: out.structure };
}

/** Values of arrays that are computed already (or being computed), or a promise of them; lazy ones are computed first. */
function values(arrays: readonly NDArray[]): readonly Value[] | Promise<readonly Value[]> {
  const known = arrays.map(knownValue);
  if (known.every((value) => value !== undefined)) return known;
  const lazy = arrays.filter((_, i) => known[i] === undefined);
  return Promise.all(lazy.map((x) => x.data())).then(() => arrays.map((x) => knownValue(x)!));
}

function call({ executable, outputs }: Compiled, leaves: readonly NDArray[]): NDArray[] {
  const given = values(leaves);
  const results = given instanceof Promise ? given.then(executable) : executable(given);
  if (!(results instanceof Promise)) return outputs.map((x, i) => pendingConstant(results[i], x.shape, x.dtype));
  // A failure reaches whoever reads the data; nobody reading it is not a failure of the program.
  results.catch(() => {});
  return outputs.map((x, i) => {
    const value: Value = { pending: results.then((found) => void Object.assign(value, found[i])) };
    value.pending!.catch(() => {});
    return pendingConstant(value, x.shape, x.dtype);
  });
}

/** Graphs of fewer elements than this are evaluated directly: compiling them would take longer. */
const evaluateLimit = 20_000;
/** Their work is not seen in the size of their results. */
const hasManySteps = new Set([
  'contract',
  'convolution',
  'scan',
  'whileLoop',
  'cond',
  'checkpoint',
  'customJvp',
  'customVjp',
]);

setExecutor(async (arrays) => {
  const wanted = arrays.filter((x) => knownValue(x) === undefined);
  const unknown = wanted.find((x) => x.node.traced);
  if (unknown !== undefined) {
    throw new UserError(
      `the data of ${unknown} was asked for inside of a traced function (jit, grad, vmap, scan), where only its shape and dtype are known; return it and read it outside`,
    );
  }
  const order = topological(wanted);
  const leaves = order.flatMap((node) => (node.operands.length === 0 ? node.outputs : []));
  const work = order.reduce((sum, node) => sum + node.outputs.reduce((n, x) => n + sizeOf(x.shape), 0), 0);
  const small = work < evaluateLimit && order.every((node) => !hasManySteps.has(node.primitive.name));
  if (small) await Promise.all(leaves.flatMap((x) => knownValue(x) ?? []).map(hostData));
  const results = small
    ? evaluate(wanted).map(({ data }): Value => ({ data }))
    : await computeOnce(wanted, `the computation of ${wanted.join(', ')}`);
  wanted.forEach((x, i) => {
    const known = pendingConstant(results[i], x.shape, x.dtype);
    x.node = known.node;
    x.index = 0;
  });
  return arrays;
});
