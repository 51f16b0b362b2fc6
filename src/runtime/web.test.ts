import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evaluateAt, expectClose, generator, graphOf, hostArray, randomArray } from '../array/testing.fixture.ts';
import * as np from '../numpy/index.ts';
import { wide } from '../primitives/records.fixture.ts';
import { grad, scan, vmap } from '../transforms/index.ts';
import { configure, jit, runtimeVersion } from './index.ts';
import { runCompiled } from './testing.fixture.ts';

type NDArray = np.NDArray;

const random = generator(21);
const given = (...shape: number[]) => randomArray(random, shape, 'float32', wide);
const arrays = { x: given(32, 4), y: given(32, 1), w1: given(4, 16), w2: given(16, 1) };
type Params = { w1: NDArray; w2: NDArray };

/** Losses of a network with one hidden layer while it is trained for 30 steps, one compiled call per step. */
async function trainedLosses(runtime: 'node' | 'web'): Promise<number[]> {
  configure({ threads: 1, runtime });
  const load = (k: keyof typeof arrays) => np.array(arrays[k].data, { shape: arrays[k].shape });
  const [x, y] = [load('x'), load('y')];
  const loss = ({ w1, w2 }: Params) => np.mean(np.square(np.subtract(np.matmul(np.tanh(np.matmul(x, w1)), w2), y)));
  const step = jit((p: Params): [Params, NDArray] => {
    const g = grad(loss)(p);
    const next = {
      w1: np.subtract(p.w1, np.multiply(0.05, g.w1)),
      w2: np.subtract(p.w2, np.multiply(0.05, g.w2)),
    };
    return [next, loss(p)];
  });
  let p: Params = { w1: load('w1'), w2: load('w2') };
  const losses: NDArray[] = [];
  for (let i = 0; i < 30; i++) {
    const [next, value] = step(p);
    p = next;
    losses.push(value);
  }
  return Promise.all(losses.map((l) => l.item()));
}

afterAll(() => configure({ threads: 'auto', runtime: 'node' }));

describe('the WebAssembly runtime', () => {
  beforeAll(() => configure({ threads: 1, runtime: 'web' }));

  test('trains a network as the native one does', async () => {
    const native = await trainedLosses('node');
    const web = await trainedLosses('web');
    expect(await runtimeVersion()).toMatch(/^onnxruntime-web /);
    expect(native[29]).toBeLessThan(0.5 * native[0]);
    web.forEach((loss, i) => {
      expect(Math.abs(loss - native[i]), `loss at step ${i}`).toBeLessThan(1e-5 * Math.max(1, native[i]));
    });
  });

  test('computes every dtype, loops, batches and empty arrays', async () => {
    configure({ runtime: 'web' });
    const f = (x: NDArray, i: NDArray) => [
      np.sum(np.sin(np.astype(x, 'float64')), 1),
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
      expectClose(`result ${i}`, actual[i], want, { relative: 1e-6, absolute: 1e-6 });
    });
  });

  test('calls at the same time do not disturb each other', async () => {
    configure({ runtime: 'web' });
    const f = jit((x: NDArray) => np.sum(np.matmul(x, x)));
    const g = jit((x: NDArray) => np.sum(x));
    const found = await Promise.all(
      Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? f : g)(np.full([4, 4], i)).item()),
    );
    expect(found).toEqual(Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? 64 * i * i : 16 * i)));
  });

  test('results are promised, may be chained before they are there, and failures reach who reads them', async () => {
    configure({ runtime: 'web' });
    const double = jit((x: NDArray) => np.multiply(x, 2));
    const once = double(np.ones([3]));
    const thrice = double(double(once));
    expect([...(await thrice.data())]).toEqual([8, 8, 8]);
    expect(await np.sum(np.add(once, thrice)).item()).toBe(30);
    const pick = jit((x: NDArray, i: NDArray) => np.take(x, i));
    const broken = pick(np.ones([3]), np.array([7], { dtype: 'int32' }));
    await expect(broken.data()).rejects.toThrow();
    await expect(double(broken).data()).rejects.toThrow();
    expect([...(await double(once).data())]).toEqual([4, 4, 4]);
  });
});
