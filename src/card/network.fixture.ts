/** Tiny networks as ONNX files, and data for them, for tests. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeNpy, encodeNpz } from '../data/index.ts';
import * as nn from '../nn/index.ts';
import * as np from '../numpy/index.ts';
import { exportOnnx } from '../onnx/index.ts';
import * as random from '../random/index.ts';

export const classes = 3;
export const features = 6;

/** Points around one corner per class, [n, 6] in float32, and their classes. */
export async function points(n: number): Promise<{ x: Float32Array; labels: Int32Array }> {
  const noise = await random.normal(random.key(3), [n, features]).data();
  const labels = Int32Array.from({ length: n }, (_, i) => i % classes);
  const x = Float32Array.from({ length: n * features }, (_, at) => {
    const [i, k] = [Math.floor(at / features), at % features];
    return (k % classes === labels[i] ? 1.5 : 0) + 0.5 * noise[at];
  });
  return { x, labels };
}

export const net = nn.mlp([features, 8, classes]);
export const params = net.init(random.key(1));

/** The file fixes the batch at 1. `end` is applied to the logits. */
export async function tinyModel(
  folder: string,
  name: string,
  end: (z: np.NDArray) => np.NDArray = (z) => z,
): Promise<string> {
  const path = join(folder, name);
  const f = (p: typeof params, x: np.NDArray) => end(net.apply(p, x));
  writeFileSync(path, await exportOnnx(f, params, np.zeros([1, features])));
  return path;
}

export async function tinyData(folder: string, name: string, n: number): Promise<string> {
  const { x, labels } = await points(n);
  const path = join(folder, name);
  const tree = { x: np.array(x, { shape: [n, features] }), y: np.array(labels, { shape: [n], dtype: 'int32' }) };
  writeFileSync(path, await encodeNpz(tree));
  return path;
}

export async function npyFile(folder: string, name: string, x: np.NDArray): Promise<string> {
  const path = join(folder, name);
  writeFileSync(path, await encodeNpy(x));
  return path;
}
