/**
 * What a setting may be, read from the JSON Schema of the experiment's zod schema: enough to read it from text
 * (`width=128`, `frequencies=2,4,6`) and to say in words what is allowed. Validation itself stays with zod.
 */
export type SettingKind =
  | { readonly kind: 'number'; readonly whole: boolean; readonly range: string }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'text' }
  | { readonly kind: 'choice'; readonly options: readonly (string | number | boolean | null)[] }
  | { readonly kind: 'list'; readonly of: SettingKind; readonly length: string }
  | { readonly kind: 'either'; readonly kinds: readonly SettingKind[] }
  | { readonly kind: 'json' };

/** The part of JSON Schema that settings use. */
export interface SettingSchema {
  readonly type?: string | readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly enum?: readonly (string | number | boolean | null)[];
  readonly const?: string | number | boolean | null;
  readonly anyOf?: readonly SettingSchema[];
  readonly items?: SettingSchema | false;
  readonly prefixItems?: readonly SettingSchema[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
}

export function settingKind(schema: SettingSchema): SettingKind {
  if (schema.enum) return { kind: 'choice', options: schema.enum };
  if (schema.const !== undefined) return { kind: 'choice', options: [schema.const] };
  if (schema.anyOf) return { kind: 'either', kinds: schema.anyOf.map(settingKind) };
  if (typeof schema.type === 'object') {
    return { kind: 'either', kinds: schema.type.map((type) => settingKind({ ...schema, type })) };
  }
  switch (schema.type) {
    case 'integer':
    case 'number':
      return { kind: 'number', whole: schema.type === 'integer', range: rangeText(schema) };
    case 'boolean':
      return { kind: 'boolean' };
    case 'string':
      return { kind: 'text' };
    case 'null':
      return { kind: 'choice', options: [null] };
    case 'array':
      return listKind(schema);
    default:
      return { kind: 'json' };
  }
}

function listKind(schema: SettingSchema): SettingKind {
  const item = schema.prefixItems?.[0] ?? (schema.items || undefined);
  const of = item ? settingKind(item) : undefined;
  // Lists of lists have no comma form; they are given as JSON.
  if (of === undefined || of.kind === 'list' || of.kind === 'json') return { kind: 'json' };
  const { minItems: least = 0, maxItems: most = Number.POSITIVE_INFINITY } = schema;
  const length = least === most ? `${least}` : least > 1 ? `${least} or more` : '';
  return { kind: 'list', of, length };
}

/** The value that the text stands for, or `undefined` if it cannot be one of this kind. */
export function readSetting(text: string, kind: SettingKind): unknown {
  switch (kind.kind) {
    case 'number':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'text':
      return text;
    case 'choice':
      return kind.options.find((option) => String(option) === text);
    case 'list': {
      const items = text === '' ? [] : text.split(',').map((item) => readSetting(item.trim(), kind.of));
      return items.includes(undefined) ? undefined : items;
    }
    case 'either':
      for (const option of kind.kinds) {
        const value = readSetting(text, option);
        if (value !== undefined) return value;
      }
      return undefined;
    case 'json':
      try {
        return JSON.parse(text);
      } catch {
        return undefined;
      }
  }
}

/** What is allowed, in words: `an integer ≥ 1`, `relu or tanh`, `a comma list of numbers > 0`. */
export function allowedText(kind: SettingKind): string {
  switch (kind.kind) {
    case 'number':
      return `${kind.whole ? 'an integer' : 'a number'}${kind.range}`;
    case 'boolean':
      return 'true or false';
    case 'text':
      return 'text';
    case 'choice':
      return kind.options.map(String).join(' or ');
    case 'list':
      return `a comma list of ${kind.length ? `${kind.length} ` : ''}${itemsText(kind.of)}`;
    case 'either':
      return kind.kinds.map(allowedText).join(' or ');
    case 'json':
      return 'JSON';
  }
}

function itemsText(of: SettingKind): string {
  if (of.kind === 'number') return `${of.whole ? 'integers' : 'numbers'}${of.range}`;
  if (of.kind === 'text') return 'texts';
  return `items, each ${allowedText(of)}`;
}

function rangeText(schema: SettingSchema): string {
  // zod writes the safe-integer limits for every integer; they say nothing.
  const told = (limit: number | undefined) => limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER;
  const parts: string[] = [];
  if (told(schema.minimum)) parts.push(`≥ ${schema.minimum}`);
  if (told(schema.exclusiveMinimum)) parts.push(`> ${schema.exclusiveMinimum}`);
  if (told(schema.maximum)) parts.push(`≤ ${schema.maximum}`);
  if (told(schema.exclusiveMaximum)) parts.push(`< ${schema.exclusiveMaximum}`);
  if (schema.multipleOf !== undefined) parts.push(`a multiple of ${schema.multipleOf}`);
  return parts.length > 0 ? ` ${parts.join(' and ')}` : '';
}
