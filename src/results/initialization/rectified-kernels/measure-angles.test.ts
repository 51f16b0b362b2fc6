import { describe, expect, test } from 'vitest';
import * as np from '../../../numpy/index.ts';
import * as random from '../../../random/index.ts';
import { configure } from '../../../runtime/index.ts';
import { angleCollapse, pairwiseCosines } from './angle-map.ts';
import { measureAngles } from './measure-angles.ts';
import { rectifierInit } from './rectifier-init.ts';

configure({ threads: 1 });

const inputs = [
  [1, 0, 2],
  [0, 3, 1],
  [1, 1, 1],
];

describe('measureAngles', () => {
  test('is the mean and the deviation over pairs and inputs, layer by layer', async () => {
    const { cosineMean, cosineSd, logSquareMean, logSquareSd } = await measureAngles(
      (x) => [np.multiply(2, x)],
      inputs,
    );
    const cosines = await pairwiseCosines(inputs);
    const mean = cosines.reduce((t, v) => t + v, 0) / 3;
    for (const layer of [0, 1]) {
      expect(cosineMean[layer]).toBeCloseTo(mean, 12);
      expect(cosineSd[layer]).toBeCloseTo(Math.sqrt(cosines.reduce((t, v) => t + (v - mean) ** 2, 0) / 3), 12);
    }
    expect(logSquareMean[1] - logSquareMean[0]).toBeCloseTo(Math.log(4), 12);
    expect(logSquareMean[0]).toBeCloseTo((Math.log(5 / 3) + Math.log(10 / 3)) / 3, 12);
    expect(logSquareSd[1]).toBeCloseTo(logSquareSd[0], 12);
  });

  test('a chain of wide layers follows the depth map and keeps its norm', async () => {
    const sizes = [3, 2000, 2000, 2000];
    const layers = sizes
      .slice(1)
      .map((fanOut, i) => rectifierInit({ fanIn: sizes[i], fanOut, slope: 0.1, key: random.key(i) }));
    const { cosineMean, logSquareMean } = await measureAngles(layers, inputs, { activation: { slope: 0.1 } });
    const { rho } = angleCollapse({ rho0: await pairwiseCosines(inputs), slope: 0.1, depth: 3 });
    rho.forEach((value, layer) => {
      expect(Math.abs(cosineMean[layer] - value)).toBeLessThan(0.03);
      expect(Math.abs(logSquareMean[layer] - logSquareMean[0])).toBeLessThan(0.3);
    });
  });

  test('names what it cannot measure', async () => {
    await expect(measureAngles([[[1, 2, 3]], [[1, 1]]], inputs)).rejects.toThrow(
      'layer 1: the weights have 2 numbers per neuron (row), the inputs 1 per example',
    );
    await expect(measureAngles([[[-1, -1, -1]]], inputs)).rejects.toThrow('activations after layer 1: row 0 is zero');
    await expect(measureAngles(() => [np.zeros([2, 2])], inputs)).rejects.toThrow('expected activations of 3 examples');
    await expect(measureAngles([], [[1]])).rejects.toThrow('at least two inputs');
  });
});
