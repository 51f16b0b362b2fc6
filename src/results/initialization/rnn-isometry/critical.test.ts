import { describe, expect, test } from 'vitest';
import { criticalInit, maxTrainableLength } from './critical.ts';
import { stationary } from './mean-field.ts';
import { contour, phaseDiagram } from './phase-diagram.ts';

const R = 0.46;

describe('criticalInit, minimalRNN', () => {
  test.each([
    [0, 16, 6.89169494, 1.39233894, 0.31809863, 0.4974517, 3.44244207, 3.09294273],
    [2, 10, 5.78203981, 2.17385198, 0.23409347, 0.72848658, 1.60678689, 1.45874167],
    [4, 5, 5.63025884, 1.94135405, 0.10303929, 0.95106692, 0.4478547, 0.43046006],
  ])('to eight digits at mu_b = %f, q* = %f', (mub, qStar, sw, sv, Q, lambda, gaussian, haar) => {
    const at = criticalInit({ cell: 'minimal', mub, qStar, R });
    const expected = [sw, sv, Q, lambda, gaussian, haar];
    const found = [at.sw, at.sv, at.Q, at.lambda, at.spreadGaussian, at.spreadOrthogonal];
    found.forEach((value, k) => {
      expect(value).toBeCloseTo(expected[k], 7);
    });
    expect(at.chi1).toBeCloseTo(1, 12);
    expect(at.stable).toBe(true);
  });

  test.each([
    [2, 5, 5.351, 0.371, 0.76, 0.825, 1.22],
    [6, 5, 6.663, 2.394, 0.981, 0.992, 0.123],
    [8, 10, 6.155, 3.792, 0.9855, 0.987, 0.089],
    [10, 10, 6.978, 3.963, 0.9966, 0.9974, 0.023],
    [12, 10, 8.416, 4.085, 0.9994, 0.9996, 0.0053],
  ])('at mu_b = %f, q* = %f', (mub, qStar, sw, sv, gate, lambda, spread) => {
    const at = criticalInit({ cell: 'minimal', mub, qStar, R });
    expect(Math.abs(at.sw - sw)).toBeLessThan(6e-4);
    expect(Math.abs(at.sv - sv)).toBeLessThan(6e-4);
    expect(Math.abs(at.meanGate! - gate)).toBeLessThan(6e-4);
    expect(Math.abs(at.lambda - lambda)).toBeLessThan(6e-4);
    expect(Math.abs(at.spreadGaussian / spread - 1)).toBeLessThan(0.02);
  });

  test.each([
    [4, 2],
    [6, 2],
    [10, 5],
  ])('(mu_b, q*) = (%f, %f) is not stable', (mub, qStar) => {
    const at = criticalInit({ cell: 'minimal', mub, qStar, R });
    expect(at.stable).toBe(false);
    expect(at.chi1).toBeCloseTo(1, 12);
    // The solver leaves it.
    expect(Math.abs(stationary({ cell: 'minimal', sw: at.sw, sv: at.sv, mub, R }).q / qStar - 1)).toBeGreaterThan(0.1);
  });

  test('without q* it takes the smallest stable one', () => {
    for (const mub of [0, 4]) {
      const at = criticalInit({ cell: 'minimal', mub, R });
      expect(at.stable).toBe(true);
      const less = () => criticalInit({ cell: 'minimal', mub, R, qStar: at.q * 0.999 });
      if (mub === 0) expect(less).toThrow('smallest feasible q* is');
      else expect(less().stable).toBe(false);
    }
  });

  test('says from where on a critical network exists', () => {
    expect(() => criticalInit({ cell: 'minimal', mub: 0, qStar: 2, R })).toThrow(
      'no sv >= 0 gives q* = 2 at mu_b = 0; the smallest feasible q* is 14.29',
    );
    expect(() => criticalInit({ cell: 'minimal', qStar: -1, R })).toThrow('variance qStar of the pre-activations');
    expect(() => criticalInit({ cell: 'minimal', R: 0 })).toThrow('mean square R');
    expect(() => criticalInit({ cell: 'minimal', R, sb: -1 })).toThrow('deviation sb');
  });

  test('biases of their own are taken from the inputs', () => {
    const [plain, spread] = [0, 0.5].map((sb) => criticalInit({ cell: 'minimal', mub: 2, qStar: 10, R, sb }));
    expect(spread.sv ** 2 * R + 0.25).toBeCloseTo(plain.sv ** 2 * R, 10);
    const { q, chi1 } = stationary({ cell: 'minimal', sw: spread.sw, sv: spread.sv, sb: 0.5, mub: 2, R });
    expect(q).toBeCloseTo(10, 6);
    expect(chi1).toBeCloseTo(1, 6);
  });
});

describe('criticalInit, vanilla cell', () => {
  test.each([
    [1e-4, 1.0001, 1.33e-12, 8e-8],
    [1e-2, 1.00981, 1.258e-6, 7.3e-4],
    [0.1, 1.08516, 8.323e-4, 0.0397],
    [0.5, 1.29922, 0.03804, 0.299],
    [1, 1.46741, 0.15096, 0.583],
  ])('q* = %f', (qStar, sw, input, spread) => {
    const at = criticalInit({ cell: 'vanilla', qStar, R });
    expect(at.sw).toBeCloseTo(sw, 5);
    expect(Math.abs((at.sv ** 2 * R) / input - 1)).toBeLessThan(3e-3);
    expect(Math.abs(at.spreadOrthogonal / spread - 1)).toBeLessThan(5e-3);
    expect(at.chi1).toBeCloseTo(1, 12);
    expect(at.stable).toBe(true);
  });

  test('refuses biases that are more than the whole variance', () => {
    expect(() => criticalInit({ cell: 'vanilla', qStar: 0.1, sb: 1, R })).toThrow('take a smaller sb');
  });
});

test('maxTrainableLength is k time scales', () => {
  const params = { cell: 'minimal', sw: 6.88, sv: 1.39, mub: -2, R } as const;
  expect(maxTrainableLength(params)).toBeCloseTo(6 * 4.117, 1);
  expect(maxTrainableLength(params, 1)).toBeCloseTo(-1 / Math.log(stationary(params).chi1), 10);
});

describe('phaseDiagram', () => {
  test('gives chi of each point, and chi = 1 along the contour', () => {
    const params = { cell: 'vanilla', sw: 1, sv: 1, R } as const;
    const sw = { name: 'sw', values: [0.5, 1, 1.5, 2, 2.5] } as const;
    const sv = { name: 'sv', values: [0, 0.25, 0.5] } as const;
    const rows: number[] = [];
    const diagram = phaseDiagram(params, sw, sv, { onRow: (done) => rows.push(done) });
    expect(rows).toEqual([1, 2, 3]);
    sv.values.forEach((y, j) => {
      sw.values.forEach((x, i) => {
        expect(diagram.chi[j * 5 + i]).toBe(stationary({ ...params, sw: x, sv: y }).chi1);
      });
    });
    expect(diagram.critical.length).toBeGreaterThan(2);
    for (const [x, y] of diagram.critical)
      expect(Math.abs(stationary({ ...params, sw: x, sv: y }).chi1 - 1)).toBeLessThan(0.08);
    expect(Math.max(...diagram.xi)).toBeLessThanOrEqual(1e4);
  });

  test('the contour of a linear function is a line, exactly', () => {
    const [xs, ys] = [
      [0, 1, 2.5],
      [0, 0.5, 2],
    ];
    const values = Float64Array.from(ys.flatMap((y) => xs.map((x) => x + 2 * y)));
    const pieces = contour(values, xs, ys, 2.2);
    expect(pieces.length).toBeGreaterThan(1);
    for (const [x1, y1, x2, y2] of pieces) {
      expect(x1 + 2 * y1).toBeCloseTo(2.2, 12);
      expect(x2 + 2 * y2).toBeCloseTo(2.2, 12);
    }
    expect(contour(values, xs, ys, 100)).toEqual([]);
  });
});
