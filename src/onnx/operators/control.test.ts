import { beforeAll, describe, expect, test } from 'vitest';
import { hostArray, listOf } from '../../array/testing.fixture.ts';
import * as np from '../../numpy/index.ts';
import { testRuntime } from '../../primitives/forward.fixture.ts';
import { configure, jit } from '../../runtime/index.ts';
import { grad } from '../../transforms/index.ts';
import { fileOf, node, number, runFile, tensor, value, weights } from '../files.fixture.ts';
import { importOnnx } from '../import.ts';
import type { OnnxNode } from '../model.ts';

beforeAll(() => configure(testRuntime));

describe('graphs inside of nodes', () => {
  const branch = (name: string, type: string) => ({
    nodes: [node(type, ['x', 'one'], name)],
    initializers: [],
    inputs: [],
    outputs: [{ name, dtype: null, shape: [] }],
  });

  test('If with a known condition', async () => {
    for (const condition of [0, 1]) {
      const bytes = fileOf({
        nodes: [node('If', ['condition'], 'y', { then_branch: branch('t', 'Add'), else_branch: branch('e', 'Sub') })],
        initializers: [number('condition', condition, 'bool'), number('one', 1)],
        inputs: [value('x', [2])],
        outputs: ['y'],
      });
      const { params, apply } = importOnnx(bytes);
      expect(listOf(apply(params, { x: np.array([3, 4]) }).y)).toEqual(condition ? [4, 5] : [2, 3]);
    }
  });

  test('If with a condition that is computed, and its gradient', async () => {
    const bytes = fileOf({
      nodes: [
        node('ReduceSum', ['x'], 'sum', { keepdims: 0 }),
        node('Greater', ['sum', 'zero'], 'condition'),
        node('If', ['condition'], 'y', { then_branch: branch('t', 'Mul'), else_branch: branch('e', 'Sub') }),
      ],
      initializers: [number('zero', 0), number('one', 3)],
      inputs: [value('x', [2])],
      outputs: ['y'],
    });
    const { params, apply } = importOnnx(bytes);
    const f = jit((x: np.NDArray) => apply(params, { x }).y);
    expect(Array.from(await f(np.array([1, 2])).data())).toEqual([3, 6]);
    expect(Array.from(await f(np.array([1, -2])).data())).toEqual([-2, -5]);
    const slope = jit(grad((x: np.NDArray) => np.sum(apply(params, { x }).y)));
    expect(Array.from(await slope(np.array([1, 2])).data())).toEqual([3, 3]);
  });

  test('Loop: a known number of steps, whose outputs are stacked; and until a condition fails', async () => {
    const doubling = (goesOn: OnnxNode[], ...more: string[]) => ({
      nodes: [node('Add', ['s', 's'], 't'), ...goesOn, node('Identity', ['t'], 'u')],
      initializers: [],
      inputs: [value('i', [], 'int64'), value('c', [], 'bool'), value('s', [2])],
      outputs: [value('d', [], 'bool'), value('t', [2]), ...more.map((name) => value(name, [2]))],
    });
    const given = { x: hostArray([1, -2], [2], 'float32') };
    const counted = fileOf({
      nodes: [
        {
          type: 'Loop',
          inputs: ['n', '', 'x'],
          outputs: ['last', 'all'],
          attributes: { body: doubling([node('Identity', ['c'], 'd')], 'u') },
        },
      ],
      initializers: [{ ...tensor([3], []), name: 'n' }],
      inputs: [value('x', [2])],
      outputs: ['last', 'all'],
    });
    const conditional = fileOf({
      nodes: [
        {
          type: 'Loop',
          inputs: ['', 'yes', 'x'],
          outputs: ['last'],
          attributes: {
            body: doubling([node('ReduceMax', ['t'], 'most', { keepdims: 0 }), node('Less', ['most', 'limit'], 'd')]),
          },
        },
      ],
      initializers: [number('yes', 1, 'bool'), number('limit', 20)],
      inputs: [value('x', [2])],
      outputs: ['last'],
    });
    for (const bytes of [counted, conditional]) {
      const expected = await runFile(bytes, given);
      const { params, apply } = importOnnx(bytes);
      const found = jit((x: np.NDArray) => apply(params, { x }))(np.array([1, -2]));
      for (const [name, want] of Object.entries(expected)) {
        expect(found[name].shape).toEqual(want.shape);
        expect(Array.from(await found[name].data())).toEqual(Array.from(want.data));
      }
    }
  });

  test('Scan in both directions, with an axis of its own', async () => {
    const body = {
      nodes: [node('Add', ['s', 'e'], 't'), node('Mul', ['t', 'w'], 'u'), node('Identity', ['u'], 'v')],
      initializers: [],
      inputs: [value('s', [2]), value('e', [2])],
      outputs: [value('u', [2]), value('v', [2])],
    };
    for (const directions of [
      [0, 0],
      [1, 1],
      [0, 1],
      [1, 0],
    ]) {
      const attributes = {
        body,
        num_scan_inputs: 1,
        scan_input_directions: [directions[0]],
        scan_output_directions: [directions[1]],
        scan_input_axes: [1],
        scan_output_axes: [1],
      };
      const bytes = fileOf({
        nodes: [{ type: 'Scan', inputs: ['s0', 'x'], outputs: ['last', 'all'], attributes }],
        initializers: [weights('w', 2)],
        inputs: [value('s0', [2]), value('x', [2, 3])],
        outputs: ['last', 'all'],
      });
      const given = { s0: hostArray([1, 2], [2], 'float32'), x: hostArray([1, 2, 3, 4, 5, 6], [2, 3], 'float32') };
      const expected = await runFile(bytes, given);
      const { params, apply } = importOnnx(bytes);
      const found = apply(params, {
        s0: np.array([1, 2]),
        x: np.array([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      });
      for (const name of ['last', 'all']) {
        const data = await found[name].data();
        expect(found[name].shape).toEqual(expected[name].shape);
        data.forEach((x, i) => {
          expect(x).toBeCloseTo(expected[name].data[i], 5);
        });
      }
    }
  });
});
