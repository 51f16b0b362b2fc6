import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJson, writeJson } from './json.ts';

describe('json', () => {
  it('brings back NaN, the infinities and -0', () => {
    const values = { a: [Number.NaN, 1, Number.POSITIVE_INFINITY], b: -0, c: Number.NEGATIVE_INFINITY };
    expect(readJson(writeJson(values))).toEqual(values);
    expect(Object.is((readJson(writeJson(values)) as typeof values).b, -0)).toBe(true);
  });

  it('brings back typed arrays of every kind, views at odd offsets included', () => {
    const shared = new Float32Array([9, 1.5, Number.NaN, -0]);
    const values = [
      shared.subarray(1),
      new Float64Array([Math.PI]),
      new BigInt64Array([-1n]),
      new Uint8Array([255]),
      new Int16Array(),
    ];
    expect(readJson(writeJson(values))).toEqual(values);
  });

  it('is NumPy-readable: dtype and little-endian bytes', () => {
    expect(JSON.parse(writeJson(new Float32Array([1])))).toEqual({ $array: '<f4', base64: 'AACAPw==' });
  });

  it('keeps keys that look like its own marks', () => {
    const values = { $number: 'NaN', $array: '<f4', base64: 'x', $$deep: 1 };
    expect(readJson(writeJson(values))).toEqual(values);
  });

  it('brings back any JSON value and any double', () => {
    const data = fc.object({ values: [fc.double(), fc.string(), fc.boolean(), fc.constant(null)], key: fc.string() });
    fc.assert(
      fc.property(data, (value) => {
        expect(readJson(writeJson(value))).toEqual(value);
      }),
    );
  });

  it('says where the thing stands that cannot be saved', () => {
    expect(() => writeJson({ curves: [{ loss: new Map() }] })).toThrow(
      'value.curves[0].loss is a Map; only plain data can be saved',
    );
    expect(() => writeJson({ f: () => 1 })).toThrow('value.f is a value of type function');
  });
});
