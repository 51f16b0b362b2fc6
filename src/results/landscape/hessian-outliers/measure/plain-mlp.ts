/** @file Claims H1 and H6 on a plain MLP 196-10-10-10, small enough for its matrices: the split entry by entry, and the Hessian. */

import type { LabelledImages } from '../../../../data/index.ts';
import { lanczosEigenpairs } from '../../../../linalg/index.ts';
import * as nn from '../../../../nn/index.ts';
import * as np from '../../../../numpy/index.ts';
import * as random from '../../../../random/index.ts';
import type { RunContext } from '../../../contract.ts';
import { crossEntropyGaussNewton, crossEntropyHessian } from '../curvature.ts';
import { hessianOutlierDecomposition } from '../decomposition.ts';
import { drawn } from './images.ts';
import type { Network } from './networks.ts';
import { start } from './outliers.ts';
import { denseSplitErrors, type SplitErrors } from './split.ts';
import { type Fitted, type TrainingSettings, trainNetworks } from './training.ts';

/** Leading eigenvalues of the Hessian and of its Gauss-Newton part, and the most negative one of the Hessian. */
export interface HessianComparison {
  readonly hessian: readonly number[];
  readonly gaussNewton: readonly number[];
  readonly smallest: number;
}

export interface PlainMlp {
  /** Of the first seed. */
  readonly split: SplitErrors;
  /** Relative error of eigenvalues and traces where they are known in closed form. */
  readonly closedForm: number;
  /** [seed] */
  readonly loss: readonly number[];
  readonly trained: readonly HessianComparison[];
  readonly untrained: readonly HessianComparison[];
}

const compared = 10;

export async function measurePlainMlp(
  set: LabelledImages,
  settings: TrainingSettings & { readonly perClass: number },
  context: RunContext,
): Promise<PlainMlp> {
  const images = Array.from({ length: context.seeds }, (_, s) =>
    drawn(
      set,
      settings.perClass,
      set.classNames.map((__, c) => c),
      context.seed * context.seeds + s,
    ),
  );
  const [channels, height, width] = set.shape;
  const mlp = nn.mlp([channels * height * width, 10, 10, set.classNames.length]);
  const net: Network = {
    init: (key) => ({ params: mlp.init(key), state: null }),
    apply: (params, state, x) => [mlp.apply(params as readonly nn.Dense[], np.reshape(x, [x.shape[0], -1])), state],
    rates: 1,
  };
  const key = random.foldIn(random.key(context.seed), 1);
  const { trained, untrained, loss } = await trainNetworks(net, images, settings, context, {
    name: 'training the plain MLP',
    key,
  });
  const found = { trained: [] as HessianComparison[], untrained: [] as HessianComparison[] };
  for (const [s, after] of trained.entries()) {
    found.trained.push(await comparison(after));
    found.untrained.push(await comparison(untrained[s]));
    context.progress({ stage: 'Hessian of the plain MLP', done: s + 1, total: trained.length });
  }
  return {
    split: await denseSplitErrors(inDouble(trained[0])),
    closedForm: await closedFormError(4),
    loss,
    ...found,
  };
}

async function comparison({ model, params, data }: Fitted): Promise<HessianComparison> {
  const size = np.treeLeaves(params).reduce((sum, x) => sum + x.size, 0);
  const hessian = crossEntropyHessian(model, params, data);
  const first = start(size, 3);
  const top = await lanczosEigenpairs(hessian, first, compared);
  const bottom = await lanczosEigenpairs(hessian, first, 1, { which: 'smallest' });
  const G = await lanczosEigenpairs(crossEntropyGaussNewton(model, params, data), first, compared);
  return { hessian: Array.from(top.values), gaussNewton: Array.from(G.values), smallest: bottom.values[0] };
}

const inDouble = ({ model, params, data }: Fitted): Fitted => ({
  model,
  params: np.treeMap((x) => np.astype(x, 'float64'), params),
  data: data.map(({ x, labels }) => ({ x: np.astype(x, 'float64'), labels })),
});

/**
 * For logits W x with W = 0 and one sample e_c of each class: C eigenvalues 1/C^3 of G1, and the traces (C-1)/C^2, 1/C^2,
 * (C-2)/C and 0 of the parts.
 */
export async function closedFormError(classes: number): Promise<number> {
  const linear = (w: np.NDArray, x: np.NDArray) => np.matmul(x, w);
  const labels = Array.from({ length: classes }, (_, c) => c);
  const data = [{ x: np.eye(classes, classes, 'float64'), labels }];
  const found = await hessianOutlierDecomposition(linear, np.zeros([classes, classes], 'float64'), data);
  const { G0, G1, G2, G3 } = found.traces;
  return Math.max(
    ...Array.from(found.eigenvalues.G1, (value) => Math.abs(value * classes ** 3 - 1)),
    Math.abs((G0 * classes ** 2) / (classes - 1) - 1),
    Math.abs(G1 * classes ** 2 - 1),
    Math.abs((G2 * classes) / (classes - 2) - 1),
    Math.abs(G3),
  );
}
