/** Settings from one schema: reading `key=value` overrides, checking them, and the table that help and reports show. */
import { z } from 'zod';
import { UserError } from '../array/errors.ts';
import type { Experiment, Scale } from '../results/contract.ts';
import { allowedText, readSetting, type SettingKind, type SettingSchema, settingKind } from './setting-kind.ts';
import { didYouMean } from './suggest.ts';

/** What the settings functions need of an experiment. */
export type WithSettings = Pick<Experiment, 'name' | 'settings' | 'scales'>;

/** One row of the settings table. */
export interface SettingRow {
  readonly name: string;
  /** The value at each scale. */
  readonly values: Readonly<Record<Scale, unknown>>;
  /** What is allowed, in words. */
  readonly allowed: string;
  readonly doc: string;
}

/**
 * The settings of a run: the schema's defaults, then the scale's, then the overrides (`key=value`).
 * @throws UserError naming the setting, what was given and what is allowed.
 */
export function resolveSettings(
  experiment: WithSettings,
  scale: Scale,
  overrides: readonly string[] = [],
): Record<string, unknown> {
  const kinds = settingKinds(experiment);
  const given = readOverrides(experiment.name, kinds, overrides);
  const values = Object.fromEntries([...given].map(([key, { value }]) => [key, value]));
  const parsed = experiment.settings.safeParse({ ...experiment.scales[scale].settings, ...values });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const key = String(issue.path[0] ?? '');
  const own = given.get(key);
  if (own) {
    const why = issue.code === 'custom' ? `: ${issue.message}` : '';
    throw refused(experiment.name, key, own.text, kinds[key], why);
  }
  const message = `settings of ${experiment.name} at scale ${scale}${key ? ` ("${key}")` : ''}: ${issue.message}`;
  // Without overrides the experiment's own scale is at fault, which no user can mend.
  throw overrides.length > 0 ? new UserError(message) : new Error(message);
}

/** Every setting with its value at each scale, what is allowed, and what it means. */
export function settingsTable(experiment: WithSettings): SettingRow[] {
  const atScale = {
    smoke: resolveSettings(experiment, 'smoke'),
    small: resolveSettings(experiment, 'small'),
    paper: resolveSettings(experiment, 'paper'),
  };
  return Object.entries(schemas(experiment)).map(([name, schema]) => ({
    name,
    values: { smoke: atScale.smoke[name], small: atScale.small[name], paper: atScale.paper[name] },
    allowed: allowedText(settingKind(schema)),
    doc: schema.description ?? '',
  }));
}

/** A setting's value as one would type it: `128`, `relu`, `2,4,6`. */
export function settingText(value: unknown): string {
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.join(',');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

function readOverrides(
  experiment: string,
  kinds: Readonly<Record<string, SettingKind>>,
  overrides: readonly string[],
): Map<string, { text: string; value: unknown }> {
  const given = new Map<string, { text: string; value: unknown }>();
  for (const override of overrides) {
    const at = override.indexOf('=');
    if (at < 1) {
      throw new UserError(`"${override}" is not a setting; write key=value, e.g. ${Object.keys(kinds)[0] ?? 'key'}=…`);
    }
    const key = override.slice(0, at).trim();
    const text = override.slice(at + 1).trim();
    if (!Object.hasOwn(kinds, key)) {
      const known = Object.keys(kinds);
      throw new UserError(
        `${experiment} has no setting "${key}"${didYouMean(key, known)}; its settings are ${known.join(', ')}`,
      );
    }
    if (given.has(key)) throw new UserError(`setting "${key}" is given twice`);
    const value = readSetting(text, kinds[key]);
    if (value === undefined) throw refused(experiment, key, text, kinds[key]);
    given.set(key, { text, value });
  }
  return given;
}

function refused(experiment: string, key: string, text: string, kind: SettingKind, why = ''): UserError {
  const hint = kind.kind === 'choice' ? didYouMean(text, kind.options.map(String)) : '';
  return new UserError(
    `setting "${key}" of ${experiment}: got "${text}"${hint}, allowed is ${allowedText(kind)}${why}`,
  );
}

/** What each setting may be. */
export function settingKinds(experiment: WithSettings): Record<string, SettingKind> {
  return Object.fromEntries(Object.entries(schemas(experiment)).map(([key, schema]) => [key, settingKind(schema)]));
}

function schemas(experiment: WithSettings): Readonly<Record<string, SettingSchema>> {
  const { properties = {} } = z.toJSONSchema(experiment.settings, { io: 'input', unrepresentable: 'any' });
  return properties as Record<string, SettingSchema>;
}
