/** Where an increasing map of one variable comes to rest. */
import { UserError } from '../../../array/errors.ts';

/** Ends the endless decay to zero at the edge between two phases. */
const absolute = 1e-18;
const maxRounds = 5000;

/**
 * The limit of x, f(x), f(f(x)), … for a continuous increasing map f: such an iteration runs to the nearest fixed point
 * on the side to which the first step goes. Where it crawls (slope near 1), two steps are extrapolated by Aitken's
 * formula; an extrapolation that would pass the fixed point, seen by the sign of f(x) - x, is not taken.
 *
 * @param f from numbers that are not negative to such
 * @param start not negative
 * @param name what is sought, for the error
 * @param tolerance relative, default 1e-13; above the rounding error of f
 * @returns x with |f(x) - x| <= tolerance x (or 1e-18)
 * @throws UserError with the last value and its residual after 5 000 rounds
 */
export function fixedPoint(f: (x: number) => number, start: number, name: string, tolerance = 1e-13): number {
  const closeTo = (value: number, error: number) => Math.abs(error) <= tolerance * Math.abs(value) + absolute;
  let x = start;
  let residual = Number.NaN;
  for (let round = 0; round < maxRounds; round++) {
    const once = f(x);
    residual = once - x;
    if (closeTo(once, residual)) return once;
    const twice = f(once);
    const slope = (twice - once) / residual;
    const aim = once + (twice - once) / (1 - slope);
    x = twice;
    if (slope > 0 && slope < 1 && aim >= 0) {
      const there = f(aim) - aim;
      if (closeTo(aim, there)) return aim;
      if (Math.sign(there) === Math.sign(residual)) x = aim;
    }
    if (!Number.isFinite(x)) break;
  }
  throw new UserError(
    `${name}: the fixed-point iteration did not converge in ${maxRounds} rounds; last value ${x}, residual ${residual}.`,
  );
}
