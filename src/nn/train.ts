import { allocate, type TypedArray } from '../array/dtype.ts';
import { UserError } from '../array/errors.ts';
import { constant, type NDArray } from '../array/ndarray.ts';
import { flatten, type Tree, type TreeStructure, unflatten } from '../array/tree.ts';
import { eventLoopTurn } from '../runtime/event-loop.ts';
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

/** A loop on its way, as data: enough to go on with it as if it had never stopped, bit for bit. */
export interface LoopState {
  /** Updates made. */
  readonly made: number;
  /** Leaves of the state, and of the records up to here. */
  readonly state: readonly TypedArray[];
  readonly records: readonly TypedArray[];
}

/** Where a loop keeps its state, in case that its process does not live to the end. */
export interface Checkpoint {
  /** What was kept last by a loop of the same step, sizes and data; undefined at the first start. */
  readonly restore: () => LoopState | undefined;
  /** Offered after each stretch; whether to take it is the keeper's choice. `last`: the loop ends with it. */
  readonly keep: (take: () => Promise<LoopState>, last: boolean) => void | Promise<void>;
}

/** Updates that one call of the compiled loop makes: many enough that calls cost nothing, few enough to show progress. */
const stepsPerCall = 64;

/**
 * Trains on the engine: the loop runs inside of the compiled graph and comes back only with records.
 *
 * @param options.steps number of updates, a multiple of `every`
 * @param options.every updates between two records
 * @param options.onRecords called after each stretch with the number of updates made so far, that of all, and the mean of
 *   every leaf of the latest record by its place in the tree, e.g. `loss` ("record" where the probe returns one array)
 * @param options.checkpoint where to keep the state now and then; what it restores is gone on with
 * @throws UserError for steps that are no multiple of `every`, or a restored state of other sizes
 */
export async function train<S extends Tree, D extends Tree, R extends Tree>(
  { step, probe }: TrainingLoop<S, D, R>,
  initial: S,
  data: D,
  options: {
    steps: number;
    every: number;
    onRecords?: (done: number, total: number, metrics: Readonly<Record<string, number>>) => void;
    checkpoint?: Checkpoint;
  },
): Promise<TrainingRecord<S, R>> {
  const { steps, every, onRecords, checkpoint } = options;
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
  const names = leafNames(structure);
  const total = steps / every;
  const stacks = leaves.map((x) => allocate(x.dtype, (total + 1) * x.size));
  const upTo = (made: number) => stacks.map((stack, i) => stack.subarray(0, (made / every + 1) * leaves[i].size));
  const perCall = Math.max(1, Math.round(stepsPerCall / every));
  let state = initial;
  let made = 0;
  const restored = checkpoint?.restore();
  if (restored === undefined) {
    await Promise.all(leaves.map(async (x, i) => stacks[i].set(await x.data())));
  } else {
    state = restoredState(initial, restored);
    restored.records.forEach((values, i) => {
      stacks[i].set(values);
    });
    made = restored.made;
  }
  while (made < steps) {
    const count = Math.min(perCall, (steps - made) / every);
    const [next, records] = stretch(state, data, count);
    state = next;
    const begin = made / every + 1;
    await Promise.all(
      flatten(records).leaves.map(async (x, i) => stacks[i].set(await x.data(), begin * leaves[i].size)),
    );
    made += count * every;
    const latest = upTo(made).map((stack, i) => stack.subarray(stack.length - leaves[i].size));
    onRecords?.(made, steps, Object.fromEntries(latest.map((values, i) => [names[i], mean(values)])));
    const take = async (): Promise<LoopState> => ({
      made,
      state: await Promise.all(flatten(state).leaves.map((x) => x.data())),
      records: upTo(made),
    });
    await checkpoint?.keep(take, made === steps);
    await eventLoopTurn();
  }
  const records = unflatten(
    structure,
    stacks.map((data, i): NDArray => constant(data, [total + 1, ...leaves[i].shape])),
  );
  return { state, steps: Array.from({ length: total + 1 }, (_, i) => i * every), records: records as R };
}

function restoredState<S extends Tree>(initial: S, { state }: LoopState): S {
  const { leaves, structure } = flatten(initial);
  if (state.length !== leaves.length || state.some((values, i) => values.length !== leaves[i].size)) {
    const sizes = (list: readonly { length: number }[]) => `[${list.map(({ length }) => length)}]`;
    const wanted = sizes(leaves.map((x) => ({ length: x.size })));
    throw new UserError(`train: the checkpoint has leaves of sizes ${sizes(state)}, the initial state ${wanted}`);
  }
  const restored = state.map((values, i): NDArray => constant(values, leaves[i].shape));
  return unflatten(structure, restored) as S;
}

/** `loss`, `norms.0`: where each leaf stands in its tree. */
function leafNames(structure: TreeStructure, path = ''): string[] {
  if (structure === null) return [];
  if (structure === 'leaf') return [path || 'record'];
  const [keys, values] =
    'list' in structure
      ? [structure.list.map((_, i) => String(i)), structure.list]
      : [structure.keys, structure.values];
  return values.flatMap((value, i) => leafNames(value, path ? `${path}.${keys[i]}` : keys[i]));
}

const mean = (values: TypedArray): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
};
