/** @file Records of convolutions and pooling as users call them. */
import fc from 'fast-check';
import { distinct } from '../array/testing.fixture.ts';
import { type Case, floats, type OpRecord, wide } from '../primitives/records.fixture.ts';
import { sumsOfProducts } from '../primitives/windows.fixture.ts';
import { averagePool, conv, convTranspose, maxPool } from './convolution.ts';

const small = fc.integer({ min: 1, max: 2 });

/** Options that fit any plane of at least 4 elements along each axis. */
const moves = (rank: number) => {
  const each = (arbitrary: fc.Arbitrary<number>) =>
    fc.oneof(arbitrary, fc.array(arbitrary, { minLength: rank, maxLength: rank }));
  const pair = fc.tuple(fc.nat(2), fc.nat(2)).map(([a, b]): [number, number] => [a, b]);
  return fc.record(
    {
      stride: each(small),
      dilation: each(small),
      padding: fc.oneof(
        fc.constant('same' as const),
        fc.nat(2),
        fc.array(fc.oneof(fc.nat(2), pair), { minLength: rank, maxLength: rank }),
      ),
    },
    { requiredKeys: [] },
  );
};

interface Plane {
  readonly batch: number;
  readonly channels: number;
  readonly space: number[];
  readonly window: number[];
}

const plane: fc.Arbitrary<Plane> = fc.integer({ min: 1, max: 2 }).chain((rank) =>
  fc.record({
    batch: small,
    channels: small,
    space: fc.array(fc.integer({ min: 4, max: 6 }), { minLength: rank, maxLength: rank }),
    window: fc.array(fc.integer({ min: 1, max: 2 }), { minLength: rank, maxLength: rank }),
  }),
);

const convolving = (transposed: boolean): fc.Arbitrary<Case> =>
  fc.tuple(plane, small, small).chain(([p, groups, outputs]) =>
    moves(p.space.length).map((options): Case => {
      const kernel = transposed ? [groups * p.channels, outputs] : [groups * outputs, p.channels];
      // What is left of a transposed convolution depends on the padding: a window of 2 steps is enough for any here.
      const padding = transposed && options.padding !== 'same' ? 0 : options.padding;
      const all = { ...options, padding, groups };
      return {
        operands: [
          { shape: [p.batch, groups * p.channels, ...p.space], values: wide },
          { shape: [...kernel, ...p.window], values: wide },
        ],
        f: (x, k) => (transposed ? convTranspose(x, k, all) : conv(x, k, all)),
        note: JSON.stringify(all),
      };
    }),
  );

const pooling = (kind: 'max' | 'average'): fc.Arbitrary<Case> =>
  fc.tuple(plane, fc.boolean()).chain(([p, countPadding]) =>
    moves(p.space.length).map(({ padding, ...rest }): Case => {
      // Padding stays below the window's reach.
      const options = { ...rest, ...(padding === 'same' && kind === 'average' && { padding }) };
      return {
        operands: [{ shape: [p.batch, p.channels, ...p.space], values: kind === 'max' ? distinct : wide }],
        f: (x) =>
          kind === 'max' ? maxPool(x, p.window, options) : averagePool(x, p.window, { ...options, countPadding }),
        note: JSON.stringify({ window: p.window, countPadding, ...options }),
      };
    }),
  );

const record = (name: string, cases: fc.Arbitrary<Case>): OpRecord => ({
  name: `np.${name}`,
  dtypes: floats,
  derivative: 'smooth',
  cases,
  tolerance: sumsOfProducts,
});

export const convolutions: readonly OpRecord[] = [
  record('conv', convolving(false)),
  record('convTranspose', convolving(true)),
  record('maxPool', pooling('max')),
  record('averagePool', pooling('average')),
];
