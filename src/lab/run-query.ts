/** Which runs of a catalogue are meant, and in which order. */
import { UserError } from '../array/errors.ts';
import type { Scale, Verdict } from '../results/contract.ts';
import { type CatalogueEntry, type ListedRun, newestFirst } from './catalogue.ts';
import { settingText } from './settings.ts';
import { didYouMean } from './suggest.ts';

/** Every condition given must be met. A broken folder meets those on the result and the state only. */
export interface RunQuery {
  readonly result?: string;
  readonly state?: CatalogueEntry['state'];
  readonly scale?: Scale;
  readonly verdict?: Verdict;
  /** Values of settings as one types them. */
  readonly settings?: ReadonlyMap<string, string>;
  /** Default: `newest`, first. `time`: the longest first. */
  readonly sort?: RunOrder;
  /** At most so many, the first of the order. */
  readonly limit?: number;
}

export const runOrders = ['newest', 'oldest', 'result', 'verdict', 'time'] as const;
export type RunOrder = (typeof runOrders)[number];

/** @throws UserError where none of the result's runs has such a setting. */
export function selectRuns(entries: readonly CatalogueEntry[], query: RunQuery): CatalogueEntry[] {
  const { result, state, scale, verdict, settings = new Map(), sort = 'newest', limit } = query;
  const ofResult = entries.filter((entry) => result === undefined || entry.result === result);
  if (settings.size > 0 && ofResult.length > 0) requireSettings([...settings.keys()], ofResult);
  const chosen = ofResult.filter((entry) => {
    if (state !== undefined && entry.state !== state) return false;
    if (scale === undefined && verdict === undefined && settings.size === 0) return true;
    return isListed(entry) && isLike(entry, scale, verdict, settings);
  });
  return chosen.sort(orders[sort]).slice(0, limit);
}

export function isListed(entry: CatalogueEntry): entry is ListedRun {
  return entry.state !== 'broken';
}

function isLike(
  { config, verdict: found }: ListedRun,
  scale: Scale | undefined,
  verdict: Verdict | undefined,
  settings: ReadonlyMap<string, string>,
): boolean {
  if (scale !== undefined && config.scale !== scale) return false;
  if (verdict !== undefined && found !== verdict) return false;
  return [...settings].every(
    ([name, text]) => Object.hasOwn(config.settings, name) && settingText(config.settings[name]) === text,
  );
}

type Order = (a: CatalogueEntry, b: CatalogueEntry) => number;

const seconds = (entry: CatalogueEntry) => (isListed(entry) ? (entry.seconds ?? -1) : -1);
/** What asks for attention first; runs without a verdict last. */
const attention = ['fails', 'inconclusive', 'holds', 'not-applicable', undefined];
const urgency = (entry: CatalogueEntry) => attention.indexOf(isListed(entry) ? entry.verdict : undefined);

const orders: Readonly<Record<RunOrder, Order>> = {
  newest: newestFirst,
  oldest: (a, b) => newestFirst(b, a),
  result: (a, b) => (a.result === b.result ? newestFirst(a, b) : a.result < b.result ? -1 : 1),
  verdict: (a, b) => urgency(a) - urgency(b) || newestFirst(a, b),
  time: (a, b) => seconds(b) - seconds(a) || newestFirst(a, b),
};

function requireSettings(names: readonly string[], entries: readonly CatalogueEntry[]): void {
  const known = new Set(entries.filter(isListed).flatMap((run) => Object.keys(run.config.settings)));
  const unknown = names.find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw new UserError(`no run here has the setting "${unknown}"${didYouMean(unknown, [...known])}`);
}
