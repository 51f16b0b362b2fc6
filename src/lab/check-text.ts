/** How a check is told, in the terminal and in the report alike. */
import type { Verdict } from '../results/contract.ts';
import { numberTextBeside } from './number-text.ts';
import type { CheckVerdict } from './verdict.ts';

/**
 * The mean and what decides: its interval, `0.976 [0.961, 0.991]`, or where every seed counts the smallest and largest
 * value, `0.976 (0.95 … 0.99)`. A missing measurement is told, never averaged away.
 */
export function measuredText(check: CheckVerdict): string {
  const { n, mean, interval, bound, values, over } = check;
  if (n === 0) return 'not measured';
  const missing = values.filter(Number.isNaN).length;
  if (missing > 0) return n === 1 ? 'NaN' : `NaN in ${missing} of ${n}`;
  const say = (value: number) => numberTextBeside(value, bound);
  // With no-break spaces: the two ends belong together.
  if (over === 'every' && n > 1)
    return `${say(mean)} (${say(Math.min(...values))}\u00a0…\u00a0${say(Math.max(...values))})`;
  return interval ? `${say(mean)} [${say(interval[0])}, ${say(interval[1])}]` : say(mean);
}

/** What the measured values must satisfy: `every ≥ 0.9`, `mean in [0.7, 1.5]`, for one value just `≥ 0.9`. */
export function mustText({ n, over, boundText }: CheckVerdict): string {
  return n > 1 ? `${over} ${boundText}` : boundText;
}

/** How the control turned out, in the words of a control: it must show that the effect is absent. */
export function controlText(checks: readonly CheckVerdict[]): string {
  if (checks.length === 0) return 'none';
  return checks.every((check) => check.verdict === 'holds') ? 'as it must' : 'astray';
}

export function verdictText(verdict: Verdict): string {
  return verdict.replace('-', ' ');
}

/** `3 of 5 claims hold; D2 fails; D3 inconclusive`. */
export function tallyText(claims: readonly { readonly id: string; readonly verdict: Verdict }[]): string {
  const ids = (verdict: Verdict) => claims.filter((claim) => claim.verdict === verdict).map((claim) => claim.id);
  const [holding, failing, open, apart] = [ids('holds'), ids('fails'), ids('inconclusive'), ids('not-applicable')];
  const parts = [
    holding.length === claims.length && claims.length > 1
      ? `all ${claims.length} claims hold`
      : `${holding.length} of ${claims.length} ${claims.length === 1 ? 'claim' : 'claims'} ${holding.length === 1 ? 'holds' : 'hold'}`,
    ...(failing.length > 0 ? [`${failing.join(', ')} ${failing.length > 1 ? 'fail' : 'fails'}`] : []),
    ...(open.length > 0 ? [`${open.join(', ')} inconclusive`] : []),
    ...(apart.length > 0 ? [`${apart.join(', ')} not applicable`] : []),
  ];
  return parts.join('; ');
}
