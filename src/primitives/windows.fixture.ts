/** @file Records of convolutions and pooling: small arrays, windows that move in every way. */
import fc from 'fast-check';
import { distinct } from '../array/testing.fixture.ts';
import { convolution, type Geometry, type Role } from './convolution.ts';
import { maxPool } from './pooling.ts';
import { type Case, floats, type OpRecord, wide } from './records.fixture.ts';

/** One spatial axis: how a window moves over it, any number of zeros (or of elements cut off) at either end. */
const axis = fc
  .record({
    space: fc.integer({ min: 1, max: 5 }),
    window: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    before: fc.integer({ min: -1, max: 3 }),
    steps: fc.integer({ min: 1, max: 3 }),
  })
  // An end that is cut off must leave something.
  .filter(({ space, before }) => space + before > 0);

type AxisGeometry = typeof axis extends fc.Arbitrary<infer T> ? T : never;

const axesOf = (a: readonly AxisGeometry[], key: keyof AxisGeometry): number[] => a.map((x) => x[key]);

const geometry = (list: readonly AxisGeometry[]): Omit<Geometry, 'groups'> => ({
  stride: axesOf(list, 'stride'),
  dilation: axesOf(list, 'dilation'),
  before: axesOf(list, 'before'),
  space: axesOf(list, 'space'),
  window: axesOf(list, 'window'),
  steps: axesOf(list, 'steps'),
});

const small = fc.integer({ min: 1, max: 2 });

const convolving = (result: Role): fc.Arbitrary<Case> =>
  fc
    .tuple(fc.array(axis, { minLength: 1, maxLength: 2 }), small, small, small, small)
    .map(([axes, batch, groups, channels, outputs]) => {
      const g = geometry(axes);
      const shapes = {
        x: [batch, groups * channels, ...g.space],
        kernel: [groups * outputs, channels, ...g.window],
        y: [batch, groups * outputs, ...g.steps],
      };
      const operands = (['x', 'kernel', 'y'] as const).filter((role) => role !== result);
      return {
        operands: operands.map((role) => ({ shape: shapes[role], values: wide })),
        f: (a, b) => convolution(a, b, { ...g, groups, result }),
        note: `${result} ${JSON.stringify({ ...g, groups })}`,
      };
    });

const pooling: fc.Arbitrary<Case> = fc
  .tuple(fc.array(axis, { minLength: 1, maxLength: 2 }), small, small)
  .map(([axes, batch, channels]) => {
    const space = axes.map((a) => Math.max(a.space, a.dilation * (a.window - 1) + 1));
    const outside = (n: number, i: number) => Math.min(Math.max(0, n), axes[i].window - 1);
    const { window, stride, dilation } = geometry(axes);
    const before = axes.map((a, i) => outside(a.before, i));
    const after = axes.map((a, i) => outside(a.steps - 1, i));
    const g = { window, stride, dilation, before, after };
    return {
      operands: [{ shape: [batch, channels, ...space], values: distinct }],
      f: (x) => maxPool(x, g)[0],
      note: JSON.stringify(g),
    };
  });

export const sumsOfProducts: OpRecord['tolerance'] = {
  float32: { relative: 2e-5, absolute: 2e-5, cause: 'sums of dozens of products' },
  float64: { relative: 4e-14, absolute: 4e-14, cause: 'sums of dozens of products' },
};

/** A function, because the table of all records imports this file and is imported by it. */
export const windowRecords = (): readonly OpRecord[] => [
  ...(['x', 'kernel', 'y'] as const).map(
    (result): OpRecord => ({
      name: `convolution (${result})`,
      dtypes: floats,
      derivative: 'smooth',
      cases: convolving(result),
      tolerance: sumsOfProducts,
    }),
  ),
  { name: 'maxPool', dtypes: floats, derivative: 'smooth', cases: pooling },
];
