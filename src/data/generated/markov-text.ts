/** Text without meaning but with known statistics: a Markov chain over letters. */
import { UserError } from '../../array/errors.ts';
import type { Tokens } from '../dataset.ts';
import { type Draws, draws } from '../draws.ts';

export interface MarkovText {
  /** Number of letters. */
  readonly n: number;
  /** Different letters, 2 to 26; default 26. */
  readonly letters?: number;
  /** Evenness of the transitions: each row of the transition matrix is a Dirichlet draw with this weight; default 0.1. */
  readonly concentration?: number;
  /** Safe integer: draws the chain and the text. */
  readonly seed: number;
  /** Draws another text of the same chain, e.g. to test with; default 0. */
  readonly sample?: number;
}

export interface MarkovChainText extends Tokens {
  /** Probability of each letter after each; letters x letters, rows sum to 1. */
  readonly transitions: Float64Array;
  /** Entropy rate of the chain in nats: no model predicts the next letter at a smaller mean cross-entropy. */
  readonly entropyRate: number;
}

const CHAIN = 0;
const FIRST_SAMPLE = 1;

/**
 * A text of a random Markov chain, begun in the chain's stationary distribution. A longer text begins with the shorter
 * one.
 *
 * @throws UserError when a number is out of range
 */
export function markovText({ n, letters = 26, concentration = 0.1, seed, sample = 0 }: MarkovText): MarkovChainText {
  if (!Number.isInteger(n) || n < 1) throw new UserError(`markovText: expected at least 1 letter, found ${n}.`);
  if (!Number.isInteger(letters) || letters < 2 || letters > 26) {
    throw new UserError(`markovText: expected 2 to 26 different letters, found ${letters}.`);
  }
  if (!(concentration > 0 && concentration < Infinity)) {
    throw new UserError(`markovText: expected a concentration above 0, found ${concentration}.`);
  }
  if (!Number.isInteger(sample) || sample < 0) {
    throw new UserError(`markovText: expected a sample of at least 0, found ${sample}.`);
  }
  const chain = draws(seed, CHAIN);
  const rows = Array.from({ length: letters }, () => dirichlet(letters, concentration, chain));
  const stationary = stationaryDistribution(rows);
  const random = draws(seed, FIRST_SAMPLE + sample);
  const tokens = new Int32Array(n);
  for (let i = 0; i < n; i++) tokens[i] = pick(i === 0 ? stationary : rows[tokens[i - 1]], random);
  const entropy = (row: Float64Array) => row.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
  return {
    tokens,
    vocabulary: Array.from({ length: letters }, (_, i) => String.fromCharCode(97 + i)),
    n,
    transitions: Float64Array.from(rows.flatMap((row) => [...row])),
    entropyRate: rows.reduce((sum, row, i) => sum + stationary[i] * entropy(row), 0),
  };
}

/** Gamma variables over their sum; a little of each letter keeps the chain in one piece. */
function dirichlet(size: number, concentration: number, random: Draws): Float64Array {
  const weights = Float64Array.from({ length: size }, () => gamma(concentration, random) + 1e-6);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** A gamma variable of the given shape, by the method of Marsaglia and Tsang (ACM TOMS 26, 2000). */
function gamma(shape: number, random: Draws): number {
  // Below shape 1 their boost: Gamma(a) = Gamma(a + 1) U^(1/a).
  if (shape < 1) return gamma(shape + 1, random) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = random.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < x * x * 0.5 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** The distribution that the transitions leave as it is, by squaring the matrix until its rows agree. */
function stationaryDistribution(rows: readonly Float64Array[]): Float64Array {
  let power = rows;
  for (let k = 0; k < 60; k++) {
    const last = power;
    power = last.map((row) => {
      const product = new Float64Array(row.length);
      row.forEach((p, j) => {
        for (let i = 0; i < product.length; i++) product[i] += p * last[j][i];
      });
      // Rounding must not grow from squaring to squaring.
      const total = product.reduce((sum, p) => sum + p, 0);
      return product.map((p) => p / total);
    });
  }
  return power[0];
}

function pick(probabilities: Float64Array, { uniform }: Draws): number {
  let rest = uniform();
  let chosen = 0;
  while (chosen < probabilities.length - 1 && rest >= probabilities[chosen]) rest -= probabilities[chosen++];
  return chosen;
}
