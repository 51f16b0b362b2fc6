import { describe, expect, it } from 'vitest';
import type { Bound, Check } from '../results/contract.ts';
import { judgeCheck, judgeClaim, overallVerdict, type TestedClaim } from './verdict.ts';

const check = (values: readonly number[], bound: Bound, over: Check['over'] = 'every'): Check => ({
  quantity: 'the ratio',
  values,
  bound,
  over,
});
const good = check([1], { atLeast: 0.5 });
const bad = check([0.2], { atLeast: 0.5 });
const claim = (parts: Partial<TestedClaim>): TestedClaim => ({
  id: 'T1',
  statement: 'It works.',
  source: 'Thm. 1',
  checks: [good],
  control: { setting: 'nothing there', checks: [good] },
  ...parts,
});

describe('judgeCheck', () => {
  const atLeast = { atLeast: 0.9 };
  it.each<[string, Check, string]>([
    ['every value inside', check([0.9, 1], atLeast), 'holds'],
    ['one value outside', check([0.89, 1], atLeast), 'fails'],
    ['a NaN', check([1, Number.NaN], atLeast), 'fails'],
    ['nothing measured', check([], atLeast), 'inconclusive'],
    ['an infinite value inside', check([1, Number.POSITIVE_INFINITY], atLeast), 'holds'],
    ['the interval inside', check([0.95, 0.96, 0.97], atLeast, 'mean'), 'holds'],
    [
      'one value outside but the interval inside',
      check([0.89, 0.95, 0.96, 0.97, 0.96, 0.95], atLeast, 'mean'),
      'holds',
    ],
    ['the interval astride', check([0.8, 1.1], atLeast, 'mean'), 'inconclusive'],
    ['the interval outside', check([0.1, 0.11, 0.12], atLeast, 'mean'), 'fails'],
    ['the interval wider than the range', check([0, 2], { within: [0.9, 1.1] }, 'mean'), 'inconclusive'],
    ['the interval above the range', check([2, 2.01, 2.02], { within: [0.9, 1.1] }, 'mean'), 'fails'],
    ['a mean of a NaN', check([1, Number.NaN, 1], atLeast, 'mean'), 'fails'],
    ['one value decides: inside', check([0.95], atLeast, 'mean'), 'holds'],
    ['one value decides: outside', check([0.85], atLeast, 'mean'), 'fails'],
    ['equal values', check([1, 1, 1], { within: [1, 1] }, 'mean'), 'holds'],
    ['an infinite mean, all inside', check([1, Number.POSITIVE_INFINITY], atLeast, 'mean'), 'holds'],
    ['an infinite mean, some inside', check([0, Number.POSITIVE_INFINITY], atLeast, 'mean'), 'inconclusive'],
  ])('%s', (_, given, verdict) => {
    expect(judgeCheck(given).verdict).toBe(verdict);
  });

  it('gives mean, n and the Student-t interval, where there is one', () => {
    const { mean, interval, n } = judgeCheck(check([1, 2, 3], { atMost: 4 }, 'mean'));
    expect([mean, n]).toEqual([2, 3]);
    // t_{0.975, 2} = 4.302653, s / sqrt(n) = 1 / sqrt(3)
    expect(interval?.[0]).toBeCloseTo(2 - 4.302653 / Math.sqrt(3), 5);
    expect(interval?.[1]).toBeCloseTo(2 + 4.302653 / Math.sqrt(3), 5);
    expect(judgeCheck(check([1], { atMost: 4 }))).not.toHaveProperty('interval');
  });
});

describe('judgeClaim', () => {
  const unmet = { statement: 'wide enough', found: 'width 4', holds: false };
  const open = check([0, 1], { atLeast: 0.5 }, 'mean');
  it.each<[string, Partial<TestedClaim>, string, string]>([
    ['all is well', {}, 'holds', 'every check holds and the control behaves as it must'],
    [
      'an assumption fails',
      { assumptions: [unmet], checks: [bad] },
      'not-applicable',
      'assumption not met: wide enough (width 4)',
    ],
    ['a check fails', { checks: [good, open, bad] }, 'fails', 'the ratio is 0.2, not ≥ 0.5'],
    [
      'a check is open',
      { checks: [good, open] },
      'inconclusive',
      'the 95 % interval [-5.85, 6.85] of the ratio straddles ≥ 0.5',
    ],
    ['no check at all', { checks: [] }, 'inconclusive', 'the claim has no check'],
    [
      'the control fails',
      { control: { setting: 'x', checks: [good, bad] } },
      'inconclusive',
      'the control did not behave as it must: the ratio is 0.2, not ≥ 0.5',
    ],
    [
      'the control is open',
      { control: { setting: 'x', checks: [open] } },
      'inconclusive',
      'the control did not behave as it must',
    ],
    [
      'a failure outweighs the control',
      { checks: [bad], control: { setting: 'x', checks: [bad] } },
      'fails',
      'the ratio is',
    ],
    [
      'some seeds are missing',
      { checks: [check([1, Number.NaN], { atLeast: 0 })] },
      'fails',
      'the ratio does not exist in 1 of 2 seeds',
    ],
    [
      'every seed counts',
      { checks: [check([1, 0.3, 0.4], { atLeast: 0.5 })] },
      'fails',
      'the ratio is not ≥ 0.5 in 2 of 3 seeds (e.g. 0.3)',
    ],
  ])('%s', (_, parts, verdict, reason) => {
    const judged = judgeClaim(claim(parts));
    expect(judged.verdict).toBe(verdict);
    expect(judged.reason).toContain(reason);
  });
});

it('combines verdicts', () => {
  const overall = (...verdicts: ('holds' | 'fails' | 'inconclusive' | 'not-applicable')[]) =>
    overallVerdict(verdicts.map((verdict) => ({ verdict })));
  expect(overall('holds', 'inconclusive', 'fails')).toBe('fails');
  expect(overall('holds', 'inconclusive', 'not-applicable')).toBe('inconclusive');
  expect(overall('holds', 'not-applicable')).toBe('holds');
  expect(overall('not-applicable')).toBe('not-applicable');
  expect(overall()).toBe('inconclusive');
});
