import { describe, expect, test } from 'vitest';
import * as np from '../numpy/index.ts';
import { key, split } from '../random/index.ts';
import { jit } from '../runtime/index.ts';
import { vmap } from '../transforms/index.ts';
import { initializers } from './index.ts';

const [fanIn, fanOut] = [120, 80];
const n = fanIn * fanOut;

describe.each([
  { name: 'uniformFanIn', f: initializers.uniformFanIn, variance: 1 / (3 * fanIn), largest: 1 / Math.sqrt(fanIn) },
  {
    name: 'glorotUniform',
    f: initializers.glorotUniform,
    variance: 2 / (fanIn + fanOut),
    largest: Math.sqrt(6 / (fanIn + fanOut)),
  },
  { name: 'heNormal', f: initializers.heNormal, variance: 2 / fanIn, largest: undefined },
  { name: 'lecunNormal', f: initializers.lecunNormal, variance: 1 / fanIn, largest: undefined },
  { name: 'normalFanIn(0.5)', f: initializers.normalFanIn(0.5), variance: 0.5 / fanIn, largest: undefined },
  { name: 'normal(0.3)', f: initializers.normal(0.3), variance: 0.09, largest: undefined },
])('$name', ({ f, variance, largest }) => {
  test('has mean 0 and its variance, and is bounded if uniform', async () => {
    const weight = f(key(3), [fanIn, fanOut], fanIn, fanOut);
    expect(weight.toString()).toBe(`float32[${fanIn}, ${fanOut}]`);
    const values = Array.from(await weight.data());
    const mean = values.reduce((sum, v) => sum + v, 0) / n;
    const second = values.reduce((sum, v) => sum + v * v, 0) / n;
    // Four standard errors; the kurtosis is 3 for a normal, 1.8 for a uniform variable.
    expect(Math.abs(mean), 'mean').toBeLessThan(4 * Math.sqrt(variance / n));
    const kurtosis = largest === undefined ? 3 : 1.8;
    expect(Math.abs(second / variance - 1), 'variance').toBeLessThan(4 * Math.sqrt((kurtosis - 1) / n));
    const extreme = values.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
    if (largest === undefined) expect(extreme / Math.sqrt(variance)).toBeGreaterThan(3);
    else {
      expect(extreme).toBeLessThanOrEqual(Math.fround(largest));
      expect(extreme).toBeGreaterThan(0.99 * largest);
    }
  });

  test('depends on the key alone, compiled and in a batch as well', async () => {
    const keys = split(key(1), 2);
    const draw = (k: np.NDArray) => f(k, [6, 4], 6, 4);
    const alone = [...(await draw(np.slice(keys, 0)).data()), ...(await draw(np.slice(keys, 1)).data())];
    const together = await jit(vmap(draw))(keys).data();
    alone.forEach((value, i) => {
      expect(together[i]).toBeCloseTo(value, 6);
    });
    expect(alone.slice(0, 24)).not.toEqual(alone.slice(24));
  });
});

test('zeros', async () => {
  expect(await initializers.zeros(key(0), [2, 2], 2, 2).data()).toEqual(new Float32Array(4));
});
