/** @file What PyTorch computed (reference/generate.py), and the comparison of a function of parameters and input with it. */
import { readFileSync } from 'node:fs';
import { expectClose, hostArray } from '../array/testing.fixture.ts';
import { flatten } from '../array/tree.ts';
import * as np from '../numpy/index.ts';
import { jit } from '../runtime/index.ts';
import { valueAndGrad } from '../transforms/index.ts';

/** A record of PyTorch's; `P` is the tree that the tested function takes, which the comparison checks leaf by leaf. */
export interface Reference<P extends np.Tree = np.Tree> {
  readonly params: P;
  readonly x: np.NDArray;
  readonly y: np.NDArray;
  readonly gradient: P;
  readonly xGradient: np.NDArray | null;
  readonly [more: string]: np.Tree;
}

/** Leaves are written as dtype, shape and little-endian elements in base 64. */
function loaded(node: unknown): np.Tree {
  if (typeof node === 'string') {
    const [, dtype, shape, data] = /^(\w+)(\[.*\]) (.*)$/.exec(node)!;
    const bytes = Uint8Array.from(Buffer.from(data, 'base64')).buffer;
    return np.array(dtype === 'int32' ? new Int32Array(bytes) : new Float64Array(bytes), { shape: JSON.parse(shape) });
  }
  if (typeof node !== 'object' || node === null) return null;
  if (Array.isArray(node)) return node.map(loaded);
  return Object.fromEntries(Object.entries(node).map(([k, v]) => [k, loaded(v)]));
}

const vectors: Record<string, unknown> = JSON.parse(
  readFileSync(new URL('./reference/vectors.json', import.meta.url), 'utf8'),
);

export function reference<P extends np.Tree>(name: string): Reference<P> {
  if (!(name in vectors)) throw new Error(`reference/vectors.json has no ${name}`);
  return loaded(vectors[name]) as Reference<P>;
}

const cause = { relative: 1e-10, absolute: 1e-10 };

/** Leaf by leaf to 1e-10, with the place in the message. */
export async function expectTree(label: string, actual: np.Tree, expected: np.Tree): Promise<void> {
  const [found, wanted] = [flatten(actual), flatten(expected)];
  const [a, b] = [JSON.stringify(found.structure), JSON.stringify(wanted.structure)];
  if (a !== b) throw new Error(`${label}: structure ${a} instead of ${b}`);
  for (const [i, want] of wanted.leaves.entries()) {
    const x = found.leaves[i];
    const host = async (y: np.NDArray) => hostArray(await y.data(), y.shape, y.dtype);
    expectClose(`${label}, leaf ${i} of ${a}`, await host(x), await host(want), cause);
  }
}

/** Values, and gradients of sum(y cos(0, 1, 2, …)) with respect to parameters and input, compiled, against PyTorch's. */
export async function expectReference<P extends np.Tree>(
  name: string,
  f: (params: P, x: np.NDArray, record: Reference<P>) => np.NDArray,
): Promise<void> {
  const record = reference<P>(name);
  const weighted = (params: P, x: np.NDArray): [np.NDArray, np.NDArray] => {
    const y = f(params, x, record);
    const weights = np.reshape(np.cos(np.arange(0, y.size, 1, 'float64')), y.shape);
    return [np.sum(np.multiply(y, weights)), y];
  };
  if (record.xGradient === null) {
    const [[, y], gradient] = jit(valueAndGrad(weighted))(record.params, record.x);
    await expectTree(`${name}: y`, y, record.y);
    await expectTree(`${name}: gradient`, gradient, record.gradient);
    return;
  }
  const [[, y], [gradient, xGradient]] = jit(valueAndGrad(weighted, [0, 1]))(record.params, record.x);
  await expectTree(`${name}: y`, y, record.y);
  await expectTree(`${name}: gradient`, gradient, record.gradient);
  await expectTree(`${name}: gradient of x`, xGradient, record.xGradient);
}
