/** A small classification problem and its network. */
import { clusteredClasses } from '../../../data/index.ts';
import * as nn from '../../../nn/index.ts';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { type Examples, softmaxCrossEntropy } from './example-loss.ts';

export function smallProblem(n: number, seed = 1) {
  const { inputs, labels } = clusteredClasses({ n, dimension: 6, classes: 3, clusters: 2, separation: 1.4, seed });
  const data: Examples = { x: np.array(inputs, { shape: [n, 6] }), y: np.array(labels) };
  const net = nn.mlp([6, 8, 7, 3]);
  return { data, net, params: net.init(random.key(seed)), model: { apply: net.apply, loss: softmaxCrossEntropy } };
}

export const numbers = async (x: np.NDArray): Promise<number[]> => Array.from(await x.data());
