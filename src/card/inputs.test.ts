import { describe, expect, it } from 'vitest';
import type { RawData } from './data.ts';
import { exampleShape, imageShape, modelInputs } from './inputs.ts';

const plain = { scale: 1, mean: [0], std: [1] };
/** Two images of 3 x 2 x 2; every value says its image, channel and pixel. */
const images: RawData = {
  ...{ name: 'images', n: 2, shape: [3, 2, 2], isImage: true, remarks: [] },
  values: Float32Array.from(
    { length: 24 },
    (_, i) => 100 * Math.floor(i / 12) + 10 * Math.floor((i % 12) / 4) + (i % 4),
  ),
};

describe('modelInputs', () => {
  it('keeps channels first where the model has them first, or says nothing', () => {
    for (const declared of [[3, 2, 2], [3, null, null], undefined]) {
      const { values, shape } = modelInputs(images, [1], declared, plain);
      expect(shape).toEqual([3, 2, 2]);
      expect(values[5]).toBe(111);
    }
  });

  it('brings channels last where the model has them last, or is told to', () => {
    const { values, shape } = modelInputs(images, [0], [2, 2, 3], plain);
    expect(shape).toEqual([2, 2, 3]);
    expect([...values.slice(0, 6)]).toEqual([0, 10, 20, 1, 11, 21]);
    const flat = modelInputs(images, [0], [12], { ...plain, layout: 'nhwc' });
    expect([...flat.values.slice(0, 3)]).toEqual([0, 10, 20]);
  });

  it('flattens, also with axes of length one', () => {
    expect(modelInputs(images, [0, 1], [12], plain).shape).toEqual([12]);
    expect(modelInputs(images, [0, 1], [12, 1], plain).shape).toEqual([12, 1]);
    expect(modelInputs(images, [0, 1], [null, 1], plain).shape).toEqual([12, 1]);
  });

  it('normalizes by channel', () => {
    const { values } = modelInputs(images, [0], undefined, { scale: 2, mean: [1, 2, 3], std: [1, 10, 100] });
    expect(values[0]).toBe(-1);
    expect(values[4]).toBeCloseTo((20 - 2) / 10, 6);
    expect(values[11]).toBeCloseTo((46 - 3) / 100, 6);
  });

  it('refuses another size, and lists that do not fit the channels', () => {
    expect(() => modelInputs(images, [0], [3, 4, 4], plain)).toThrow(
      'the model takes examples of shape [3, 4, 4], images has [3, 2, 2]',
    );

    expect(() => modelInputs(images, [0], [13], plain)).toThrow('[13]');
    expect(() => modelInputs(images, [0], undefined, { ...plain, mean: [1, 2] })).toThrow(
      'one for each of the 3 channels',
    );
  });
});

describe('the declared input', () => {
  it('must be floats with a batch', () => {
    expect(() => exampleShape({ name: 'ids', shape: ['N', 8], dtype: 'int32' })).toThrow('not of tokens');
    expect(() => exampleShape({ name: 'x', shape: [784], dtype: 'float32' })).toThrow(
      'its first axis must be the batch',
    );
    expect(exampleShape({ name: 'x', shape: ['N', 3, null], dtype: 'float32' })).toEqual([3, null]);
  });

  it('tells the size of images', () => {
    expect(imageShape([3, 32, 30], undefined)).toEqual([3, 32, 30]);
    expect(imageShape([32, 30, 1], undefined)).toEqual([1, 32, 30]);
    expect(imageShape([784], undefined)).toBeUndefined();
  });
});
