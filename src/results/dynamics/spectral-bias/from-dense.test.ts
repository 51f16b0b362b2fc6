import { expect, it } from 'vitest';
import * as nn from '../../../nn/index.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { piecewiseLinearNet } from './from-dense.ts';
import { evaluate } from './piecewise-linear-net.ts';
import { linearRegions1d } from './regions.ts';
import { predictedLearningTimes } from './tangent-kernel.ts';

const net = nn.mlp([1, 16, 16, 1]);
const params = net.init(random.key(7));

it('is the same function as the network, and its regions reproduce the forward pass', async () => {
  const exact = await piecewiseLinearNet(params);
  const x = Float64Array.from({ length: 50 }, (_, i) => -1 + i / 25);
  const forward = await net.apply(params, np.array(Float32Array.from(x), { shape: [50, 1] })).data();
  const values = evaluate(exact, x);
  for (let i = 0; i < 50; i++) expect(values[i]).toBeCloseTo(forward[i], 5);
  const { breakpoints, slopes, intercepts } = linearRegions1d(exact, -1, 1);
  for (let i = 0; i < slopes.length; i++) {
    const middle = (breakpoints[i] + breakpoints[i + 1]) / 2;
    expect(slopes[i] * middle + intercepts[i]).toBeCloseTo(evaluate(exact, Float64Array.of(middle))[0], 9);
  }
});

it('predicts later times for higher frequencies on the circle, and half the time for twice the step size', async () => {
  const onCircle = nn.mlp([2, 64, 1]);
  const n = 16;
  const angle = np.multiply(2 * Math.PI, np.linspace(0, 1, n, false));
  const x = np.stack([np.cos(angle), np.sin(angle)], 1);
  const f = (p: readonly nn.Dense[], xi: np.NDArray) => np.squeeze(onCircle.apply(p, xi));
  const start = onCircle.init(random.key(1));
  const slow = await predictedLearningTimes(f, start, x, { frequencies: [1, 2, 3], eta: 1e-4 });
  const fast = await predictedLearningTimes(f, start, x, { frequencies: [1, 2, 3], eta: 2e-4 });
  expect(slow.steps[0]).toBeLessThan(slow.steps[1]);
  expect(slow.steps[1]).toBeLessThan(slow.steps[2]);
  expect(slow.steps[0] / fast.steps[0]).toBeCloseTo(2, 2);
});
