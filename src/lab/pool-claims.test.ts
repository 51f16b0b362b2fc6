import { describe, expect, it } from 'vitest';
import type { Check } from '../results/contract.ts';
import { meanInterval } from '../stats/index.ts';
import { poolClaims } from './pool-claims.ts';
import { judgeClaim } from './verdict.ts';

const check = (values: readonly number[], changes: Partial<Check> = {}): Check => ({
  quantity: 'ratio',
  predicted: 1,
  values,
  bound: { within: [0.5, 1.5] },
  over: 'mean',
  ...changes,
});
const claim = (checks: readonly Check[], holds = true) =>
  judgeClaim({
    id: 'A1',
    statement: 'It is so.',
    source: 'Thm. 1',
    checks,
    assumptions: [{ statement: 'wide', found: holds ? 'width 512' : 'width 2', holds }],
    control: { setting: 'none', checks: [check([0.1], { bound: { atMost: 0.2 } })] },
  });

describe('poolClaims', () => {
  it('judges the values of all runs as those of one', () => {
    const [pooled] = poolClaims([[claim([check([0.9])])], [claim([check([1.2])])], [claim([check([1.1])])]]);
    expect(pooled).toEqual(
      judgeClaim({
        ...pooled,
        ...{
          checks: [check([0.9, 1.2, 1.1])],
          control: { setting: 'none', checks: [check([0.1, 0.1, 0.1], { bound: { atMost: 0.2 } })] },
        },
      }),
    );
    expect(pooled.checks[0].interval).toEqual(meanInterval([0.9, 1.2, 1.1]));
    expect(pooled.verdict).toBe('holds');
  });

  it('keeps checks apart whose bounds differ, and predicts only what all predict', () => {
    const [pooled] = poolClaims([
      [claim([check([1]), check([5], { quantity: 'rank', predicted: 4, bound: { atMost: 8 } })])],
      [claim([check([1]), check([9], { quantity: 'rank', predicted: 8, bound: { atMost: 16 } })])],
      [claim([check([1], { predicted: 2 })])],
    ]);
    expect(pooled.checks.map(({ quantity, boundText, n, predicted }) => [quantity, boundText, n, predicted])).toEqual([
      ['ratio', 'in [0.5, 1.5]', 3, undefined],
      ['rank', '≤ 8', 1, 4],
      ['rank', '≤ 16', 1, 8],
    ]);
  });

  it('says where an assumption is not met', () => {
    const [pooled] = poolClaims([[claim([check([1])])], [claim([check([1])], false)]]);
    expect(pooled.verdict).toBe('not-applicable');
    expect(pooled.reason).toBe('assumption not met: wide (width 2, in 1 of 2 runs)');
  });

  it('of nothing is nothing', () => {
    expect(poolClaims([])).toEqual([]);
  });
});
