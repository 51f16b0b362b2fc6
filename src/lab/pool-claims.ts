/** The claims of several runs as one: the values of each check put together, then judged again. */
import type { Assumption, Check } from '../results/contract.ts';
import { type CheckVerdict, type ClaimVerdict, judgeClaim } from './verdict.ts';

/**
 * Claims by id, their checks by quantity and bound, in the order in which they come first. Where the runs predict different
 * numbers the pooled check has no prediction; a check whose bound differs between the runs stays several checks.
 */
export function poolClaims(runs: readonly (readonly ClaimVerdict[])[]): ClaimVerdict[] {
  return [...groupBy(runs.flat(), ({ id }) => id).values()].map((claims) => {
    const { id, statement, source, control } = claims[0];
    return judgeClaim({
      id,
      statement,
      source,
      checks: poolChecks(claims.flatMap(({ checks }) => checks)),
      assumptions: poolAssumptions(claims.flatMap(({ assumptions }) => assumptions)),
      control: { setting: control.setting, checks: poolChecks(claims.flatMap((claim) => claim.control.checks)) },
    });
  });
}

function poolChecks(checks: readonly CheckVerdict[]): Check[] {
  const same = ({ quantity, boundText, over }: CheckVerdict) => JSON.stringify([quantity, boundText, over]);
  return [...groupBy(checks, same).values()].map((group) => {
    const { quantity, bound, over, predicted } = group[0];
    const agreed = group.every((check) => JSON.stringify(check.predicted) === JSON.stringify(predicted));
    const values = group.flatMap((check) => check.values);
    return { quantity, bound, over, values, ...(agreed && predicted !== undefined ? { predicted } : {}) };
  });
}

/** Each statement once: as it was found where it does not hold, if it does not hold somewhere. */
function poolAssumptions(assumptions: readonly Assumption[]): Assumption[] {
  return [...groupBy(assumptions, ({ statement }) => statement).values()].map((group) => {
    const unmet = group.filter(({ holds }) => !holds);
    if (unmet.length === 0) return group[0];
    const where = unmet.length < group.length ? `, in ${unmet.length} of ${group.length} runs` : '';
    return { ...unmet[0], found: `${unmet[0].found}${where}` };
  });
}

/** In the order of the first of each group. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}
