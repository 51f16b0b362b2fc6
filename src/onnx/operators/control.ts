/** @file Graphs inside of nodes. */
import { UserError } from '../../array/errors.ts';
import { input, type NDArray } from '../../array/ndarray.ts';
import * as np from '../../numpy/index.ts';
import { cond } from '../../transforms/cond.ts';
import { scan } from '../../transforms/scan.ts';
import { whileLoop } from '../../transforms/while.ts';
import { isKnown, knownNumbers, type Operator } from '../call.ts';

/** Most steps of a loop that is unfolded in memory as a list of its counters. */
const mostSteps = 2 ** 24;

/** A condition whose value is known picks its branch, whose results may then differ in shape from the other's. */
const conditional: Operator = (call) => {
  const condition = np.reshape(call.input(0), []);
  const branch = (name: string) => (): readonly NDArray[] => call.setting.run(call.attributes.graph(name), []);
  const [onTrue, onFalse] = [branch('then_branch'), branch('else_branch')];
  if (!isKnown(condition)) return cond(condition, onTrue, onFalse);
  return (knownNumbers(condition, 'the condition')[0] !== 0 ? onTrue : onFalse)();
};

/**
 * Inputs: most steps, whether to begin, states; the body also gets the number of the step, and says whether to go on. A
 * loop that always goes on is a scan, which can stack outputs and be differentiated both ways.
 */
const loop: Operator = (call) => {
  const body = call.attributes.graph('body');
  const init = Array.from({ length: Math.max(0, call.count - 2) }, (_, i) => call.input(2 + i));
  const begins = call.optional(1) === undefined ? np.array(true) : np.reshape(call.input(1), []);
  const limit = call.optional(0) === undefined ? undefined : np.reshape(call.input(0), []);
  const step = (i: NDArray, goes: NDArray, states: readonly NDArray[]): readonly NDArray[] => {
    const results = call.setting.run(body, [i, goes, ...states]);
    if (results.length < 1 + states.length)
      throw new UserError(`has a body of ${results.length} outputs for ${states.length} states`);
    return results;
  };
  const isTrue = (x: NDArray) => isKnown(x) && knownNumbers(x, 'the condition')[0] !== 0;
  const [goesOn] = step(
    input({ shape: [], dtype: 'int32' }),
    np.array(true),
    init.map((x) => input(x)),
  );
  if (limit !== undefined && isKnown(limit) && isTrue(begins) && isTrue(goesOn)) {
    const [length] = knownNumbers(limit, 'the number of steps');
    if (length < 0 || length > mostSteps) throw new UserError(`takes ${length} steps; 0 to ${mostSteps} are supported`);
    const [last, stacked] = scan(
      (states: readonly NDArray[], i: NDArray): readonly [readonly NDArray[], readonly NDArray[]] => {
        const [, ...results] = step(i, np.array(true), states);
        return [results.slice(0, init.length), results.slice(init.length)];
      },
      init,
      np.arange(length),
    );
    return [...last, ...stacked];
  }
  if (body.outputs.length > 1 + init.length)
    throw new UserError('stacks outputs of steps whose number is not known when the graph is built');
  const [, , ...last] = whileLoop(
    ([i, goes]: readonly NDArray[]): NDArray => (limit === undefined ? goes : np.logicalAnd(goes, np.less(i, limit))),
    ([i, goes, ...states]: readonly NDArray[]): readonly NDArray[] => {
      const [next, ...results] = step(i, goes, states);
      return [np.add(i, 1), np.reshape(next, []), ...results];
    },
    [np.array(0, { dtype: 'int32' }), begins, ...init],
  );
  return last;
};

/** States, then arrays that are read slice by slice; results: last states, then stacked outputs. */
const scanning: Operator = (call) => {
  const { attributes, inputs } = call;
  const body = attributes.graph('body');
  const sliced = attributes.int('num_scan_inputs');
  const states = inputs.length - sliced;
  const stacked = body.outputs.length - states;
  if (sliced < 1 || states < 0 || stacked < 0)
    throw new UserError(
      `num_scan_inputs ${sliced} does not fit ${inputs.length} inputs and ${body.outputs.length} outputs`,
    );
  const flags = (name: string, count: number) => {
    const list = attributes.ints(name, new Array<number>(Math.min(count, body.outputs.length + inputs.length)).fill(0));
    if (list.length !== count) throw new UserError(`needs ${count} ${name}, got ${list.length}`);
    return list;
  };
  const axesFirst = (x: NDArray, axis: number) => np.moveaxis(x, axis, 0);
  const directions = flags('scan_input_directions', sliced);
  const backwards = flags('scan_output_directions', stacked);
  const axesIn = flags('scan_input_axes', sliced);
  const axesOut = flags('scan_output_axes', stacked);
  // All in one direction: a scan that way round. What goes the other way is turned around.
  const reverse = directions.every((d) => d === 1);
  const turned = (x: NDArray, direction: number) => ((direction === 1) === reverse ? x : np.flip(x, 0));
  const slices = inputs.slice(states).map((x, i) => turned(axesFirst(x, axesIn[i]), directions[i]));
  const [last, ys] = scan(
    (state: readonly NDArray[], xs: readonly NDArray[]): readonly [readonly NDArray[], readonly NDArray[]] => {
      const results = call.setting.run(body, [...state, ...xs]);
      return [results.slice(0, states), results.slice(states)];
    },
    inputs.slice(0, states),
    slices,
    { reverse },
  );
  return [...last, ...ys.map((y, i) => np.moveaxis(turned(y, backwards[i]), 0, axesOut[i]))];
};

export const control: Readonly<Record<string, Operator>> = { If: conditional, Loop: loop, Scan: scanning };
