/** @file The work that every runtime does: a small network learns sin(3x) by gradient descent, one compiled call a step. */
import { jit, numpy as np, random, treeMap, valueAndGrad } from '../src/index.ts';

type NDArray = np.NDArray;

export const steps = 100;
const rate = 0.02;
const width = 32;

const inputs = np.reshape(np.subtract(np.divide(np.arange(64), 32), 1), [64, 1]);
const targets = np.sin(np.multiply(inputs, 3));

type Parameters = readonly { readonly w: NDArray; readonly b: NDArray }[];

function initial(): Parameters {
  const sizes = [1, width, width, 1];
  return sizes.slice(1).map((out, i) => ({
    w: np.divide(random.normal(random.foldIn(random.key(0), i), [sizes[i], out]), Math.sqrt(sizes[i])),
    b: np.zeros([out]),
  }));
}

function predict(p: Parameters, x: NDArray): NDArray {
  return p.reduce((h, { w, b }, i) => {
    const z = np.add(np.matmul(h, w), b);
    return i < p.length - 1 ? np.tanh(z) : z;
  }, x);
}

function loss(p: Parameters): NDArray {
  return np.mean(np.square(np.subtract(predict(p, inputs), targets)));
}

/** The loss before each step, and the milliseconds of a step once everything is compiled. */
export async function train(): Promise<{ losses: readonly number[]; milliseconds: number }> {
  const step = jit((p: Parameters): [Parameters, NDArray] => {
    const [value, gradient] = valueAndGrad(loss)(p);
    return [treeMap((x, g) => np.subtract(x, np.multiply(rate, g)), p, gradient), value];
  });
  let state = initial();
  await step(state)[1].data();
  const begin = performance.now();
  const losses: NDArray[] = [];
  for (let i = 0; i < steps; i++) {
    const [next, value] = step(state);
    state = next;
    losses.push(value);
  }
  const numbers = await Promise.all(losses.map((x) => x.item()));
  return { losses: numbers, milliseconds: (performance.now() - begin) / steps };
}
