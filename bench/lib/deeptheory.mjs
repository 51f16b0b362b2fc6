// What our versions share: loops of training steps, and repeated evaluations.

import { mapValues, norm } from './numbers.mjs';

/** Many steps of training are one call of a compiled loop, as nn.train makes them, unless this says 1. */
const stepsPerCall = Number(process.env.STEPS_PER_CALL ?? 50);

export async function loadDeeptheory(threads) {
  const engine = await import('../../dist/index.js');
  engine.configure({ threads });
  return engine;
}

export const array =
  ({ numpy: np }) =>
  ({ data, shape }) =>
    np.array(data, { shape });

/** Gradient descent with what `lossAndGradient(params, ...data)` returns. */
export function training(engine, lossAndGradient, initial, data, rate) {
  const { jit, scan, numpy: np, treeMap } = engine;
  const step = (params, ...given) => {
    const [loss, gradient] = lossAndGradient(params, ...given);
    return [treeMap((p, g) => np.subtract(p, np.multiply(g, rate)), params, gradient), loss];
  };
  const one = jit(step);
  const many = jit((params, ...given) => {
    const [last, losses] = scan((p) => step(p, ...given), params, null, { length: stepsPerCall });
    return [last, np.slice(losses, -1)];
  });
  const arrays = data.map(array(engine));
  let params;
  return {
    restart() {
      params = mapValues(initial, array(engine));
    },
    async run(steps) {
      let loss;
      for (let done = 0; done < steps; ) {
        const whole = stepsPerCall > 1 && steps - done >= stepsPerCall;
        [params, loss] = (whole ? many : one)(params, ...arrays);
        done += whole ? stepsPerCall : 1;
      }
      return loss.item();
    },
  };
}

/** Calls `jit(compute)` on arrays or objects of arrays again and again; the value is the norm of what it returns. */
export function evaluation(engine, compute, args) {
  const compiled = engine.jit(compute);
  const given = args.map((arg) => (arg.data ? array(engine)(arg) : mapValues(arg, array(engine))));
  return {
    restart() {},
    async run(steps) {
      let result;
      for (let i = 0; i < steps; i++) result = compiled(...given);
      return norm(await Promise.all(engine.treeLeaves(result).map((leaf) => leaf.data())));
    },
  };
}
