/** Sums of sinusoids on the unit interval. */
import { UserError } from '../../array/errors.ts';

export interface Sinusoids {
  /** Cycles per unit length, one per wave. */
  readonly frequencies: readonly number[];
  /** As many amplitudes; default 1 each. */
  readonly amplitudes?: readonly number[];
  /** As many phases in radians; default 0 each. */
  readonly phases?: readonly number[];
  /** Number of equally spaced points `z_j = j / n`. */
  readonly n: number;
}

/**
 * The target of the spectral-bias experiments, `sum_i A_i sin(2 pi k_i z_j + phi_i)` at `z_j = j / n`: Rahaman et al.,
 * "On the spectral bias of neural networks", ICML 2019, section 3.1.
 *
 * @returns n values
 * @throws UserError when the lists differ in length or n is no positive integer
 */
export function sinusoids({ frequencies, amplitudes, phases, n }: Sinusoids): Float64Array {
  for (const [name, list] of Object.entries({ amplitudes, phases })) {
    if (list !== undefined && list.length !== frequencies.length) {
      throw new UserError(
        `sinusoids: expected ${frequencies.length} ${name}, one per frequency, found ${list.length}.`,
      );
    }
  }
  if (!Number.isInteger(n) || n < 1) {
    throw new UserError(`sinusoids: expected a number of points of at least 1, found ${n}.`);
  }
  const values = new Float64Array(n);
  frequencies.forEach((frequency, i) => {
    const amplitude = amplitudes?.[i] ?? 1;
    const phase = phases?.[i] ?? 0;
    for (let j = 0; j < n; j++) values[j] += amplitude * Math.sin((2 * Math.PI * frequency * j) / n + phase);
  });
  return values;
}
