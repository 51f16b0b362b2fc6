/**
 * Mean field theory of recurrent networks at initialisation (arXiv 1806.05394): how the variance of the hidden states and
 * the correlation of two sequences evolve, and what the state-to-state Jacobian looks like, in the limit of many units.
 *
 * Both cells follow one recursion. With Q the mean square of a state and C the mean product of two, pre-activations
 * e = W h + V z + b have variance q = sw^2 Q + sv^2 R + sb^2 and correlation (sw^2 C + sv^2 R Sigma + sb^2) / q, and the
 * cell makes the next Q and C of them.
 */
import { UserError } from '../../../array/errors.ts';
import { fixedPoint } from './fixed-point.ts';
import { expectation, gateMoments, logistic, pairProducts } from './gate.ts';

/** An activation with its derivative. */
export interface Phi {
  readonly value: (e: number) => number;
  readonly derivative: (e: number) => number;
}

interface Common {
  /** Recurrent weights W have variance sw^2 / N, input weights V variance sv^2 / M (M inputs of the cell). */
  readonly sw: number;
  readonly sv: number;
  /** Deviation of the biases, default 0. */
  readonly sb?: number;
  /** Mean square of the inputs (of the minimalRNN: after its encoder). */
  readonly R: number;
}

/** h' = phi(W h + V x + b). */
export interface VanillaParams extends Common {
  readonly cell: 'vanilla';
  /** Default tanh. */
  readonly phi?: Phi;
}

/** h' = u h + (1 - u) z with the gate u = logistic(W h + V z + b). */
export interface MinimalParams extends Common {
  readonly cell: 'minimal';
  /** Mean of the biases, default 0: the larger, the more open the gates are to the past. */
  readonly mub?: number;
}

export type RnnParams = VanillaParams | MinimalParams;

/** What holds at a fixed point of the variance, whatever the correlation of the inputs. */
export interface Stationary {
  /** Variance of the pre-activations. */
  readonly q: number;
  /** Mean square of the states. */
  readonly Q: number;
  /**
   * By which factor the distance of two nearly equal states grows in a step; the mean squared singular value of the
   * state-to-state Jacobian.
   */
  readonly chi1: number;
  /** Slope of the map Q -> Q there; the network comes to rest there only if it is below 1. */
  readonly lambda: number;
  /** Variance of the squared singular values of the Jacobian: W Gaussian, and W a multiple of a Haar matrix. */
  readonly spreadGaussian: number;
  readonly spreadOrthogonal: number;
  /** Mean gate E u of the minimalRNN. */
  readonly meanGate?: number;
}

export interface MeanField extends Stationary {
  /** Correlation of states and of pre-activations that two sequences reach whose states were uncorrelated. */
  readonly c: number;
  readonly cPre: number;
  /** The correlation of states reached from nearly equal ones; it differs from `c` where there are several. */
  readonly cFromAlike: number;
  /** By which factor the distance from `c` shrinks in a step. */
  readonly chi: number;
  /** Steps in which that distance falls by e: 1 / |ln chi|. */
  readonly xi: number;
  /** Mean squared singular value of the Jacobian, equal to chi1. */
  readonly m1: number;
  /** `critical`: |ln chi1| < 1e-3, a time scale above 1000 steps. */
  readonly regime: 'ordered' | 'critical' | 'chaotic';
}

const tanh: Phi = { value: Math.tanh, derivative: (e) => 1 - Math.tanh(e) ** 2 };

/** @throws UserError for a negative deviation, R <= 0, or an activation without its derivative */
export function checkParams(name: string, params: RnnParams): void {
  const { sw, sv, sb = 0, R } = params;
  for (const [what, value] of Object.entries({ sw, sv, sb })) {
    if (!(value >= 0 && value < Infinity)) {
      throw new UserError(`${name}: expected a deviation ${what} of at least 0, found ${value}.`);
    }
  }
  if (!(R > 0 && R < Infinity)) {
    throw new UserError(
      `${name}: expected a mean square R of the inputs above 0, found ${R}; estimateInputSecondMoment measures it.`,
    );
  }
  if (params.cell === 'minimal' && !Number.isFinite(params.mub ?? 0)) {
    throw new UserError(`${name}: expected a finite mean mub of the biases, found ${params.mub}.`);
  }
  if (params.cell === 'vanilla' && params.phi !== undefined && typeof params.phi.derivative !== 'function') {
    throw new UserError(`${name}: phi has no derivative; give { value, derivative }, which chi is computed from.`);
  }
}

const variance = ({ sw, sv, sb = 0, R }: RnnParams, Q: number): number => sw ** 2 * Q + sv ** 2 * R + sb ** 2;

/** The correlation of pre-activations for inputs of correlation sigma. */
const correlation = ({ sw, sv, sb = 0, R }: RnnParams, q: number, C: number, sigma: number): number =>
  q === 0 ? 1 : (sw ** 2 * C + sv ** 2 * R * sigma + sb ** 2) / q;

/** The next mean square of the states, whose pre-activations have variance q. */
function nextQ(params: RnnParams, q: number, Q: number): number {
  if (params.cell === 'vanilla') {
    const { value } = params.phi ?? tanh;
    return expectation((e) => value(e) ** 2, q);
  }
  const { u2, v2 } = gateMoments(params.mub ?? 0, q);
  return u2 * Q + params.R * v2;
}

/** The next mean product C of the states of two sequences, and its derivative by the present one, chi. */
function nextC(
  params: RnnParams,
  { q, C, sigma }: { q: number; C: number; sigma: number },
): { C: number; chi: number } {
  const given = { q, c: correlation(params, q, C, sigma) };
  const { sw, R } = params;
  if (params.cell === 'vanilla') {
    const { value, derivative } = params.phi ?? tanh;
    const [product, slopes] = pairProducts(
      (e, out) => {
        out[0] = value(e);
        out[1] = derivative(e);
      },
      2,
      given,
    );
    return { C: product, chi: sw ** 2 * slopes };
  }
  const [uu, vv, dd] = pairProducts(
    (e, out) => {
      const [u, v] = [logistic(e), logistic(-e)];
      out[0] = u;
      out[1] = v;
      out[2] = u * v;
    },
    3,
    { ...given, mean: params.mub ?? 0 },
  );
  return { C: uu * C + R * sigma * vv, chi: uu + sw ** 2 * (C + R * sigma) * dd };
}

/** What would hold if pre-activations of variance q were a fixed point; `stationary` finds where they are. */
export function stationaryAt(params: RnnParams, q: number): Stationary {
  const { sw, R } = params;
  if (params.cell === 'vanilla') {
    const { value, derivative } = params.phi ?? tanh;
    const Q = expectation((e) => value(e) ** 2, q);
    const chi1 = sw ** 2 * expectation((e) => derivative(e) ** 2, q);
    // J = D W: the second moment of D^2 W W^T (free product).
    const spreadGaussian = sw ** 4 * expectation((e) => derivative(e) ** 4, q);
    // d/dq E phi^2 = E phi phi' z / sqrt(q) by Gaussian integration by parts; at q = 0 it is phi'(0)^2 for phi(0) = 0.
    const lambda = q === 0 ? chi1 : (sw ** 2 * expectation((e) => value(e) * derivative(e) * e, q)) / q;
    return { q, Q, chi1, lambda, spreadGaussian, spreadOrthogonal: spreadGaussian - chi1 ** 2 };
  }
  const m = gateMoments(params.mub ?? 0, q);
  const Q = (R * m.v2) / (1 - m.u2);
  // J = diag(u) + diag(u' (h - z)) W, where h and z do not depend on e: moments of h - z.
  const second = Q + R;
  const h4 = (6 * m.u2v2 * Q * R + 3 * R ** 2 * m.v4) / (1 - m.u4);
  const fourth = h4 + 6 * Q * R + 3 * R ** 2;
  const chi1 = m.u2 + sw ** 2 * second * m.d2;
  const spreadGaussian = m.u4 - m.u2 ** 2 + 2 * sw ** 2 * m.u2d2 * second + sw ** 4 * m.d4 * fourth;
  return {
    q,
    Q,
    chi1,
    lambda: chi1 + sw ** 2 * (Q * m.ddu - R * m.ddv),
    spreadGaussian,
    spreadOrthogonal: spreadGaussian - (sw ** 2 * m.d2 * second) ** 2,
    meanGate: m.u,
  };
}

/**
 * The fixed point of the variance that a network comes to.
 *
 * @param params of the network
 * @param q0 variance of the pre-activations to start from, default 1. Where there are several fixed points (a band of
 *   open gates), a large start may lead to another one.
 * @throws UserError for parameters out of range, or where the iteration does not converge
 */
export function stationary(params: RnnParams, q0 = 1): Stationary {
  checkParams('stationary', params);
  const restingQ = (q: number): number => {
    if (params.cell === 'vanilla') return nextQ(params, q, 0);
    const { u2, v2 } = gateMoments(params.mub ?? 0, q);
    return (params.R * v2) / (1 - u2);
  };
  const q = fixedPoint((x) => variance(params, restingQ(x)), q0, 'the variance of the pre-activations');
  return stationaryAt(params, q);
}

/** Steps in which a factor chi per step changes something by e: 1 / |ln chi|, infinite at chi = 1. */
export const timeScale = (chi: number): number => 1 / Math.abs(Math.log(chi));

/**
 * Everything mean field theory says about a network at rest that reads two sequences.
 *
 * @param params of the network
 * @param options.sigma correlation of the two input sequences, default 1: the same input
 * @param options.q0 as in `stationary`
 * @throws UserError for parameters out of range, or where an iteration does not converge
 */
export function rnnMeanField(
  params: RnnParams,
  { sigma = 1, q0 = 1 }: { sigma?: number; q0?: number } = {},
): MeanField {
  const at = stationary(params, q0);
  const { q, Q, chi1 } = at;
  const map = (C: number) => nextC(params, { q, C, sigma }).C;
  const rest = (start: number) => {
    const C = fixedPoint(map, start, 'the covariance of the states', 1e-11);
    // Equal sequences: Q itself is a fixed point, which the iteration only comes near.
    return sigma === 1 && Math.abs(C - Q) < 1e-7 * Q ? Q : C;
  };
  const alike = rest(Q * (1 - 1e-6));
  const apart = rest(0);
  const chi = sigma === 1 && apart === Q ? chi1 : nextC(params, { q, C: apart, sigma }).chi;
  return {
    ...at,
    c: Q === 0 ? 1 : apart / Q,
    cPre: correlation(params, q, apart, sigma),
    cFromAlike: Q === 0 ? 1 : alike / Q,
    chi,
    xi: timeScale(chi),
    m1: chi1,
    regime: Math.abs(Math.log(chi1)) < 1e-3 ? 'critical' : chi1 < 1 ? 'ordered' : 'chaotic',
  };
}

/** The fixed points that a network comes to from small and from large pre-activations; one where they are the same. */
export function rnnMeanFields(params: RnnParams, options: { sigma?: number } = {}): MeanField[] {
  const [small, large] = [1, 100].map((q0) => rnnMeanField(params, { ...options, q0 }));
  return Math.abs(large.q - small.q) <= 1e-6 * small.q + 1e-9 ? [small] : [small, large];
}

export interface Trajectory {
  /** Variance of the pre-activations of each step. */
  readonly q: Float64Array;
  /** Mean square of the states after it. */
  readonly Q: Float64Array;
  /** Correlation of the two sequences' states after it, and of their pre-activations. */
  readonly c: Float64Array;
  readonly cPre: Float64Array;
}

/**
 * How variance and correlation evolve over the steps of two sequences.
 *
 * @param options.sigma correlation of the inputs at each step; its length is the number of steps
 * @param options.Q0 mean square of the first states, default 0
 * @param options.c0 correlation of the first states, default 0
 * @throws UserError for parameters out of range
 */
export function rnnTrajectory(
  params: RnnParams,
  { sigma, Q0 = 0, c0 = 0 }: { sigma: readonly number[]; Q0?: number; c0?: number },
): Trajectory {
  checkParams('rnnTrajectory', params);
  const T = sigma.length;
  const path = { q: new Float64Array(T), Q: new Float64Array(T), c: new Float64Array(T), cPre: new Float64Array(T) };
  let Q = Q0;
  let C = c0 * Q0;
  sigma.forEach((s, t) => {
    const q = variance(params, Q);
    path.q[t] = q;
    path.cPre[t] = correlation(params, q, C, s);
    C = nextC(params, { q, C, sigma: s }).C;
    Q = nextQ(params, q, Q);
    path.Q[t] = Q;
    path.c[t] = Q === 0 ? 1 : C / Q;
  });
  return path;
}
