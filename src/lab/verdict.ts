/** From measured values to verdicts. Pure: the same claim always gets the same verdict. */

import type { Assumption, Bound, Check, Claim, Evidence, Experiment, Verdict } from '../results/contract.ts';
import { meanInterval } from '../stats/index.ts';
import { boundText, numberTextBeside } from './number-text.ts';

/** What became of one check. */
export interface CheckVerdict {
  readonly quantity: string;
  readonly predicted?: number | readonly number[];
  /** Mean of the values; NaN if any of them is. */
  readonly mean: number;
  /** 95 % Student-t interval of the mean; absent where there is none: fewer than two values, or one not finite. */
  readonly interval?: readonly [number, number];
  readonly n: number;
  readonly values: readonly number[];
  readonly bound: Bound;
  readonly boundText: string;
  readonly over: Check['over'];
  readonly verdict: CheckOutcome;
}

export type CheckOutcome = 'holds' | 'fails' | 'inconclusive';

/** What became of a claim, with everything needed to show it without the experiment. */
export interface ClaimVerdict {
  readonly id: string;
  readonly statement: string;
  readonly source: string;
  readonly verdict: Verdict;
  /** Why, in one sentence. */
  readonly reason: string;
  readonly assumptions: readonly Assumption[];
  readonly checks: readonly CheckVerdict[];
  readonly control: { readonly setting: string; readonly checks: readonly CheckVerdict[] };
}

/** A claim with what was measured about it. */
export type TestedClaim = Pick<Claim, 'id' | 'statement' | 'source'> & Evidence;

/** Every claim of an experiment, judged by the measurements. */
export function judgeClaims(
  experiment: Pick<Experiment, 'claims'>,
  settings: Readonly<Record<string, unknown>>,
  measurements: unknown,
): ClaimVerdict[] {
  return experiment.claims.map((claim) => judgeClaim({ ...claim, ...claim.evidence(settings, measurements) }));
}

/**
 * A claim holds when all of its checks hold and its control behaves as it must. An assumption that is not met makes it
 * not applicable; then a failing check decides, then an open one, then the control.
 */
export function judgeClaim(claim: TestedClaim): ClaimVerdict {
  const checks = claim.checks.map(judgeCheck);
  const control = claim.control.checks.map(judgeCheck);
  const assumptions = claim.assumptions ?? [];
  return {
    id: claim.id,
    statement: claim.statement,
    source: claim.source,
    ...decide(assumptions, checks, control),
    assumptions,
    checks,
    control: { setting: claim.control.setting, checks: control },
  };
}

function decide(
  assumptions: readonly Assumption[],
  checks: readonly CheckVerdict[],
  control: readonly CheckVerdict[],
): { verdict: Verdict; reason: string } {
  const unmet = assumptions.find((assumption) => !assumption.holds);
  if (unmet) return { verdict: 'not-applicable', reason: `assumption not met: ${unmet.statement} (${unmet.found})` };
  const failed = checks.find((check) => check.verdict === 'fails');
  if (failed) return { verdict: 'fails', reason: explain(failed) };
  const open = checks.find((check) => check.verdict === 'inconclusive');
  if (open) return { verdict: 'inconclusive', reason: explain(open) };
  if (checks.length === 0) return { verdict: 'inconclusive', reason: 'the claim has no check' };
  const astray = control.find((check) => check.verdict !== 'holds');
  if (astray) return { verdict: 'inconclusive', reason: `the control did not behave as it must: ${explain(astray)}` };
  return { verdict: 'holds', reason: 'every check holds and the control behaves as it must' };
}

/**
 * `every`: all values satisfy the bound, or it fails. `mean`: the interval of the mean inside the bound holds, wholly
 * outside fails, astride is inconclusive; where there is no interval, all values inside hold and none inside fails.
 * A NaN fails in both: the quantity did not exist. Nothing measured is inconclusive.
 */
export function judgeCheck(check: Check): CheckVerdict {
  const { quantity, predicted, values, bound, over } = check;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const interval = values.length > 1 && values.every(Number.isFinite) ? meanInterval(values) : undefined;
  return {
    quantity,
    ...(predicted === undefined ? {} : { predicted }),
    mean,
    ...(interval ? { interval } : {}),
    n: values.length,
    values: [...values],
    bound,
    boundText: boundText(bound),
    over,
    verdict: outcome(check, interval),
  };
}

function outcome(check: Check, interval: readonly [number, number] | undefined): CheckOutcome {
  const { values, bound, over } = check;
  if (values.length === 0) return 'inconclusive';
  if (values.some(Number.isNaN)) return 'fails';
  const inside = values.filter((value) => satisfies(value, bound)).length;
  if (over === 'every') return inside === values.length ? 'holds' : 'fails';
  if (interval) {
    if (interval.every((end) => satisfies(end, bound))) return 'holds';
    return overlaps(interval, bound) ? 'inconclusive' : 'fails';
  }
  if (inside === values.length) return 'holds';
  return inside === 0 ? 'fails' : 'inconclusive';
}

/** Whether one number satisfies the bound; NaN never does. */
export function satisfies(value: number, bound: Bound): boolean {
  const [low, high] = boundLimits(bound);
  return value >= low && value <= high;
}

/** The bound as an interval, infinite on the open side. */
export function boundLimits(bound: Bound): readonly [number, number] {
  if ('atLeast' in bound) return [bound.atLeast, Number.POSITIVE_INFINITY];
  return 'atMost' in bound ? [Number.NEGATIVE_INFINITY, bound.atMost] : bound.within;
}

function overlaps([low, high]: readonly [number, number], bound: Bound): boolean {
  const [least, most] = boundLimits(bound);
  return high >= least && low <= most;
}

/** The sentence behind a check that does not hold. */
function explain(check: CheckVerdict): string {
  const { quantity, values, n, mean, interval, bound, over } = check;
  if (n === 0) return `${quantity} was not measured`;
  const missing = values.filter(Number.isNaN).length;
  if (missing > 0) return `${quantity} does not exist in ${missing} of ${n} ${n === 1 ? 'measurement' : 'seeds'}`;
  const say = (value: number) => numberTextBeside(value, bound);
  if (n === 1) return `${quantity} is ${say(mean)}, not ${check.boundText}`;
  if (over === 'every' || !interval) {
    const outside = values.filter((value) => !satisfies(value, bound));
    return `${quantity} is not ${check.boundText} in ${outside.length} of ${n} seeds (e.g. ${say(worst(outside, bound))})`;
  }
  const where = check.verdict === 'fails' ? 'lies wholly outside' : 'straddles';
  return `the 95 % interval [${say(interval[0])}, ${say(interval[1])}] of ${quantity} ${where} ${check.boundText}`;
}

function worst(outside: readonly number[], bound: Bound): number {
  const [low, high] = boundLimits(bound);
  const distance = (value: number) => Math.max(low - value, value - high);
  return outside.reduce((a, b) => (distance(b) > distance(a) ? b : a));
}

/** The one verdict over several claims: any failure fails; then anything open; not applicable only if nothing holds. */
export function overallVerdict(claims: readonly { readonly verdict: Verdict }[]): Verdict {
  const has = (verdict: Verdict) => claims.some((claim) => claim.verdict === verdict);
  if (has('fails')) return 'fails';
  if (has('inconclusive')) return 'inconclusive';
  if (has('holds')) return 'holds';
  return claims.length === 0 ? 'inconclusive' : 'not-applicable';
}
