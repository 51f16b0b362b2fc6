import { describe, expect, it } from 'vitest';
import { cutByPyramid, cutByPyramidOfEitherSign, heNet, pyramidNet } from './compact-nets.ts';
import { normals, uniforms } from './normals.fixture.ts';
import { evaluate } from './piecewise-linear-net.ts';

describe.each([1, 2] as const)('networks of compact support in %i-D', (dim) => {
  const uniform = uniforms(dim);
  const x = Float64Array.from({ length: dim * 500 }, () => -1.5 + 3 * uniform());
  const p = Float64Array.from({ length: 500 }, (_, i) => {
    const point = x.subarray(i * dim, (i + 1) * dim);
    return Math.max(0, 1 - Math.max(...point.map(Math.abs)));
  });

  it('pyramidNet is max(0, 1 - max |x_i|)', () => {
    const y = evaluate(pyramidNet(dim), x);
    for (let i = 0; i < 500; i++) expect(y[i]).toBeCloseTo(p[i], 13);
  });

  it.each([[[4]], [[5, 6]], [[3, 3, 3, 3, 3]]])('cutByPyramid is relu(min(g, p)), hidden widths %j', (hidden) => {
    const g = heNet([dim, ...hidden, 1], normals(3));
    const [y, plain] = [evaluate(cutByPyramid(g), x), evaluate(g, x)];
    for (let i = 0; i < 500; i++) expect(y[i]).toBeCloseTo(Math.max(0, Math.min(plain[i], p[i])), 13);
  });

  it('of either sign is never empty, and refuses a zero network', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const g = heNet([dim, 4, 1], normals(seed));
      const y = evaluate(cutByPyramidOfEitherSign(g), x);
      expect(Math.max(...y)).toBeGreaterThan(0);
    }
    const g = heNet([dim, 4, 1], () => 0);
    expect(() => cutByPyramidOfEitherSign(g)).toThrow('zero on [-1, 1]^dim');
  });
});

describe('cutByPyramid', () => {
  it('refuses other activations and dimensions', () => {
    expect(() => cutByPyramid(heNet([2, 3, 1], normals(1), { activation: 'abs' }))).toThrow(
      "layer 0 has activation 'abs'",
    );
    expect(() => cutByPyramid(heNet([3, 3, 1], normals(1)))).toThrow('takes 3 inputs');
  });
});
