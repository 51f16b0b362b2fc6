/** @file Graphs inside of nodes. */
import { UserError } from '../../array/errors.ts';
import type { NDArray } from '../../array/ndarray.ts';
import * as np from '../../numpy/index.ts';
import { scan } from '../../transforms/scan.ts';
import type { Operator } from '../call.ts';

/** The branch is chosen when the graph is built, as the shapes of the two may differ. */
const conditional: Operator = (call) => {
  const isTrue = call.numbers(0)[0] !== 0;
  return call.setting.run(call.attributes.graph(isTrue ? 'then_branch' : 'else_branch'), []);
};

/** States, then arrays that are read slice by slice; results: last states, then stacked outputs. */
const loop: Operator = (call) => {
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

export const control: Readonly<Record<string, Operator>> = { If: conditional, Scan: loop };
