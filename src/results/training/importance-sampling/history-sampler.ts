/** @file Baselines that draw by the latest loss of each example, without a pre-sample. */
import { UserError } from '../../../array/errors.ts';
import { ranks } from '../../../stats/index.ts';

export type HistoryRule =
  /** p = exp(-log(pressure) rank / N), rank 0 the largest loss (Loshchilov and Hutter, arXiv 1511.06343). */
  | { readonly kind: 'rank'; readonly pressure: number }
  /** p proportional to loss^exponent (Schaul et al., arXiv 1511.05952, adapted to supervised learning). */
  | { readonly kind: 'proportional'; readonly exponent: number };

export interface HistorySampler {
  /** p [N], as the latest losses give them. */
  readonly probabilities: () => Float64Array;
  /** Tells the losses of some examples. */
  readonly update: (indices: ArrayLike<number>, losses: ArrayLike<number>) => void;
}

/**
 * Probabilities from the latest loss of every example; one that was not yet seen counts like the largest seen, so that it comes
 * early. Draw with `sampleWithReplacement` and weigh by 1 / (N p), or by ones as online batch selection does (biased).
 *
 * @param n number of examples
 * @throws UserError for a pressure below 1, a negative exponent, or a loss that is negative or not finite
 */
export function historySampler(n: number, rule: HistoryRule): HistorySampler {
  if (rule.kind === 'rank' && !(rule.pressure >= 1)) {
    throw new UserError(`historySampler: expected a selection pressure of at least 1, found ${rule.pressure}`);
  }
  if (rule.kind === 'proportional' && !(rule.exponent >= 0)) {
    throw new UserError(`historySampler: expected an exponent of at least 0, found ${rule.exponent}`);
  }
  const latest = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  return {
    update(indices, losses) {
      for (let k = 0; k < indices.length; k++) {
        if (!(losses[k] >= 0 && losses[k] < Number.POSITIVE_INFINITY)) {
          throw new UserError(`historySampler: expected losses that are finite and at least 0, found ${losses[k]}`);
        }
        latest[indices[k]] = losses[k];
      }
    },
    probabilities() {
      const seen = latest.filter((loss) => loss < Number.POSITIVE_INFINITY);
      const most = seen.reduce((max, loss) => Math.max(max, loss), 0) || 1;
      const scores =
        rule.kind === 'rank'
          ? ranks(latest.map((loss) => -loss)).map((r) => Math.exp((-Math.log(rule.pressure) * (r - 1)) / n))
          : // Floored as in `samplingProbabilities`: an example of loss 0 must be able to come back.
            latest.map((loss) => Math.max(Math.min(loss, most), 1e-8 * most) ** rule.exponent);
      const total = scores.reduce((sum, s) => sum + s, 0);
      return scores.map((s) => s / total);
    },
  };
}
