import { allocate } from '../array/dtype.ts';
import { UserError } from '../array/errors.ts';
import { constant, type NDArray } from '../array/ndarray.ts';
import { flatten, type Tree, unflatten } from '../array/tree.ts';
import { jit } from '../runtime/index.ts';
import { scan } from '../transforms/index.ts';

/** A training loop as data: one update, and what to look at now and then. Both are compiled; `vmap` them for many runs at once. */
export interface TrainingLoop<S extends Tree, D extends Tree, R extends Tree> {
  readonly step: (state: S, data: D) => S;
  readonly probe: (state: S, data: D) => R;
}

export interface TrainingRecord<S extends Tree, R extends Tree> {
  readonly state: S;
  /** Number of updates made before each record: 0, every, 2 every, … */
  readonly steps: readonly number[];
  /** What the probe returned, stacked along a new axis 0, one entry for each element of `steps`. */
  readonly records: R;
}

/** Updates that one call of the compiled loop makes: many enough that calls cost nothing, few enough to show progress. */
const stepsPerCall = 64;

/**
 * Trains on the engine: the loop runs inside of the compiled graph and comes back only with records.
 *
 * @param options.steps number of updates, a multiple of `every`
 * @param options.every updates between two records
 * @param options.onRecords called after each stretch with the number of updates made so far and the latest record
 */
export async function train<S extends Tree, D extends Tree, R extends Tree>(
  { step, probe }: TrainingLoop<S, D, R>,
  initial: S,
  data: D,
  options: { steps: number; every: number; onRecords?: (done: number) => void },
): Promise<TrainingRecord<S, R>> {
  const { steps, every, onRecords } = options;
  if (!(Number.isInteger(every) && every >= 1 && Number.isInteger(steps / every) && steps >= 0)) {
    throw new UserError(`train: ${steps} steps are not a whole number of stretches of ${every} between records`);
  }
  const advance = (state: S, given: D): S =>
    every === 1 ? step(state, given) : scan((s: S) => [step(s, given), null], state, null, { length: every })[0];
  const stretch = jit(
    (state: S, given: D, count: number): [S, R] =>
      scan(
        (s: S): [S, R] => {
          const next = advance(s, given);
          return [next, probe(next, given)];
        },
        state,
        null,
        { length: count },
      ),
    { static: [2] },
  );
  const first = jit(probe)(initial, data);
  const { leaves, structure } = flatten(first);
  const total = steps / every;
  const stacks = leaves.map((x) => allocate(x.dtype, (total + 1) * x.size));
  await Promise.all(leaves.map(async (x, i) => stacks[i].set(await x.data())));
  const perCall = Math.max(1, Math.round(stepsPerCall / every));
  let state = initial;
  for (let made = 0; made < total; ) {
    const count = Math.min(perCall, total - made);
    const [next, records] = stretch(state, data, count);
    state = next;
    await Promise.all(
      flatten(records).leaves.map(async (x, i) => stacks[i].set(await x.data(), (made + 1) * leaves[i].size)),
    );
    made += count;
    onRecords?.(made * every);
  }
  const records = unflatten(
    structure,
    stacks.map((data, i): NDArray => constant(data, [total + 1, ...leaves[i].shape])),
  );
  return { state, steps: Array.from({ length: total + 1 }, (_, i) => i * every), records: records as R };
}
