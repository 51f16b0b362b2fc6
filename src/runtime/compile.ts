/** @file A graph compiled for the current runtime, with its number of threads chosen by timing. */
import type { TypedArray } from '../array/dtype.ts';
import { normalize } from '../array/graph.ts';
import { knownValue, type NDArray } from '../array/ndarray.ts';
import { lower } from '../onnx/lower.ts';
import { configuredThreads, currentRuntime } from './configure.ts';
import type { Runtime, Session } from './session.ts';

/** Runs on the values of the inputs; at once where the runtime and the data allow it. */
export type Executable = (inputs: readonly TypedArray[]) => readonly TypedArray[] | Promise<readonly TypedArray[]>;

/** Below this many milliseconds a call is too short for a second thread to pay. */
const tooShort = 0.15;
/** Timed calls of each candidate. */
const trials = 5;

const isPromise = <T>(x: T | Promise<T>): x is Promise<T> => x instanceof Promise;

export function compile(inputs: readonly NDArray[], outputs: readonly NDArray[]): Executable {
  const lowered = lower(inputs, normalize(outputs));
  const fed = [...inputs, ...lowered.constants];
  const values = lowered.constants.map((x) => knownValue(x)!);
  const create = (runtime: Runtime, threads: number) => runtime.create({ ...lowered, inputs: fed, threads });

  let run: Executable | Promise<Executable> | undefined;
  const start = (runtime: Runtime): Executable | Promise<Executable> => {
    const wanted = configuredThreads();
    const first = create(runtime, wanted === 'auto' ? 1 : wanted);
    const use = (session: Session): Executable =>
      wanted === 'auto' && runtime.maxThreads > 1
        ? chooseThreads(session, () => create(runtime, runtime.maxThreads) as Session)
        : (xs) => session.run(xs);
    return isPromise(first) ? first.then(use) : use(first);
  };
  return (given) => {
    if (run === undefined) {
      const runtime = currentRuntime();
      run = isPromise(runtime) ? runtime.then(start) : start(runtime);
      if (isPromise(run)) {
        run = run.then((ready) => {
          run = ready;
          return ready;
        });
      }
    }
    const pending = values.filter((v) => v.data === undefined).map((v) => v.pending!);
    if (isPromise(run) || pending.length > 0) {
      return Promise.all([run, ...pending]).then(([ready]) =>
        (ready as Executable)([...given, ...values.map((v) => v.data!)]),
      );
    }
    return values.length === 0 ? run(given) : run([...given, ...values.map((v) => v.data!)]);
  };
}

/** Times one thread, then all, in turn, and keeps the faster session. The answers are the same either way. */
function chooseThreads(single: Session, createParallel: () => Session): Executable {
  const best = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let parallel: Session | undefined;
  let calls = 0;
  let chosen: Session | undefined;
  return (xs) => {
    if (chosen !== undefined) return chosen.run(xs);
    const which = calls < 3 ? 0 : calls % 2;
    if (which === 1) parallel ??= createParallel();
    const begin = performance.now();
    const result = (which === 1 ? parallel! : single).run(xs);
    // The first call of a session warms it up; the minimum drops it.
    best[which] = Math.min(best[which], performance.now() - begin);
    calls++;
    if (calls === 3 && best[0] < tooShort) chosen = single;
    if (calls === 3 + 2 * trials) {
      chosen = best[1] < best[0] ? parallel : single;
      parallel = undefined;
    }
    return result;
  };
}
