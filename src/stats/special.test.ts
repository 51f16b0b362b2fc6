import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chiSquaredCdf,
  chiSquaredQuantile,
  normalCdf,
  normalQuantile,
  studentTCdf,
  studentTQuantile,
} from './distributions.ts';
import { erf, erfc, erfcinv, erfinv } from './error-function.ts';
import { betainc, gammainc, lgamma } from './gamma-function.ts';

fc.configureGlobal({ seed: 1 });

/** Relative error, or absolute where the true value is zero. */
function error(found: number, expected: number): number {
  return Math.abs(found - expected) / (expected === 0 ? 1 : Math.abs(expected));
}

// Expected values throughout: mpmath at 40 or 50 digits, at the double that the literal denotes.
describe('error function', () => {
  test.each([
    [1e-300, 1.1283791670955126e-300],
    [1e-8, 1.1283791670955126e-8],
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [1.9, 0.9927904292352575],
    [2.1, 0.997020533343667],
    [3, 0.9999779095030014],
    [-0.7, -0.6778011938374184],
  ])('erf(%d)', (x, expected) => expect(error(erf(x), expected)).toBeLessThan(1e-15));

  test.each([
    [-3, 1.9999779095030015],
    [-0.5, 1.5204998778130465],
    [0.1, 0.887537083981715],
    [1, 0.15729920705028513],
    [1.9, 0.0072095707647425325],
    [2.1, 0.002979466656332984],
    [5, 1.537459794428035e-12],
    [10, 2.088487583762545e-45],
    [26, 5.663192408856143e-296],
  ])('erfc(%d)', (x, expected) => expect(error(erfc(x), expected)).toBeLessThan(3e-14));

  test.each([
    [1e-300, 8.86226925452758e-301],
    [1e-8, 8.86226925452758e-9],
    [0.1, 0.08885599049425769],
    [0.5, 0.4769362762044699],
    [0.9, 1.1630871536766743],
    [0.999999, 3.458910737275499],
    [1 - 2 ** -53, 5.8635847487551676],
    [-0.3, -0.2724627147267543],
  ])('erfinv(%d)', (y, expected) => expect(error(erfinv(y), expected)).toBeLessThan(2e-15));

  test('limits and values out of range', () => {
    expect([erf(Infinity), erf(-Infinity), erfc(Infinity), erfc(-Infinity), erfc(50)]).toEqual([1, -1, 0, 2, 0]);
    expect([erfinv(1), erfinv(-1), erfcinv(0), erfcinv(2)]).toEqual([Infinity, -Infinity, Infinity, -Infinity]);
    expect([erf(NaN), erfc(NaN), erfinv(NaN), erfinv(1.1), erfcinv(-0.1), erfcinv(2.1)]).toEqual(Array(6).fill(NaN));
  });

  test('erfc undoes erfcinv, however deep the tail', () => {
    fc.assert(
      fc.property(fc.double({ min: -700, max: 0.69, noNaN: true }), (logarithm) => {
        const q = Math.exp(logarithm);
        // The condition number of erfc at x is about 2 x^2.
        const x = erfcinv(q);
        expect(error(erfc(x), q)).toBeLessThan(1e-14 + 1e-15 * x * x);
      }),
    );
  });
});

describe('gamma function', () => {
  test.each([
    [1e-300, 690.7755278982137],
    [0.1, 2.252712651734206],
    [0.5, 0.5723649429247001],
    [0.99, 0.005854806764709781],
    [1 + 2 ** -30, -5.375739784311044e-10],
    [1.3, -0.10817480950786047],
    [1.9999999, -4.2278430309861296e-8],
    [2.0000001, 4.227843666532498e-8],
    [2.5, 0.2846828704729192],
    [7.5, 7.534364236758733],
    [14.9, 24.924132002217277],
    [15.1, 25.458999750992664],
    [100, 359.1342053695754],
    [1e4, 82099.71749644238],
    [1e8, 1742068066.1038346],
    [1e305, 7.012884533631839e307],
    [-0.5, 1.2655121234846454],
    [-2.7, -0.07140708531564569],
    [-20.25, -41.60096191534053],
  ])('lgamma(%d)', (x, expected) => expect(error(lgamma(x), expected)).toBeLessThan(1e-14));

  test('poles, zeros and factorials', () => {
    expect([lgamma(0), lgamma(-3), lgamma(Infinity), lgamma(NaN)]).toEqual([Infinity, Infinity, Infinity, NaN]);
    expect([lgamma(1), lgamma(2)]).toEqual([0, 0]);
    let factorial = 1;
    for (let n = 2; n < 100; n++) {
      factorial *= n;
      expect(error(lgamma(n + 1), Math.log(factorial))).toBeLessThan(1e-14);
    }
  });

  test.each([
    [0.5, 0.5, 0.25, 0.3333333333333333],
    [2, 3, 0.3, 0.3483],
    [5, 0.5, 0.9, 0.3166429150200123],
    [1e3, 0.5, 0.99, 7.366397738015053e-6],
    [1e4, 2e4, 0.33, 0.11020551912741972],
    [1e5, 0.5, 0.9999, 7.740369670946466e-6],
    [1e-3, 2, 0.5, 0.9998067465369478],
    [30, 0.1, 0.05, 4.787212527755276e-42],
    [0.1, 30, 1e-5, 0.4663432304914031],
  ])('betainc(%d, %d, %d)', (a, b, x, expected) => expect(error(betainc(a, b, x), expected)).toBeLessThan(1e-12));

  test('betainc is a distribution function with I_x(a, b) = 1 - I_(1-x)(b, a)', () => {
    const shape = fc.double({ min: 0.05, max: 200, noNaN: true });
    // Multiples of 2^-20, so that 1 - x is exact.
    const point = fc.integer({ min: 0, max: 2 ** 20 }).map((k) => k / 2 ** 20);
    fc.assert(
      fc.property(shape, shape, point, point, (a, b, x, y) => {
        expect(Math.abs(betainc(a, b, x) + betainc(b, a, 1 - x) - 1)).toBeLessThan(1e-12);
        expect(betainc(a, b, Math.min(x, y))).toBeLessThanOrEqual(betainc(a, b, Math.max(x, y)) + 1e-13);
      }),
    );
    expect([betainc(2, 3, 0), betainc(2, 3, 1), betainc(0, 1, 0.5), betainc(1, 1, 1.5)]).toEqual([0, 1, NaN, NaN]);
  });
});

describe('incomplete gamma function', () => {
  test.each([
    [0.5, 0.1, 0.345279153981423],
    [1, 2, 0.8646647167633873],
    [3, 3, 0.5768099188731565],
    [10, 2, 4.6498075017263805e-5],
    [10, 25, 0.9997785233617512],
    [100, 100, 0.5132987982791487],
    [1000, 900, 0.0005499022657117829],
    [10000.0, 10200, 0.9767126778664011],
    [0.001, 1e-5, 0.9891230446957827],
  ])('gammainc(%d, %d)', (a, x, expected) => expect(error(gammainc(a, x), expected)).toBeLessThan(1e-12));

  test('recurrence P(a, x) = P(a + 1, x) + x^a e^-x / Gamma(a + 1), monotone in x, with its limits', () => {
    const shape = fc.double({ min: 0.01, max: 300, noNaN: true });
    const point = fc.double({ min: 0, max: 500, noNaN: true });
    fc.assert(
      fc.property(shape, point, point, (a, x, y) => {
        const term = x === 0 ? 0 : Math.exp(a * Math.log(x) - x - lgamma(a + 1));
        expect(Math.abs(gammainc(a, x) - gammainc(a + 1, x) - term)).toBeLessThan(1e-12);
        expect(gammainc(a, Math.min(x, y))).toBeLessThanOrEqual(gammainc(a, Math.max(x, y)) + 1e-13);
      }),
    );
    expect([gammainc(2, 0), gammainc(2, Infinity), gammainc(0, 1), gammainc(1, -1)]).toEqual([0, 1, NaN, NaN]);
  });
});

describe('quantiles', () => {
  test.each([
    [1e-300, -37.0470962993612],
    [1e-20, -9.262340089798407],
    [0.001, -3.0902323061678136],
    [0.025, -1.9599639845400543],
    [0.1, -1.2815515655446004],
    [0.3, -0.5244005127080408],
    [0.499, -0.002506630899571766],
    [0.5000001, 2.506628273311648e-7],
    [0.75, 0.6744897501960817],
    [0.975, 1.9599639845400538],
    [0.9999, 3.7190164854557084],
    [1 - 2 ** -53, 8.209536151601387],
  ])('normalQuantile(%d)', (p, expected) => expect(error(normalQuantile(p), expected)).toBeLessThan(3e-15));

  test.each([
    [0.975, 1, 12.706204736174694],
    [0.975, 2, 4.302652729749462],
    [0.975, 3, 3.1824463052837086],
    [0.975, 4, 2.7764451051977934],
    [0.975, 10, 2.2281388519862744],
    [0.975, 30, 2.0422724563012378],
    [0.975, 1e3, 1.962339080826408],
    [0.975, 1e6, 1.9599663568141066],
    [0.9995, 5, 6.868826625881275],
    [1e-12, 3, -10331.108244292485],
    [1e-100, 7, -387862584049539.9],
    [0.25, 2.5, -0.7850136829923011],
    [0.5000001, 4, 2.666666665263091e-7],
    [0.3, 0.5, -1.0095258786071661],
  ])('studentTQuantile(%d, %d)', (p, degrees, expected) =>
    expect(error(studentTQuantile(p, degrees), expected)).toBeLessThan(1e-12),
  );

  test('closed forms: Cauchy for one degree, 2 u sqrt(2 / (1 - 4 u^2)) for two, normal for infinitely many', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), (p) => {
        const u = p - 0.5;
        expect(Math.abs(studentTQuantile(p, 1) - Math.tan(Math.PI * u))).toBeLessThan(
          1e-9 * (1 + Math.tan(Math.PI * u) ** 2),
        );
        expect(error(studentTQuantile(p, 2), 2 * u * Math.sqrt(2 / (1 - 4 * u * u)))).toBeLessThan(1e-9);
        expect(studentTQuantile(p, Infinity)).toBe(normalQuantile(p));
      }),
    );
  });

  test('the distribution function undoes the quantile', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true }),
        fc.double({ min: 0.3, max: 1e4, noNaN: true }),
        (p, degrees) => {
          expect(Math.abs(studentTCdf(studentTQuantile(p, degrees), degrees) - p)).toBeLessThan(1e-13);
          expect(Math.abs(normalCdf(normalQuantile(p)) - p)).toBeLessThan(1e-14);
        },
      ),
    );
  });

  test('limits and values out of range', () => {
    expect([normalQuantile(0), normalQuantile(1), normalQuantile(0.5)]).toEqual([-Infinity, Infinity, 0]);
    expect([studentTQuantile(0, 3), studentTQuantile(1, 3), studentTQuantile(0.5, 3)]).toEqual([
      -Infinity,
      Infinity,
      0,
    ]);
    expect([normalQuantile(-0.1), studentTQuantile(1.1, 3), studentTQuantile(0.9, 0)]).toEqual([NaN, NaN, NaN]);
    expect([studentTCdf(Infinity, 3), studentTCdf(-Infinity, 3), studentTCdf(0, 3)]).toEqual([1, 0, 0.5]);
  });

  test.each([
    [0.95, 1, 3.8414588206941245],
    [0.5, 2, 1.3862943611198906],
    [0.99, 10, 23.209251158954356],
    [0.001, 3, 0.024297585815692732],
    [1e-10, 5, 0.00032335571462496933],
    [0.975, 100, 129.5611971858366],
    [0.999999999, 20, 83.4791244332475],
    [0.3, 0.5, 0.010982604948550967],
  ])('chiSquaredQuantile(%d, %d)', (p, degrees, expected) =>
    expect(error(chiSquaredQuantile(p, degrees), expected)).toBeLessThan(1e-12),
  );

  test('the chi-squared distribution function undoes its quantile; closed form -2 log(1 - p) for two degrees', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true }),
        fc.double({ min: 0.3, max: 1e4, noNaN: true }),
        (p, degrees) => {
          expect(Math.abs(chiSquaredCdf(chiSquaredQuantile(p, degrees), degrees) - p)).toBeLessThan(1e-12);
          expect(error(chiSquaredQuantile(p, 2), -2 * Math.log1p(-p))).toBeLessThan(1e-12);
        },
      ),
    );
    expect([chiSquaredQuantile(0, 3), chiSquaredQuantile(1, 3)]).toEqual([0, Infinity]);
    expect([chiSquaredQuantile(-0.1, 3), chiSquaredQuantile(0.5, 0), chiSquaredCdf(-1, 2)]).toEqual([NaN, NaN, 0]);
  });
});
