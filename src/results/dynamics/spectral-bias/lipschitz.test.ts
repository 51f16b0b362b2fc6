import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { heNet } from './compact-nets.ts';
import { denseMap, lipschitzBounds, spectralNorm } from './lipschitz.ts';
import { normals } from './normals.fixture.ts';
import { linearRegions2d } from './regions2d.ts';

const SQUARE = [-1, -1, 1, -1, 1, 1, -1, 1];

describe('spectralNorm', () => {
  it('is the largest singular value (against ml-matrix), approached from below', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const layer = heNet([9 + seed, 17 - seed, 1], normals(seed)).layers[0];
      const rows = Matrix.from1DArray(layer.inputs, layer.outputs, layer.weight);
      const expected = new SingularValueDecomposition(rows, { autoTranspose: true }).norm2;
      const map = denseMap(layer);
      expect(spectralNorm(map, { iterations: 5000, tolerance: 1e-13 })).toBeCloseTo(expected, 8);
      const quick = spectralNorm(map);
      expect(quick).toBeLessThanOrEqual(expected * (1 + 1e-12));
      expect(quick).toBeGreaterThan(0.97 * expected);
    }
  });

  it('is not fooled by a matrix that is not symmetric, or by a strong block away from the largest row', () => {
    const dense = (inputs: number, outputs: number, weight: number[]) =>
      denseMap({
        inputs,
        outputs,
        weight: Float64Array.from(weight),
        bias: new Float64Array(outputs),
        activation: 'identity',
      });
    expect(spectralNorm(dense(2, 2, [0, 3, 0, 0]))).toBeCloseTo(3, 12);
    expect(spectralNorm(dense(6, 2, [1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 2]), { iterations: 200 })).toBeCloseTo(
      Math.sqrt(5),
      5,
    );
    expect(spectralNorm(dense(2, 2, [0, 0, 0, 0]))).toBe(0);
  });

  it('takes any map given by its products: a circular convolution has the largest |Fourier coefficient|', () => {
    const kernel = [0.5, 1, -0.25];
    const n = 12;
    const convolve = (sign: number) => (v: Float64Array) =>
      v.map((_, i) => kernel.reduce((sum, w, j) => sum + w * v[(i + sign * j + n) % n], 0));
    const map = { inputs: n, apply: convolve(1), applyTransposed: convolve(-1) };
    const gains = Array.from({ length: n }, (_, k) => {
      const angle = (2 * Math.PI * k) / n;
      return Math.hypot(
        kernel.reduce((sum, w, j) => sum + w * Math.cos(angle * j), 0),
        kernel.reduce((sum, w, j) => sum + w * Math.sin(angle * j), 0),
      );
    });
    expect(spectralNorm(map, { iterations: 3000, tolerance: 1e-14 })).toBeCloseTo(Math.max(...gains), 7);
  });
});

describe('lipschitzBounds', () => {
  it.each(['relu', 'leaky-relu', 'abs'])(
    'bounds every slope of a %s network: L_f <= product <= maxNorm',
    (activation) => {
      for (let seed = 1; seed <= 4; seed++) {
        const net = heNet([2, 6, 6, 1], normals(seed), { activation });
        const { product, maxNorm, layerNorms } = lipschitzBounds(net, { iterations: 2000, tolerance: 1e-12 });
        const steepest = linearRegions2d(net, SQUARE).reduce(
          (max, { gradient }) => Math.max(max, Math.hypot(...gradient)),
          0,
        );
        expect(steepest).toBeLessThanOrEqual(product);
        expect(product).toBeLessThanOrEqual(maxNorm);
        expect(layerNorms.reduce((a, b) => a * b, 1)).toBeCloseTo(product, 9);
      }
    },
  );

  it('is attained: one layer of ones reaches its product, and the max-norm bound of d inputs is sqrt(d) |theta|', () => {
    const layer = {
      inputs: 4,
      outputs: 1,
      weight: new Float64Array(4).fill(3),
      bias: new Float64Array(1),
      activation: 'identity',
    };
    const { product, maxNorm } = lipschitzBounds({ layers: [layer] });
    expect(product).toBeCloseTo(6, 12);
    expect(maxNorm).toBeCloseTo(6, 12);
  });
});
