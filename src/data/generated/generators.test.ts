import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../array/errors.ts';
import { gaussianMixture } from './gaussian-mixture.ts';
import { renderedDigits } from './rendered-digits.ts';
import { sinusoids } from './sinusoids.ts';

fc.configureGlobal({ seed: 1 });

describe('sinusoids', () => {
  test('have the Fourier coefficients they were asked for', () => {
    const n = 64;
    const frequencies = [1, 5, 12];
    const amplitudes = [1, 0.5, 2];
    const phases = [0, 1, 2.5];
    const values = sinusoids({ frequencies, amplitudes, phases, n });
    frequencies.forEach((frequency, i) => {
      let cos = 0;
      let sin = 0;
      values.forEach((value, j) => {
        cos += value * Math.cos((2 * Math.PI * frequency * j) / n);
        sin += value * Math.sin((2 * Math.PI * frequency * j) / n);
      });
      expect((2 / n) * sin).toBeCloseTo(amplitudes[i] * Math.cos(phases[i]), 12);
      expect((2 / n) * cos).toBeCloseTo(amplitudes[i] * Math.sin(phases[i]), 12);
    });
  });

  test('default to amplitude 1 and phase 0; refuse lists of other lengths', () => {
    expect(sinusoids({ frequencies: [1], n: 4 })[1]).toBeCloseTo(1, 15);
    expect(() => sinusoids({ frequencies: [1, 2], phases: [0], n: 4 })).toThrow(/expected 2 phases.*found 1/);
    expect(() => sinusoids({ frequencies: [1], n: 0 })).toThrow(UserError);
  });
});

describe('gaussianMixture', () => {
  test('has the means, deviation and weights asked for, within four standard errors', () => {
    const n = 4000;
    const means = [
      [3, 0],
      [-3, 1],
    ];
    const { inputs, labels } = gaussianMixture({ n, means, deviation: 0.5, weights: [1, 3], seed: 2 });
    const ones = labels.reduce((sum, label) => sum + label, 0);
    expect(Math.abs(ones / n - 0.75)).toBeLessThan(4 * Math.sqrt((0.75 * 0.25) / n));
    for (let k = 0; k < 2; k++) {
      let sum = 0;
      let squares = 0;
      for (let i = 0; i < n; i++) {
        const offset = inputs[2 * i + k] - means[labels[i]][k];
        sum += offset;
        squares += offset ** 2;
      }
      expect(Math.abs(sum / n)).toBeLessThan((4 * 0.5) / Math.sqrt(n));
      expect(Math.abs(squares / n - 0.25)).toBeLessThan(4 * 0.25 * Math.sqrt(2 / n));
    }
  });

  test('repeats, and a larger sample begins with the smaller one', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 1, max: 20 }), (seed, n) => {
        const means = [[0], [1], [2]];
        const larger = gaussianMixture({ n: n + 5, means, seed });
        const smaller = gaussianMixture({ n, means, seed });
        expect(larger.inputs.slice(0, n)).toEqual(smaller.inputs);
        expect(larger.labels.slice(0, n)).toEqual(smaller.labels);
      }),
      { numRuns: 20 },
    );
  });

  test('gives the means themselves at deviation 0, never a component of weight 0; refuses bad options', () => {
    const { inputs, labels } = gaussianMixture({ n: 50, means: [[7], [8]], deviation: 0, weights: [0, 1], seed: 0 });
    expect(inputs.every((x) => x === 8) && labels.every((label) => label === 1)).toBe(true);
    expect(() => gaussianMixture({ n: 1, means: [[1], [1, 2]], seed: 0 })).toThrow(/lengths \[1, 2\]/);
    expect(() => gaussianMixture({ n: 1, means: [], seed: 0 })).toThrow(UserError);
    expect(() => gaussianMixture({ n: 1, means: [[1]], weights: [0], seed: 0 })).toThrow(UserError);
    expect(() => gaussianMixture({ n: 1, means: [[1]], deviation: -1, seed: 0 })).toThrow(UserError);
  });
});

describe('renderedDigits', () => {
  const n = 300;
  const { images, labels } = renderedDigits({ n, seed: 1 });

  test('has the pixel statistics of MNIST: mean 0.1307, norm 9.2, four fifths of the pixels zero', () => {
    const mean = images.reduce((sum, x) => sum + x, 0) / images.length;
    let norm = 0;
    for (let i = 0; i < n; i++) norm += Math.hypot(...images.subarray(784 * i, 784 * (i + 1))) / n;
    expect(Math.abs(mean - 0.1307)).toBeLessThan(0.01);
    expect(Math.abs(norm - 9.2)).toBeLessThan(0.4);
    const background = images.reduce((count, x) => count + (x === 0 ? 1 : 0), 0) / images.length;
    expect(Math.abs(background - 0.81)).toBeLessThan(0.03);
    expect(images.every((x) => x >= 0 && x <= 1)).toBe(true);
  });

  test('3 against 8 is learnable but not trivial: one nearest neighbour among 400 errs, in under a tenth', () => {
    const train = renderedDigits({ n: 400, classes: [3, 8], seed: 1 });
    const held = renderedDigits({ n: 200, classes: [3, 8], seed: 2 });
    let errors = 0;
    for (let i = 0; i < held.n; i++) {
      let nearest = 0;
      let least = Number.POSITIVE_INFINITY;
      for (let j = 0; j < train.n; j++) {
        let distance = 0;
        for (let k = 0; k < 784; k++) distance += (held.images[784 * i + k] - train.images[784 * j + k]) ** 2;
        if (distance < least) [least, nearest] = [distance, j];
      }
      if (train.labels[nearest] !== held.labels[i]) errors++;
    }
    expect(errors).toBeGreaterThan(0);
    expect(errors).toBeLessThan(20);
  });

  test('cycles through the classes, repeats, and a larger set begins with the smaller one', () => {
    expect([...labels.subarray(0, 12)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    const few = renderedDigits({ n: 5, seed: 1 });
    expect(few.images).toEqual(images.slice(0, 5 * 784));
    expect(renderedDigits({ n: 5, seed: 2 }).images).not.toEqual(few.images);
  });

  test('draws at other sizes; refuses bad options', () => {
    const small = renderedDigits({ n: 10, seed: 1, size: 12 }).images;
    expect(small).toHaveLength(1440);
    expect(small.reduce((sum, x) => sum + x, 0) / 1440).toBeGreaterThan(0.05);
    expect(() => renderedDigits({ n: 1, seed: 1, classes: [10] })).toThrow(/classes from 0 to 9.*\[10\]/);
    expect(() => renderedDigits({ n: 1, seed: 1, classes: [] })).toThrow(UserError);
    expect(() => renderedDigits({ n: 0, seed: 1 })).toThrow(UserError);
    expect(() => renderedDigits({ n: 1, seed: 1, size: 2 })).toThrow(UserError);
  });
});
