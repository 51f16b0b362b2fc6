import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fromBinary } from '@bufbuild/protobuf';
import { TensorProtoSchema } from 'onnx-buf';
import { beforeAll, describe, expect, test } from 'vitest';
import { evaluate } from '../array/graph.ts';
import { knownValue, type NDArray } from '../array/ndarray.ts';
import { expectClose, generator, hostArray } from '../array/testing.fixture.ts';
import { treeLeaves, treeMap } from '../array/tree.ts';
import { parseIdx } from '../data/formats/idx.ts';
import * as np from '../numpy/index.ts';
import { testRuntime } from '../primitives/forward.fixture.ts';
import { configure, jit } from '../runtime/index.ts';
import { grad, valueAndGrad } from '../transforms/index.ts';
import { importOnnx } from './import.ts';
import { arrayOfTensor } from './tensor.ts';

beforeAll(() => configure(testRuntime));

const data = process.env.DEEPTHEORY_DATA ?? '';
const folder = join(data, 'onnx');
const isThere = existsSync(folder);
if (!isThere) console.warn(`skipped: no ONNX models in ${folder} (DEEPTHEORY_DATA names the folder above it)`);

interface Stored {
  readonly inputName: string;
  readonly inputShape: readonly number[];
  readonly outputName: string;
  readonly samples: readonly {
    readonly input: readonly number[];
    readonly output: readonly number[];
    readonly label: number;
  }[];
}

const read = (name: string) => {
  const stored: Stored = JSON.parse(gunzipSync(readFileSync(join(folder, `${name}.io.json.gz`))).toString());
  const model = importOnnx(readFileSync(join(folder, `${name}.onnx`)));
  const one = stored.inputShape.map((n) => (typeof n === 'number' && n > 0 ? n : 1));
  return { ...stored, ...model, one };
};

const names = [
  'mnist-mlp-256x2',
  'mnist-mlp-256x4',
  'mnist-conv-maxpool',
  'mnist-cnn-batchnorm',
  'cifar10-resnet2b',
  'cifar10-resnet20-batchnorm',
  'cifar10-vit-2-3-16',
].filter((name) => existsSync(join(folder, `${name}.onnx`)));

describe.skipIf(!isThere)('trained models', () => {
  test.each(names)('%s: outputs of single inputs and of a batch', async (name) => {
    const { params, apply, samples, inputName, outputName, one } = read(name);
    const f = jit((p: typeof params, x: NDArray) => apply(p, { [inputName]: x })[outputName]);
    const expected = hostArray(
      samples.flatMap(({ output }) => output),
      [samples.length, samples[0].output.length],
      'float32',
    );
    const tolerance = { relative: 1e-5, absolute: 1e-5 };
    const [first] = samples;
    const y = f(params, np.array(Float32Array.from(first.input), { shape: one }));
    expectClose(
      name,
      { ...y, shape: y.shape, dtype: y.dtype, data: await y.data() },
      hostArray(first.output, [1, first.output.length], 'float32'),
      tolerance,
    );
    const all = np.array(Float32Array.from(samples.flatMap(({ input }) => input)), {
      shape: [samples.length * one[0], ...one.slice(1)],
    });
    const ys = f(params, all);
    expectClose(`${name}, a batch`, { shape: ys.shape, dtype: ys.dtype, data: await ys.data() }, expected, tolerance);
  });

  test.each(names)('%s: gradients in float64 against differences', async (name) => {
    const { params, apply, samples, inputName, outputName, one } = read(name);
    const wide = treeMap((x) => np.astype(x, 'float64'), params);
    const random = generator(5);
    // A little noise: equal pixels of a black border tie in pooling, where there is no derivative.
    const pixels = Float64Array.from(samples[0].input, (v) => v + 0.05 * (random() - 0.5));
    const x = np.array(pixels, { shape: one });
    const loss = (p: typeof params, at: NDArray) => np.sum(np.sin(apply(p, { [inputName]: at })[outputName]));
    const direction = <T extends np.Tree>(tree: T): T =>
      treeMap(
        (leaf) =>
          np.array(
            Float64Array.from({ length: leaf.size }, () => random() - 0.5),
            { shape: leaf.shape },
          ),
        tree,
      );
    const [dp, dx] = [direction(wide), direction(x)];
    const h = 1e-6;
    const f = jit((p: typeof params, at: NDArray, s: NDArray, t: NDArray) =>
      loss(
        treeMap((leaf, d) => np.add(leaf, np.multiply(s, d)), p, dp),
        np.add(at, np.multiply(t, dx)),
      ),
    );
    const at = async (s: number, t: number) =>
      f(wide, x, np.array(s, { dtype: 'float64' }), np.array(t, { dtype: 'float64' })).item();
    const gradient = jit((p: typeof params, at: NDArray) => {
      const [gp, gx] = grad(loss, [0, 1])(p, at);
      const along = treeLeaves(treeMap((g, d) => np.sum(np.multiply(g, d)), gp, dp)).reduce((a, b) => np.add(a, b));
      return [along, np.sum(np.multiply(gx, dx))];
    });
    const [ofParams, ofInput] = gradient(wide, x);
    const differences = [
      ((await at(h, 0)) - (await at(-h, 0))) / (2 * h),
      ((await at(0, h)) - (await at(0, -h))) / (2 * h),
    ];
    // Kinks of relu within the step are rare, but a sum over many units sees some.
    expect(Math.abs((await ofParams.item()) - differences[0])).toBeLessThan(1e-4 * (1 + Math.abs(differences[0])));
    expect(Math.abs((await ofInput.item()) - differences[1])).toBeLessThan(1e-4 * (1 + Math.abs(differences[1])));
  });
});

describe.skipIf(!isThere)('layers as PyTorch exports them', () => {
  const cases = ['AvgPool2d', 'BatchNorm1d_3d_input_eval', 'BatchNorm2d_momentum_eval', 'Conv2d', 'Conv2d_dilated'];
  const more = [
    'Conv2d_no_bias',
    'Conv2d_strided',
    'ELU',
    'GLU',
    'Linear',
    'LogSoftmax',
    'PReLU_2d',
    'SELU',
    'Softmax',
    'Tanh',
  ];
  test.each([...cases, ...more])('%s', (name) => {
    const file = (part: string) => readFileSync(join(folder, 'pytorch-converted', name, part));
    const array = (part: string) => arrayOfTensor(fromBinary(TensorProtoSchema, file(part)), part, undefined);
    const { params, apply, inputs, outputs } = importOnnx(file('model.onnx'));
    const y = apply(params, { [inputs[0].name]: array('input_0.pb') })[outputs[0].name];
    const want = array('output_0.pb');
    const expected = { shape: want.shape, dtype: want.dtype, data: knownValue(want)!.data! };
    expectClose(name, evaluate([y])[0], expected, { relative: 1e-5, absolute: 1e-6 });
  });
});

describe.skipIf(!existsSync(join(data, 'mnist')) || !isThere)('training goes on from an imported model', () => {
  const unpacked = (file: string) => parseIdx(gunzipSync(readFileSync(join(data, 'mnist', file))), file);

  test.each(['mnist-mlp-256x2', 'mnist-conv-maxpool'])('%s on MNIST', async (name) => {
    const { params, apply, inputName, outputName, one } = read(name);
    const count = 256;
    const images = unpacked('t10k-images-idx3-ubyte.gz').data.subarray(0, count * 784);
    const labels = np.array(Int32Array.from(unpacked('t10k-labels-idx1-ubyte.gz').data.subarray(0, count)));
    const x = np.array(
      Float32Array.from(images, (pixel) => pixel / 255),
      { shape: [count, ...one.slice(1)] },
    );
    const loss = (p: typeof params) =>
      np.negative(
        np.mean(np.sum(np.multiply(np.logSoftmax(apply(p, { [inputName]: x })[outputName]), np.oneHot(labels, 10)), 1)),
      );
    const step = jit((p: typeof params) => {
      const [value, g] = valueAndGrad(loss)(p);
      return [value, treeMap((w, d) => np.subtract(w, np.multiply(0.05, d)), p, g)] as const;
    });
    let p = params;
    const losses: number[] = [];
    for (let k = 0; k < 6; k++) {
      const [value, next] = step(p);
      losses.push(await value.item());
      p = next;
    }
    expect(losses.at(-1)!).toBeLessThan(0.9 * losses[0]);
  });
});
