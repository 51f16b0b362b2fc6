/** How claims are written: a quantity, one value per seed, its bound, and what theory predicts. */
import type { Check, Evidence } from './contract.ts';

type Judged = (
  quantity: string,
  values: readonly number[],
  bound: Check['bound'],
  predicted?: Check['predicted'],
) => Check;

/** Every seed must satisfy the bound. */
export const every: Judged = (quantity, values, bound, predicted) => ({
  quantity,
  values,
  bound,
  ...(predicted === undefined ? {} : { predicted }),
  over: 'every',
});

/** The 95 % interval of the mean over seeds must satisfy the bound. */
export const onAverage: Judged = (...given) => ({ ...every(...given), over: 'mean' });

/**
 * A claim about a setting that this scale does not reach: not applicable, with what it needs.
 *
 * @param needs the setting that the claim is about, e.g. "ResNet-20 trained for 64,000 steps on CIFAR-10"
 * @param found what this scale has instead
 * @param control the control that a scale which reaches it measures
 */
export const outOfScale = (needs: string, found: string, control: string): Evidence => ({
  checks: [],
  assumptions: [{ statement: needs, found, holds: false }],
  control: { setting: control, checks: [] },
});
