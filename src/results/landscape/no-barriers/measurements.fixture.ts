/** @file Made-up measurements in which every claim holds, small enough to change by hand. */
import type { Measurements } from './claims.ts';
import type { ConnectedPair, Curve } from './measure/connect.ts';
import type { ConnectedNetwork } from './measure/sweep.ts';
import { type Settings, scales, settings as schema } from './settings.ts';

export const madeUpSettings: Settings = schema.parse(scales.smoke.settings);

const curve = (n: number, height: number): Curve => {
  const at = Array.from({ length: n }, (_, i) => i / (n - 1));
  const loss = at.map((a) => 0.001 + height * Math.sin(Math.PI * a));
  const error = loss.map((l) => Math.min(0.9, l));
  return { at, trainLoss: loss, testLoss: loss, trainError: error, testError: error };
};

export const connected = (barrier = 0.001, linearBarrier = 1): ConnectedPair => ({
  line: curve(51, linearBarrier),
  first: curve(41, 10 * barrier),
  best: curve(41, barrier),
  pivots: [0, 0.25, 0.5, 0.75, 1],
  bestCycle: 1,
  cycles: [
    { pivots: 5, saddle: 0.02, stretch: 1.2 },
    { pivots: 7, saddle: 0.002, stretch: 1.3 },
  ],
  gradients: 500,
  saddle: 0.001 + barrier,
  barrier,
  linearHighest: 0.001 + linearBarrier,
  linearBarrier,
  residualFraction: barrier / linearBarrier,
  testRise: 0.002,
  linearTestRise: 0.6,
});

const network = (name: string, barrier: number): ConnectedNetwork => ({
  name,
  size: 1000,
  pairs: [connected(barrier)],
  reestimated: [0.002],
});

/** All claims hold, all controls behave. */
export function madeUpMeasurements(): Measurements {
  const at = Array.from({ length: 151 }, (_, t) => 10 * t);
  return {
    potentials: {
      muller: [{ pivots: 20, tangent: 'improved', saddle: -40.66 }],
      mullerLine: 12.67,
      carton: 0.001,
      cartonSymmetric: 2,
      cartonLine: 2,
    },
    xor: [
      { hidden: 2, drawn: 32, solved: 9, error: [0.25, 0.5], saddle: [0.6, 0.7] },
      { hidden: 4, drawn: 32, solved: 20, error: [0, 0], saddle: [0.1, 0.1] },
    ],
    landscape: {
      size: 2698,
      at,
      curves: [1, 2, 3].map(() => at.map((t) => 2 * 0.8 ** (t / 10) + 0.0009)),
      pairs: [connected()],
      slice: {
        x: [0, 1, 2],
        y: [0, 1, 2],
        loss: [0, 1, 2].map((j) => [1, 2, 3 + j]),
        path: [
          [0, 0],
          [1, 1],
          [2, 0],
        ],
      },
      bezier: { saddle: 0.01, gradients: 500 },
      permuted: [{ pair: connected(), identity: 0 }],
      graph: {
        losses: [0.001, 0.001, 0.002],
        edges: [
          { a: 0, b: 1, saddle: 0.003 },
          { a: 0, b: 2, saddle: 0.004 },
          { a: 1, b: 2, saddle: 0.006 },
        ],
      },
    },
    wider: [network('mlp-3x2', 0.02), network('mlp-16x2', 0.002), network('mlp-32x2', 0.001)],
    deeper: [network('mlp-32x1', 0.005), network('mlp-32x2', 0.001)],
    cnn: network('cnn-12x1', 0.004),
  };
}
