import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evaluateAt, expectClose, generator, graphOf, hostArray, randomArray } from '../array/testing.fixture.ts';
import * as np from '../numpy/index.ts';
import { wide } from '../primitives/records.fixture.ts';
import { grad, scan, vmap } from '../transforms/index.ts';
import { configure, jit, runtimeVersion } from './index.ts';
import { nativePackage } from './node.ts';
import { runCompiled } from './testing.fixture.ts';
import { webgpuRuntime } from './webgpu.ts';

type NDArray = np.NDArray;

// A machine without a GPU can use the software adapter that Debian's Chromium brings.
const softwareAdapter = '/usr/lib/chromium/vk_swiftshader_icd.json';
if (existsSync(softwareAdapter)) process.env['VK_ICD_FILENAMES'] ??= softwareAdapter;

const native = nativePackage()!;
const problem = await webgpuRuntime(native.ort, '').then(
  () => undefined,
  (error: Error) => error.message,
);
if (problem !== undefined) console.warn(`WebGPU in Node is not tested: ${problem}`);

afterAll(() => configure({ threads: 'auto', device: 'cpu' }));

const random = generator(22);
const given = (...shape: number[]) => randomArray(random, shape, 'float32', wide);

describe.skipIf(problem !== undefined)('WebGPU in Node', () => {
  beforeAll(() => configure({ threads: 1, device: 'webgpu' }));

  test('says what it is', async () => {
    expect(await runtimeVersion()).toMatch(/^onnxruntime-node .* \(webgpu\)$/);
  });

  test('computes every dtype it has, loops, batches and empty arrays', async () => {
    const f = (x: NDArray, i: NDArray) => [
      np.take(x, i, 1),
      np.less(x, 0),
      np.remainder(i, 3),
      np.floorDivide(np.negative(i), 2),
      scan((s: NDArray, row: NDArray) => [np.add(s, row), np.sum(s)], np.zeros([4]), x)[1],
      vmap(grad((row: NDArray) => np.logsumexp(row)))(x),
      np.zeros([0, 2]),
    ];
    const values = [given(3, 4), hostArray([3, 0, 1], [3], 'int32')];
    const { inputs, outputs } = graphOf(f, values);
    const actual = await runCompiled(inputs, outputs, values);
    evaluateAt(f, values).forEach((want, i) => {
      expectClose(`result ${i}`, actual[i], want, { relative: 1e-5, absolute: 1e-5 });
    });
  });

  test('state stays on the device, results are immutable, and other devices can go on with them', async () => {
    const step = jit((x: NDArray) => np.add(np.multiply(x, 0.5), 1));
    const states = [np.array(new Float32Array(1000).fill(3), { shape: [10, 100] })];
    for (let i = 0; i < 8; i++) states.push(step(states[i]));
    const last = states.at(-1)!;
    await step(last).data();
    // Whatever was not asked for has never been on the host.
    const value = (last.node.params as { value: { data?: unknown; device?: unknown } }).value;
    expect([value.data, typeof value.device]).toEqual([undefined, 'object']);
    configure({ device: 'cpu' });
    expect((await jit((x: NDArray) => np.multiply(x, 2))(last).data())[7]).toBeCloseTo(4 + 2 / 2 ** 8, 6);
    configure({ device: 'webgpu' });
    for (const [i, state] of states.entries()) expect((await state.data())[0]).toBeCloseTo(2 + 1 / 2 ** i, 6);
  });

  test('arrays that had to leave the device are what they were', async () => {
    const runtime = await webgpuRuntime(native.ort, '', 10_000);
    const { inputs, outputs } = graphOf((x) => [np.add(x, 1)], [given(500)]);
    const { lower } = await import('../onnx/lower.ts');
    const lowered = lower(inputs, outputs, 1);
    const session = await runtime.create({ ...lowered, inputs, threads: 1 });
    const start = { data: new Float32Array(500) };
    const states = [await session.run([start])];
    for (let i = 1; i < 20; i++) states.push(await session.run(states[i - 1]));
    for (const [i, [state]] of states.entries()) expect((await state.device!.read())[499]).toBe(i + 1);
    expect((await (await session.run(states[0]))[0].device!.read())[0]).toBe(2);
  });

  test('calls at the same time do not disturb each other; a failure does not stop the next', async () => {
    const f = jit((x: NDArray) => np.sum(np.matmul(x, x)));
    const g = jit((x: NDArray) => np.sum(x));
    const found = await Promise.all(
      Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? f : g)(np.full([4, 4], i)).item()),
    );
    expect(found).toEqual(Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? 64 * i * i : 16 * i)));
  });

  test('float64 is refused with the name of the function, and does not go to the CPU unasked', async () => {
    const x = np.array([1, 2], { dtype: 'float64' });
    const halve = jit(function halve(y: NDArray) {
      return np.divide(y, 2);
    });
    await expect(async () => halve(x).data()).rejects.toThrow(/^halve computes in float64, which WebGPU does not have/);
    await expect(async () => jit((y: NDArray) => np.astype(y, 'float32'))(x).data()).rejects.toThrow(/float64/);
  });
});

describe('a device that is not there', () => {
  test('cuda says what was tried and what to do', async () => {
    configure({ device: 'cuda' });
    try {
      await runtimeVersion();
    } catch (error) {
      expect((error as Error).name).toBe('UserError');
      expect((error as Error).message).toMatch(
        /^device cuda: ONNX Runtime could not start it \(.+\)\. It needs an NVIDIA/,
      );
    }
    configure({ device: 'cpu' });
    expect(await jit((x: NDArray) => np.add(x, 1))(np.array([1])).item()).toBe(2);
  });

  test('webgpu without an adapter is a mistake of the user, not a crash', async () => {
    const broken = { ...native.ort, InferenceSession: { create: () => Promise.reject(new Error('no adapters')) } };
    await expect(webgpuRuntime(broken as never, '')).rejects.toThrow(/device webgpu: .* \(no adapters\).*Vulkan/);
  });

  test('a name that is none', () => {
    expect(() => configure({ device: 'gpu' as 'webgpu' })).toThrow('device must be cpu, webgpu, cuda, got gpu');
  });
});
