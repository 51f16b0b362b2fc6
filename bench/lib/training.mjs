// How deeptheory trains: many steps are one call of a compiled loop, as nn.train makes them.

const stepsPerCall = Number(process.env.STEPS_PER_CALL ?? 50);

/**
 * A contestant from a step `(params, ...data) => [params, loss]`.
 * @param engine what dist/index.js exports
 */
export function trainingLoop({ jit, scan, numpy: np }, step, start, data) {
  const one = jit(step);
  const many = jit((params, ...given) => {
    const [last, losses] = scan((p) => step(p, ...given), params, null, { length: stepsPerCall });
    return [last, np.slice(losses, -1)];
  });
  let params;
  return {
    restart() {
      params = start();
    },
    async run(steps) {
      let loss;
      for (let done = 0; done < steps; ) {
        const whole = stepsPerCall > 1 && steps - done >= stepsPerCall;
        [params, loss] = (whole ? many : one)(params, ...data);
        done += whole ? stepsPerCall : 1;
      }
      return loss.item();
    },
  };
}
