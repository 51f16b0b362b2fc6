/** @file A graph compiled for the current runtime, with its number of threads chosen by timing. */
import { UserError } from '../array/errors.ts';
import { hostData, knownValue, type NDArray, type Value } from '../array/ndarray.ts';
import { lower } from '../onnx/lower.ts';
import { prepare } from '../transforms/prepare.ts';
import { configuredThreads, currentRuntime } from './configure.ts';
import { eventLoopTurn } from './event-loop.ts';
import type { Runtime, Session } from './session.ts';

/** Runs on the values of the inputs; at once where the runtime and the data allow it. */
export type Executable = (inputs: readonly Value[]) => readonly Value[] | Promise<readonly Value[]>;

/** Below this many milliseconds a call is too short for a second thread to pay. */
const tooShort = 0.15;
/** A candidate is known after this many calls, or after calls of this many milliseconds in all. */
const trials = { calls: 6, milliseconds: 300 };

/** A graph loaded into a runtime. */
interface Loaded {
  readonly runtime: Runtime;
  /** Values of the graph's large constants, fed after the inputs. */
  readonly constants: readonly Value[];
  readonly run: Executable;
  readonly release: () => void;
}

const isPromise = <T>(x: T | Promise<T>): x is Promise<T> => x instanceof Promise;

/** @param name of the function that is compiled, for messages */
export const compile = (inputs: readonly NDArray[], outputs: readonly NDArray[], name: string): Executable =>
  compiled(inputs, outputs, name).run;

/**
 * The values of a graph without inputs. Its session is released at once: collected only when the collector thinks that
 * memory is short, of which it sees the least part, the sessions of a long computation would fill the machine.
 */
export async function computeOnce(outputs: readonly NDArray[], name: string): Promise<readonly Value[]> {
  const { run, release } = compiled([], outputs, name);
  try {
    return await run([]);
  } finally {
    release();
    await eventLoopTurn();
  }
}

function compiled(
  inputs: readonly NDArray[],
  outputs: readonly NDArray[],
  name: string,
): { readonly run: Executable; readonly release: () => void } {
  const prepared = prepare(outputs);
  const start = (runtime: Runtime): Loaded | Promise<Loaded> => {
    const lowered = lower(inputs, prepared, runtime.channelBlock);
    const fed = [...inputs, ...lowered.constants];
    const constants = lowered.constants.map((x) => knownValue(x)!);
    const create = (threads: number) => runtime.create({ ...lowered, inputs: fed, threads });
    if (runtime.device === 'webgpu' && (lowered.float64 || [...fed, ...outputs].some((x) => x.dtype === 'float64'))) {
      throw new UserError(
        `${name} computes in float64, which WebGPU does not have: use float32 there (np.astype(x, 'float32')), or configure({ device: 'cpu' })`,
      );
    }
    const wanted = configuredThreads();
    const first = create(wanted === 'auto' ? 1 : wanted);
    const use = (session: Session): Loaded => ({
      runtime,
      constants,
      run:
        wanted === 'auto' && runtime.maxThreads > 1
          ? chooseThreads(session, () => create(runtime.maxThreads) as Session)
          : (xs) => session.run(xs),
      // Results on another device are its session's.
      release: () => runtime.device === 'cpu' && session.release(),
    });
    return isPromise(first) ? first.then(use) : use(first);
  };
  let loaded: Loaded | Promise<Loaded> | undefined;
  const load = (): Loaded | Promise<Loaded> => {
    const runtime = currentRuntime();
    const started = isPromise(runtime) ? runtime.then(start) : start(runtime);
    if (!isPromise(started)) return started;
    started.then(
      (ready) => {
        loaded = ready;
      },
      () => {
        loaded = undefined; // a later call tries again
      },
    );
    return started;
  };
  const run: Executable = (given) => {
    loaded ??= load();
    if (isPromise(loaded)) return runWhenReady(loaded, given);
    const { runtime, constants, run } = loaded;
    const values = constants.length === 0 ? given : [...given, ...constants];
    return values.every(runtime.accepts) ? run(values) : runWhenReady(loaded, given);
  };
  return { run, release: () => loaded !== undefined && !isPromise(loaded) && loaded.release() };
}

async function runWhenReady(loading: Loaded | Promise<Loaded>, given: readonly Value[]): Promise<readonly Value[]> {
  const { runtime, constants, run } = await loading;
  const values = [...given, ...constants];
  await Promise.all(values.map((v) => (v.data === undefined && v.device === undefined ? v.pending : undefined)));
  await Promise.all(values.map((v) => (runtime.accepts(v) ? undefined : hostData(v))));
  return run(values);
}

interface Candidate {
  readonly session: Session;
  calls: number;
  spent: number;
  best: number;
}

/** Times one thread and all in turn, and keeps the faster session only. The answers are the same either way. */
function chooseThreads(single: Session, createParallel: () => Session): Executable {
  const candidate = (session: Session): Candidate => ({ session, calls: 0, spent: 0, best: Number.POSITIVE_INFINITY });
  const isKnown = ({ calls, spent }: Candidate) => calls >= trials.calls || spent >= trials.milliseconds;
  const one = candidate(single);
  let all: Candidate | undefined;
  let chosen: Session | undefined;
  return (xs) => {
    if (chosen !== undefined) return chosen.run(xs);
    // The first call of a session warms it up, so that one call says little about a short graph.
    if (all === undefined && (one.calls >= 3 || isKnown(one))) all = candidate(createParallel());
    const current = all === undefined || (!isKnown(one) && one.calls <= all.calls) ? one : all;
    const begin = performance.now();
    const result = current.session.run(xs);
    const milliseconds = performance.now() - begin;
    current.calls++;
    current.spent += milliseconds;
    current.best = Math.min(current.best, milliseconds);
    if (one.calls === 3 && one.best < tooShort) chosen = single;
    else if (all !== undefined && isKnown(one) && isKnown(all)) {
      const [better, worse] = all.best < one.best ? [all, one] : [one, all];
      chosen = better.session;
      worse.session.release();
    }
    return result;
  };
}
