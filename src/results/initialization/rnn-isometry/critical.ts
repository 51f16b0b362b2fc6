/** Initialisations at the border between order and chaos, in closed form, and how long a sequence a network can learn. */
import { UserError } from '../../../array/errors.ts';
import { expectation, gateMoments } from './gate.ts';
import { type Phi, type RnnParams, type Stationary, stationary, stationaryAt, timeScale } from './mean-field.ts';

/** The cell to initialise. */
export type CriticalChoice =
  | { readonly cell: 'vanilla'; readonly phi?: Phi; readonly qStar: number; readonly sb?: number; readonly R: number }
  | {
      readonly cell: 'minimal';
      /** Default: the smallest variance at which a critical network exists and rests. */
      readonly qStar?: number;
      /** Mean of the biases, default 0. */
      readonly mub?: number;
      readonly sb?: number;
      readonly R: number;
    };

export interface CriticalInit extends Stationary {
  readonly sw: number;
  readonly sv: number;
  /** Whether the network comes to rest at `q` from nearby: lambda < 1. */
  readonly stable: boolean;
}

/** sw^2 and sv^2 R of the critical minimalRNN whose pre-activations have variance q; the latter may come out negative. */
function minimalAt(q: number, mub: number, sb: number, R: number): { sw2: number; input: number } {
  const { u, u2, v2, d2 } = gateMoments(mub, q);
  // chi_1 = E u^2 + sw^2 (Q + R) E u'^2 = 1 with Q = R E (1-u)^2 / (1 - E u^2), Q + R = 2 R (1 - E u) / (1 - E u^2).
  const sw2 = (1 - u2) ** 2 / (2 * R * d2 * (1 - u));
  return { sw2, input: q - (sw2 * R * v2) / (1 - u2) - sb ** 2 };
}

/**
 * Weights with chi_1 = 1 in closed form, for a chosen variance of the pre-activations. For the vanilla cell every
 * variance gives a critical network, and the smaller, the closer its Jacobian is to an isometry (with orthogonal W). For
 * the minimalRNN, isometry needs open gates: a large mean of the biases.
 *
 * @param choice the cell, its variance qStar, biases, and the mean square R of its inputs
 * @throws UserError where no critical network exists at this variance (the message says from where on one does)
 */
export function criticalInit(choice: CriticalChoice): CriticalInit {
  const { cell, sb = 0, R } = choice;
  if (!(R > 0)) throw new UserError(`criticalInit: expected a mean square R of the inputs above 0, found ${R}.`);
  if (!(sb >= 0)) throw new UserError(`criticalInit: expected a deviation sb of at least 0, found ${sb}.`);
  const qStar = choice.qStar ?? (cell === 'minimal' ? smallestVariance(choice, true) : Number.NaN);
  if (!(qStar > 0)) {
    throw new UserError(`criticalInit: expected a variance qStar of the pre-activations above 0, found ${qStar}.`);
  }
  const { sw2, input } =
    cell === 'minimal' ? minimalAt(qStar, choice.mub ?? 0, sb, R) : vanillaAt(qStar, sb, choice.phi);
  if (!(input >= 0)) {
    if (cell === 'vanilla') {
      throw new UserError(`criticalInit: no sv >= 0 gives q* = ${qStar} with sb = ${sb}; take a smaller sb.`);
    }
    const smallest = smallestVariance(choice, false);
    const mub = choice.mub ?? 0;
    throw new UserError(
      `criticalInit: no sv >= 0 gives q* = ${qStar} at mu_b = ${mub}; the smallest feasible q* is ${smallest.toPrecision(4)}.`,
    );
  }
  const [sw, sv] = [Math.sqrt(sw2), Math.sqrt(input / R)];
  const params: RnnParams =
    cell === 'minimal'
      ? { cell, sw, sv, sb, R, mub: choice.mub ?? 0 }
      : { cell, sw, sv, sb, R, ...(choice.phi === undefined ? {} : { phi: choice.phi }) };
  const at = stationaryAt(params, qStar);
  return { ...at, sw, sv, stable: at.lambda < 1 };
}

function vanillaAt(q: number, sb: number, phi?: Phi): { sw2: number; input: number } {
  const value = phi?.value ?? Math.tanh;
  const derivative = phi?.derivative ?? ((e: number) => 1 - Math.tanh(e) ** 2);
  const sw2 = 1 / expectation((e) => derivative(e) ** 2, q);
  return { sw2, input: q - sw2 * expectation((e) => value(e) ** 2, q) - sb ** 2 };
}

/** From which variance on a critical minimalRNN exists (and, if asked, rests there). */
function smallestVariance({ mub = 0, sb = 0, R }: { mub?: number; sb?: number; R: number }, resting: boolean): number {
  const good = (q: number): boolean => {
    const { sw2, input } = minimalAt(q, mub, sb, R);
    if (input < 0) return false;
    const params: RnnParams = { cell: 'minimal', sw: Math.sqrt(sw2), sv: Math.sqrt(input / R), sb, R, mub };
    return !resting || stationaryAt(params, q).lambda < 1;
  };
  const step = 1.05;
  let q = 1e-3;
  while (!good(q)) {
    q *= step;
    if (q > 1e3) throw new UserError(`criticalInit: no critical minimalRNN found at mu_b = ${mub}, q* up to 1000.`);
  }
  let [low, high] = [q / step, q];
  for (let round = 0; round < 50; round++) {
    const middle = (low + high) / 2;
    if (good(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * The longest sequences a network can learn from: k time scales of the distance of nearby states, k / |ln chi_1|. In
 * the ordered phase the first input is forgotten and its gradient vanishes over longer ones, in the chaotic phase
 * gradients explode.
 *
 * @param k a constant of the training procedure, default 6 (the paper's curves)
 */
export const maxTrainableLength = (params: RnnParams, k = 6): number => k * timeScale(stationary(params).chi1);
