/** @file A graph compiled for the current runtime, with its number of threads chosen by timing. */
import type { TypedArray } from '../array/dtype.ts';
import { knownValue, type NDArray } from '../array/ndarray.ts';
import { lower } from '../onnx/lower.ts';
import { prepare } from '../transforms/prepare.ts';
import { configuredThreads, currentRuntime } from './configure.ts';
import type { Runtime, Session } from './session.ts';

/** Runs on the values of the inputs; at once where the runtime and the data allow it. */
export type Executable = (inputs: readonly TypedArray[]) => readonly TypedArray[] | Promise<readonly TypedArray[]>;

/** Below this many milliseconds a call is too short for a second thread to pay. */
const tooShort = 0.15;
/** A candidate is known after this many calls, or after calls of this many milliseconds in all. */
const trials = { calls: 6, milliseconds: 300 };

const isPromise = <T>(x: T | Promise<T>): x is Promise<T> => x instanceof Promise;

export function compile(inputs: readonly NDArray[], outputs: readonly NDArray[]): Executable {
  const lowered = lower(inputs, prepare(outputs));
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

interface Candidate {
  readonly session: Session;
  calls: number;
  spent: number;
  best: number;
}

/** Times one thread and all in turn, and keeps the faster session. The answers are the same either way. */
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
    else if (all !== undefined && isKnown(one) && isKnown(all)) chosen = all.best < one.best ? all.session : single;
    return result;
  };
}
