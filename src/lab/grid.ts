/**
 * The grid of a sweep from the command line: `width=64,128,256 rate=0.01` is three values of one setting and one of
 * another. A setting that is a list itself has its commas, so its values are kept apart by a slash:
 * `frequencies=1,2/1,2,4`. Numbers also come as ranges: `1..5`, `0..1+0.25`, `64..1024x2`.
 */
import { UserError } from '../array/errors.ts';
import type { Scale } from '../results/contract.ts';
import type { SettingKind } from './setting-kind.ts';
import { resolveSettings, settingKinds, type WithSettings } from './settings.ts';

/** One combination of values. */
export interface GridPoint {
  /** All settings of the run. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Those that the sweep varies. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** More is a mistake in a range rather than a plan. */
const most = 100_000;

/**
 * Every combination of the values given, the last setting changing fastest; one without values given once.
 * @throws UserError naming the setting, what was given and what is allowed
 */
export function expandGrid(experiment: WithSettings, scale: Scale, given: readonly string[]): GridPoint[] {
  const kinds = settingKinds(experiment);
  const axes = given.map((override) => valuesOf(override, kinds));
  const count = axes.reduce((product, { texts }) => product * texts.length, 1);
  if (count > most) throw new UserError(`a grid of ${count} values is more than a sweep takes (${most})`);
  const varied = axes.filter(({ texts }) => texts.length > 1).map(({ key }) => key);
  return combinations(axes.map(({ overrides }) => overrides)).map((overrides) => {
    const settings = resolveSettings(experiment, scale, overrides);
    return { settings, values: Object.fromEntries(varied.map((key) => [key, settings[key]])) };
  });
}

interface Axis {
  readonly key: string;
  readonly texts: readonly string[];
  /** The values as `resolveSettings` reads them. */
  readonly overrides: readonly string[];
}

function valuesOf(override: string, kinds: Readonly<Record<string, SettingKind>>): Axis {
  const at = override.indexOf('=');
  const key = override.slice(0, Math.max(0, at)).trim();
  // What is no setting at all, or not one of this experiment, is for resolveSettings to refuse.
  if (!Object.hasOwn(kinds, key)) return { key, texts: [override], overrides: [override] };
  const kind = kinds[key];
  const parts = override
    .slice(at + 1)
    .split(isList(kind) ? '/' : ',')
    .map((part) => part.trim());
  const texts = [...new Set(parts.flatMap((part) => (isNumber(kind) ? range(key, part) : [part])))];
  return { key, texts, overrides: texts.map((text) => `${key}=${text}`) };
}

function isList(kind: SettingKind): boolean {
  return kind.kind === 'list' || kind.kind === 'json' || (kind.kind === 'either' && kind.kinds.some(isList));
}

function isNumber(kind: SettingKind): boolean {
  return kind.kind === 'number' || (kind.kind === 'either' && kind.kinds.some(isNumber));
}

const number = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`;
const rangeForm = new RegExp(`^(${number})\\.\\.(${number})(?:([+x])(${number}))?$`, 'i');

/** The values of a range, both ends included where the steps meet them; a text that is no range as it is. */
function range(key: string, text: string): string[] {
  const match = rangeForm.exec(text);
  if (!match) return [text];
  const [from, to, step] = [Number(match[1]), Number(match[2]), Number(match[4] ?? 1)];
  const factor = match[3]?.toLowerCase() === 'x';
  const refuse = (why: string) => new UserError(`range "${text}" of setting "${key}": ${why}`);
  if (to < from) throw refuse(`${to} is below ${from}; write the smaller end first`);
  if (factor && (from <= 0 || step <= 1)) throw refuse('needs a positive start and a factor above 1');
  if (!factor && step <= 0) throw refuse('needs a step above 0');
  // Counted and not added up: 0..1+0.1 has eleven values, the last of them 1.
  const steps = Math.floor((factor ? Math.log(to / from) / Math.log(step) : (to - from) / step) + 1e-9);
  if (steps >= most) throw refuse(`has ${steps + 1} values`);
  const value = (i: number) => (factor ? from * step ** i : from + i * step);
  return Array.from({ length: steps + 1 }, (_, i) => String(Number(value(i).toPrecision(12))));
}

function combinations<T>(axes: readonly (readonly T[])[]): T[][] {
  return axes.reduce<T[][]>((made, axis) => made.flatMap((head) => axis.map((value) => [...head, value])), [[]]);
}
