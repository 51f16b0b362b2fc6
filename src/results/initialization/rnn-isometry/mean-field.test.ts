import { describe, expect, test } from 'vitest';
import { fixedPoint } from './fixed-point.ts';
import { expectation, gateMoments, logistic, pairProducts } from './gate.ts';
import { type RnnParams, rnnMeanField, rnnMeanFields, rnnTrajectory, stationary, stationaryAt } from './mean-field.ts';

const R = 0.46;
const minimal = (mub: number, sw = 6.88, sv = 1.39): RnnParams => ({ cell: 'minimal', sw, sv, mub, R });
const vanilla = (sw: number, drive: number): RnnParams => ({ cell: 'vanilla', sw, sv: Math.sqrt(drive), R: 1 });

/** The fixed point as the paper writes it: damped iteration, nothing else. */
function naive(mub: number, sw: number, sv: number): { q: number; Q: number; chi: number } {
  let q = 1;
  let Q = 0;
  for (let round = 0; round < 20_000; round++) {
    const m = gateMoments(mub, q);
    Q = (R * m.v2) / (1 - m.u2);
    q = (q + sw ** 2 * Q + sv ** 2 * R) / 2;
  }
  const m = gateMoments(mub, q);
  return { q, Q, chi: m.u2 + sw ** 2 * (Q + R) * m.d2 };
}

describe('expectations', () => {
  test('gate moments at mu_b = 0, q = 16', () => {
    const m = gateMoments(0, 16);
    const expected = [0.5, 0.40881531, 0.33362753, 0.40881531, 0.01599692, 0.00070019, 0.0047527];
    [m.u, m.u2, m.u4, m.v2, m.d2, m.d4, m.u2d2].forEach((value, k) => {
      expect(value).toBeCloseTo(expected[k], 8);
    });
  });

  test('gate moments at mu_b = 4, q = 5', () => {
    const m = gateMoments(4, 5);
    const expected = [0.9192842, 0.86811127, 0.02954287, 0.00738945, 0.00028682, 0.0034865];
    [m.u, m.u2, m.v2, m.d2, m.d4, m.u2d2].forEach((value, k) => {
      expect(value).toBeCloseTo(expected[k], 8);
    });
  });

  test('u and 1 - u change places with the sign of the mean', () => {
    const [a, b] = [gateMoments(1.3, 4), gateMoments(-1.3, 4)];
    expect(a.u).toBeCloseTo(1 - b.u, 14);
    expect(a.v2).toBeCloseTo(b.u2, 14);
    expect(a.v4).toBeCloseTo(b.u4, 14);
    expect(a.d4).toBeCloseTo(b.d4, 14);
    expect(a.ddu).toBeCloseTo(-b.ddv, 14);
  });

  test('pairs: products of Hermite polynomials are orthogonal, limits are those of one variable', () => {
    const hermite = (e: number, out: Float64Array) => {
      out[0] = e;
      out[1] = e * e - 1;
      out[2] = logistic(2 * e);
    };
    for (const c of [-1, -0.4, 0, 0.7, 1]) {
      const [one, two] = pairProducts(hermite, 3, { q: 1, c });
      expect(one).toBeCloseTo(c, 10);
      expect(two).toBeCloseTo(2 * c * c, 10);
    }
    expect(pairProducts(hermite, 3, { q: 1, c: 1 })[2]).toBeCloseTo(
      expectation((e) => logistic(2 * e) ** 2, 1),
      12,
    );
    expect(pairProducts(hermite, 3, { q: 1, c: 0 })[2]).toBeCloseTo(0.25, 10);
    // Rounding may lead beyond 1.
    expect(pairProducts(hermite, 3, { q: 1, c: 1 + 1e-9 })[0]).toBeCloseTo(1, 10);
  });

  test('pairs: as the plain rule over two variables where both converge', () => {
    const naivePair = (q: number, c: number) =>
      expectation((a) => logistic(a) * expectation((b) => logistic(c * a + Math.sqrt(1 - c * c) * b), q), q);
    for (const [q, c] of [
      [1, 0.3],
      [2, -0.6],
    ])
      expect(pairProducts((e, out) => out.set([logistic(e)]), 1, { q, c })[0]).toBeCloseTo(naivePair(q, c), 9);
  });
});

describe('fixedPoint', () => {
  test('goes to the nearest one on its side, even where it crawls', () => {
    // Fixed points 0 (attracting), 0.5 (repelling), 1 (attracting, slope 0.995).
    const f = (x: number) => x - 1e-2 * x * (x - 0.5) * (x - 1);
    expect(fixedPoint(f, 0.6, 'x')).toBeCloseTo(1, 6);
    expect(fixedPoint(f, 3, 'x')).toBeCloseTo(1, 6);
    expect(fixedPoint((x) => x - 0.3 * x * (0.5 - x) * (1 - x), 0.4, 'x')).toBeLessThan(1e-6);
    expect(fixedPoint(Math.sqrt, 1e-6, 'x')).toBeCloseTo(1, 12);
  });

  test('says where it stood when it does not converge', () => {
    expect(() => fixedPoint((x) => x + 1, 1, 'the sum')).toThrow(/the sum: .* did not converge .*residual 1\./);
  });
});

describe('rnnMeanField', () => {
  test.each([
    [-4, 19.68, 0.397, 0.545, 1.65],
    [-2, 18.07, 0.363, 0.784, 4.12],
    [-1, 17.08, 0.342, 0.899, 9.4],
    [1, 14.62, 0.29, 1.076, null],
    [3, 11.14, 0.217, 1.13, null],
    [4, 8.42, 0.159, 1.096, null],
    [5, 1.34, 0.0095, 0.985, 64],
    [6, 1.01, 0.0025, 0.993, 139],
    [8, 0.903, 0.0003, 0.999, 964],
  ])('minimalRNN at the paper’s sw and sv, mu_b = %f', (mub, q, Q, chi, xi) => {
    const m = rnnMeanField(minimal(mub));
    expect(m.q / q).toBeCloseTo(1, 2);
    expect(Math.abs(m.Q - Q)).toBeLessThan(1e-3);
    expect(Math.abs(m.chi1 - chi)).toBeLessThan(1e-3);
    expect(m.regime).toBe(xi === null ? 'chaotic' : 'ordered');
    if (xi !== null) expect(Math.abs(m.xi / xi - 1)).toBeLessThan(1e-2);
  });

  test('to eight digits', () => {
    const a = stationary(minimal(-3));
    expect(a.q).toBeCloseTo(18.93206409, 7);
    expect(a.Q).toBeCloseTo(0.38118785, 8);
    expect(a.chi1).toBeCloseTo(0.66385404, 8);
    expect(a.spreadGaussian).toBeCloseTo(2.821036, 6);
    expect(a.spreadOrthogonal).toBeCloseTo(2.598911, 6);
    const b = rnnMeanField(minimal(0));
    expect(b.q).toBeCloseTo(15.93622248, 7);
    expect(b.chi1).toBeCloseTo(0.99878021, 8);
    expect(b.spreadOrthogonal).toBeCloseTo(3.077731, 6);
    expect(Math.abs(b.xi - 819)).toBeLessThan(1);
    const c = rnnMeanField(minimal(5.5));
    expect(c.q).toBeCloseTo(1.10381975, 7);
    expect(c.Q).toBeCloseTo(0.00454329, 8);
    expect(c.chi1).toBeCloseTo(0.98894331, 8);
    expect(c.spreadGaussian).toBeCloseTo(0.005806, 6);
    expect(c.spreadOrthogonal).toBeCloseTo(0.005799, 6);
    expect(stationary(minimal(2)).q).toBeCloseTo(13.06212839, 7);
    expect(stationary(minimal(2)).chi1).toBeCloseTo(1.12130645, 8);
    const d = stationary(minimal(1, 2, 1));
    expect(d.q).toBeCloseTo(0.92756608, 8);
    expect(d.Q).toBeCloseTo(0.11689152, 8);
    expect(d.chi1).toBeCloseTo(0.60200819, 8);
    expect(d.spreadGaussian).toBeCloseTo(0.14615, 6);
    expect(d.spreadOrthogonal).toBeCloseTo(0.139335, 6);
  });

  test.each([
    [0.8, 0.01, 0.02560209, 0.60986913, 0.37349324],
    [1, 0.01, 0.07777549, 0.87624377, 0.7886218],
    [1.5, 0.01, 0.81332233, 1.1290527, 1.89070806],
    [1.2, 0, 0.24951304, 1.03350147, 1.2140859],
  ])('vanilla cell, sw %f and drive %f', (sw, drive, q, chi, spread) => {
    const m = stationary(vanilla(sw, drive));
    expect(m.q).toBeCloseTo(q, 8);
    expect(m.chi1).toBeCloseTo(chi, 8);
    expect(m.spreadGaussian).toBeCloseTo(spread, 7);
    expect(m.spreadOrthogonal).toBeCloseTo(spread - chi ** 2, 6);
  });

  test.each([
    [0.5, 0.25],
    [0.8, 0.639],
    [1, 0.977],
    [1.02, 0.99],
    [1.05, 0.998],
    [1.1, 1.008],
    [1.2, 1.033],
    [1.5, 1.139],
    [2, 1.363],
  ])('vanilla cell at the paper’s sv, sw = %f', (sw, chi) => {
    expect(Math.abs(stationary({ cell: 'vanilla', sw, sv: 0.025, R }).chi1 - chi)).toBeLessThan(6e-4);
  });

  test('is what the damped iteration of the paper gives', () => {
    for (const [mub, sw, sv] of [
      [-3, 6.88, 1.39],
      [1.5, 4, 0.7],
      [5.5, 6.88, 1.39],
    ]) {
      const m = stationary({ cell: 'minimal', sw, sv, mub, R });
      const expected = naive(mub, sw, sv);
      expect(m.q).toBeCloseTo(expected.q, 8);
      expect(m.Q).toBeCloseTo(expected.Q, 9);
      expect(m.chi1).toBeCloseTo(expected.chi, 9);
    }
  });

  test('lambda is the slope of the map of the variance', () => {
    for (const params of [minimal(0), minimal(4), vanilla(1.3, 0.02)]) {
      const { Q, lambda } = stationary(params);
      const next = (from: number) => rnnTrajectory(params, { sigma: [1], Q0: from }).Q[0];
      const h = 1e-5 * Q;
      // The quadrature's own error at q = 16 is 2e-6.
      expect((next(Q + h) - next(Q - h)) / (2 * h)).toBeCloseTo(lambda, 5);
    }
  });

  test('chi is the slope of the map of the correlation', () => {
    const params = minimal(2);
    const { Q, c, chi } = rnnMeanField(params);
    const next = (from: number) => rnnTrajectory(params, { sigma: [1], Q0: Q, c0: from }).c[0];
    expect(next(c)).toBeCloseTo(c, 9);
    expect((next(c + 1e-5) - next(c - 1e-5)) / 2e-5).toBeCloseTo(chi, 6);
  });

  test('one activation or another: the linear cell is known in closed form', () => {
    const phi = { value: (e: number) => e, derivative: () => 1 };
    const m = rnnMeanField({ cell: 'vanilla', sw: 0.5, sv: 1, sb: 0.3, R, phi }, { sigma: 0.2 });
    expect(m.q).toBeCloseTo((R + 0.09) / (1 - 0.25), 10);
    expect(m.chi1).toBeCloseTo(0.25, 12);
    expect(m.spreadGaussian).toBeCloseTo(0.25 ** 2, 12);
    expect(m.spreadOrthogonal).toBeCloseTo(0, 12);
    expect(m.c).toBeCloseTo((0.2 * R + 0.09) / (R + 0.09), 8);
  });

  test('the chaotic network forgets that its inputs are equal, the ordered one does not', () => {
    expect(rnnMeanField(minimal(2)).c).toBeCloseTo(0.772, 3);
    expect(rnnMeanField(minimal(-3))).toMatchObject({ c: 1, cFromAlike: 1 });
    expect(rnnMeanField(minimal(-3), { sigma: 0.5 }).c).toBeLessThan(0.9);
  });

  test('two fixed points are both found', () => {
    const fields = rnnMeanFields(minimal(6, 12.10487834, 1.28117108));
    expect(fields.map((m) => m.q.toFixed(1))).toEqual(['1.3', '45.4']);
    expect(fields[0].chi1).toBeCloseTo(0.995, 3);
    expect(fields[1].chi1).toBeCloseTo(1.51, 2);
    expect(rnnMeanFields(minimal(0))).toHaveLength(1);
  });

  test('refuses what it cannot compute with', () => {
    expect(() => stationary({ cell: 'vanilla', sw: -1, sv: 1, R })).toThrow('deviation sw of at least 0, found -1');
    expect(() => stationary({ cell: 'vanilla', sw: 1, sv: 1, R: 0 })).toThrow('mean square R of the inputs above 0');
    expect(() => stationary({ cell: 'minimal', sw: 1, sv: 1, R, mub: Number.NaN })).toThrow('finite mean mub');
    const phi = { value: Math.tanh } as unknown as { value: typeof Math.tanh; derivative: typeof Math.tanh };
    expect(() => stationary({ cell: 'vanilla', sw: 1, sv: 1, R, phi })).toThrow('phi has no derivative');
  });
});

describe('rnnTrajectory', () => {
  const sigma = [...new Array<number>(10).fill(0), ...new Array<number>(140).fill(1)];

  // Computed once with a coarser rule (61 x 61 nodes), hence the tolerance.
  test.each([
    [-3, { 10: 0.662837, 11: 0.837425, 12: 0.910307, 15: 0.979149, 20: 0.997464 }],
    [2, { 10: 0.193483, 11: 0.321543, 15: 0.564279, 20: 0.670303, 149: 0.772318 }],
    [5.5, { 10: 0.096655, 15: 0.398398, 40: 0.800331, 149: 0.974498 }],
  ])('correlations at mu_b = %f', (mub, expected) => {
    const path = rnnTrajectory(minimal(mub), { sigma });
    for (const [t, c] of Object.entries(expected)) expect(Math.abs(path.c[Number(t)] - c)).toBeLessThan(2e-4);
    for (let t = 0; t < 10; t++) expect(path.c[t]).toBeCloseTo(0, 12);
  });

  test('the variance starts from nothing and comes to rest', () => {
    const path = rnnTrajectory(minimal(-3), { sigma });
    expect(path.Q[0]).toBeCloseTo(0.402382, 6);
    // With the coarser rule 0.385834.
    expect(Math.abs(path.Q[1] - 0.385834)).toBeLessThan(1e-4);
    const rest = stationaryAt(minimal(-3), path.q[149]);
    expect(path.Q[149]).toBeCloseTo(rest.Q, 10);
    expect(path.q[149]).toBeCloseTo(stationary(minimal(-3)).q, 9);
  });
});
