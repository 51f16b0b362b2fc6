/**
 * @file Special functions that ONNX Runtime lacks for float64, as rational approximations: on the host and as graphs.
 */
import type { DType } from '../array/dtype.ts';
import type { Lowering } from '../array/primitive.ts';

/** Horner's rule; coefficients from the highest power down. */
const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((sum, c) => sum * x + c, 0);

// W. J. Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969): relative error 6e-19 in
// exact arithmetic on |x| <= 0.5, [0.46875, 4] and above 4.
const small = {
  p: [1.85777706184603153e-1, 3.1611237438705656, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3],
  q: [1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3],
};
const middle = {
  p: [
    2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2,
    8.8195222124176909e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3,
  ],
  q: [
    1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
    3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
  ],
};

/** Error function; error a few units in the last place (erf is 1 to rounding above 6). */
export function erf64(x: number): number {
  if (Number.isNaN(x)) return x;
  const y = Math.abs(x);
  if (y <= 0.46875) return (x * polynomial(small.p, x * x)) / polynomial(small.q, x * x);
  if (y >= 6) return Math.sign(x);
  // Above 4 the middle form is still accurate relative to erf, since erfc < 2e-8 there.
  const erfc = (Math.exp(-y * y) * polynomial(middle.p, y)) / polynomial(middle.q, y);
  return Math.sign(x) * (1 - erfc);
}

/** Nodes for Horner's rule. */
function lowerPolynomial(context: Lowering, coefficients: readonly number[], x: string, dtype: DType): string {
  const number = (value: number) => context.constant([value], [], dtype);
  return coefficients
    .slice(1)
    .reduce((sum, c) => context.op('Add', [context.op('Mul', [sum, x]), number(c)]), number(coefficients[0]));
}

export function lowerErf64(context: Lowering, x: string): string {
  const number = (value: number) => context.constant([value], [], 'float64');
  const op = (type: string, ...inputs: string[]) => context.op(type, inputs);
  const rational = ({ p, q }: typeof small, z: string) =>
    op('Div', lowerPolynomial(context, p, z, 'float64'), lowerPolynomial(context, q, z, 'float64'));
  const y = op('Min', op('Abs', x), number(6));
  const near = op('Mul', x, rational(small, op('Min', op('Mul', x, x), number(0.25))));
  const erfc = op('Mul', op('Exp', op('Neg', op('Mul', y, y))), rational(middle, y));
  const far = op('Mul', op('Sign', x), op('Sub', number(1), erfc));
  return op('Where', op('LessOrEqual', y, number(0.46875)), near, far);
}

// S. L. Moshier, Cephes atan: relative error 2e-16 on |x| <= tan(pi/8) of the reduced argument.
const atanP = [
  -8.750608600031904122785e-1, -1.615753718733365076637e1, -7.50085579231470466734e1, -1.22886668449013617341e2,
  -6.485021904942025371773e1,
];
const atanQ = [
  1, 2.485846490142306297962e1, 1.650270098316988542046e2, 4.328810604912902668951e2, 4.853903996359136964868e2,
  1.945506571482613964425e2,
];

export function lowerArctan64(context: Lowering, x: string): string {
  const number = (value: number) => context.constant([value], [], 'float64');
  const op = (type: string, ...inputs: string[]) => context.op(type, inputs);
  const y = op('Abs', x);
  const large = op('Greater', y, number(Math.tan((3 * Math.PI) / 8)));
  const middle = op('Greater', y, number(0.66));
  // atan y = pi/2 - atan(1/y) above tan(3 pi/8), pi/4 + atan((y-1)/(y+1)) above 0.66
  const reduced = op(
    'Where',
    large,
    op('Neg', op('Reciprocal', op('Max', y, number(1)))),
    op(
      'Where',
      middle,
      op('Div', op('Sub', op('Min', y, number(4)), number(1)), op('Add', op('Min', y, number(4)), number(1))),
      op('Min', y, number(1)),
    ),
  );
  const offset = op('Where', large, number(Math.PI / 2), op('Where', middle, number(Math.PI / 4), number(0)));
  const z = op('Mul', reduced, reduced);
  const tail = op(
    'Mul',
    op('Mul', reduced, z),
    op('Div', lowerPolynomial(context, atanP, z, 'float64'), lowerPolynomial(context, atanQ, z, 'float64')),
  );
  return op('Mul', op('Sign', x), op('Add', offset, op('Add', reduced, tail)));
}

// M. Giles, Approximating the erfinv function (GPU Computing Gems, 2010): single-precision form, relative error 3.5e-7.
const gilesCentre = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164,
  0.246640727, 1.50140941,
];
const gilesTail = [
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
  1.00167406, 2.83297682,
];

function giles(x: number): number {
  const w = -Math.log((1 - x) * (1 + x));
  return x * (w < 5 ? polynomial(gilesCentre, w - 2.5) : polynomial(gilesTail, Math.sqrt(w) - 3));
}

const twoOverRootPi = 2 / Math.sqrt(Math.PI);

/** Inverse error function: Giles' form and two Newton steps on erf, which double its digits twice. */
export function erfInv(x: number): number {
  if (!(Math.abs(x) < 1)) return Math.abs(x) === 1 ? x * Number.POSITIVE_INFINITY : Number.NaN;
  let y = giles(x);
  for (let i = 0; i < 2; i++) y -= (erf64(y) - x) / (twoOverRootPi * Math.exp(-y * y));
  return y;
}

export function lowerErfInv(context: Lowering, x: string, dtype: DType): string {
  const number = (value: number) => context.constant([value], [], dtype);
  const op = (type: string, ...inputs: string[]) => context.op(type, inputs);
  const w = op('Neg', op('Log', op('Mul', op('Sub', number(1), x), op('Add', number(1), x))));
  const centre = lowerPolynomial(context, gilesCentre, op('Sub', op('Min', w, number(5)), number(2.5)), dtype);
  const tail = lowerPolynomial(context, gilesTail, op('Sub', op('Sqrt', op('Max', w, number(5))), number(3)), dtype);
  const first = op('Mul', x, op('Where', op('Less', w, number(5)), centre, tail));
  if (dtype === 'float32') return first;
  let y = first;
  for (let i = 0; i < 2; i++) {
    const slope = op('Mul', number(twoOverRootPi), op('Exp', op('Neg', op('Mul', y, y))));
    y = op('Sub', y, op('Div', op('Sub', lowerErf64(context, y), x), slope));
  }
  // At ±1 the first form is ±infinity already, and a Newton step from there is not a number.
  return op('Where', op('Equal', op('Abs', x), number(1)), first, y);
}
