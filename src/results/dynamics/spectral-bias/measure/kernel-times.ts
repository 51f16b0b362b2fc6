/** @file Claim B10: the tangent kernel at initialisation predicts when each frequency is learned (our addition). */
import type { NDArray } from '../../../../array/ndarray.ts';
import { sinusoids } from '../../../../data/index.ts';
import { eigh } from '../../../../linalg/index.ts';
import type { Dense } from '../../../../nn/index.ts';
import * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import { jit } from '../../../../runtime/index.ts';
import { grad, vmap } from '../../../../transforms/index.ts';
import type { FollowedLoop, RunContext } from '../../../contract.ts';
import { predictedTimes } from '../learning-times.ts';
import { circle } from '../manifold.ts';
import { capturedFractions } from '../spectral-trace.ts';
import { tangentKernel } from '../tangent-kernel.ts';
import { byRun, grid, randomPhases, rows } from './runs.ts';

export interface KernelTimesSettings {
  readonly samples: number;
  readonly frequencies: readonly number[];
  readonly width: number;
  readonly hiddenLayers: number;
  /** Of every sinusoid of the target: the smaller, the less the kernel moves while the target is learned. */
  readonly amplitude: number;
  /** The longest training, in updates. */
  readonly steps: number;
}

export interface KernelTimes {
  /** [seed][frequency]; NaN where the residual has not halved within the training. */
  readonly circle: { readonly predicted: number[][]; readonly measured: number[][] };
  readonly interval: { readonly predicted: number[][]; readonly measured: number[][] };
  /** Residual of the first seed on the circle, relative to the start: [step][frequency]. */
  readonly residual: number[][];
}

async function times(
  settings: KernelTimesSettings,
  inputs: NDArray,
  keys: NDArray,
  targets: readonly ArrayLike<number>[],
  followed: FollowedLoop,
) {
  const { frequencies, width, hiddenLayers, steps } = settings;
  const [n, d] = inputs.shape;
  const seeds = targets.length;
  const net = nn.mlp([d, ...new Array<number>(hiddenLayers).fill(width), 1], {
    weight: nn.initializers.heNormal,
    bias: nn.initializers.normal(0.3),
  });
  const params = jit(vmap(net.init))(keys);
  const single = (p: readonly Dense[], x: NDArray) => np.squeeze(net.apply(p, x));
  const outputs = (p: readonly Dense[]) => np.squeeze(net.apply(p, inputs), -1);
  const theta = await jit(vmap((p: readonly Dense[]) => tangentKernel(single, p, inputs)))(params).data();

  const predicted: number[][] = [];
  const eta: number[] = [];
  for (let s = 0; s < seeds; s++) {
    const kernel = Float64Array.from(theta.subarray(s * n * n, (s + 1) * n * n));
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) kernel[i * n + j] = kernel[j * n + i];
    const { values } = eigh(kernel, n);
    eta.push(n / (4 * values[n - 1]));
    predicted.push(Array.from(predictedTimes({ theta: kernel, n, frequencies, eta: eta[s] }).steps));
  }

  // Training on target + initial output makes the first residual the pure target.
  const data = { eta: np.array(eta), target: np.add(rows(targets), jit(vmap(outputs))(params)) };
  type Data = typeof data;
  const loss = (p: readonly Dense[], target: NDArray) => nn.meanSquaredError(outputs(p), target);
  const step = vmap((p: readonly Dense[], { eta: rate, target }: Data) =>
    np.treeMap((x, g) => np.subtract(x, np.multiply(rate, g)), p, grad(loss)(p, target)),
  );
  const unit = np.ones([frequencies.length]);
  const probe = vmap((p: readonly Dense[], { target }: Data) =>
    capturedFractions(np.subtract(outputs(p), target), frequencies, unit),
  );
  const { records } = await nn.train({ step, probe }, params, data, { steps, every: 1, ...followed });
  const residual = await byRun(records);
  const measured = residual.map((run) =>
    frequencies.map((_, k) => {
      const t = run.findIndex((r) => r[k] <= 0.5 * run[0][k]);
      return t < 0 ? Number.NaN : t;
    }),
  );
  return { predicted, measured, residual };
}

export async function measureKernelTimes(settings: KernelTimesSettings, context: RunContext): Promise<KernelTimes> {
  const { samples: n, frequencies, amplitude } = settings;
  const { seeds, follow } = context;
  const keys = random.split(random.foldIn(random.key(context.seed), 5), 2);
  const phases = await randomPhases(np.slice(keys, 0), seeds, frequencies.length);
  const targets = phases.map((p) =>
    sinusoids({ frequencies, amplitudes: frequencies.map(() => amplitude), phases: p, n }),
  );
  const initKeys = random.split(np.slice(keys, 1), seeds);
  const unitCircle = circle(1);
  const onCircle = np.array(
    Float32Array.from({ length: 2 * n }, (_, i) => unitCircle.point(Math.floor(i / 2) / n)[i % 2]),
    { shape: [n, 2] },
  );
  const first = await times(settings, onCircle, initKeys, targets, follow('gradient descent on the circle'));
  const second = await times(settings, grid(n), initKeys, targets, follow('gradient descent on the interval'));
  return {
    circle: { predicted: first.predicted, measured: first.measured },
    interval: { predicted: second.predicted, measured: second.measured },
    residual: first.residual[0].map((r) => r.map((value, k) => value / first.residual[0][0][k])),
  };
}
