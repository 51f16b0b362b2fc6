/**
 * JSON for measurements: what JSON cannot hold is written as a marked object and comes back as it was.
 *
 * - NaN, the infinities and -0: `{"$number": "NaN"}`
 * - typed arrays: `{"$array": "<f4", "base64": "…"}`, the dtype as NumPy writes it, so that Python reads it with
 *   `np.frombuffer(base64.b64decode(a["base64"]), a["$array"])`
 * - a key that itself starts with `$` gets one more `$`.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

// Base64 holds the memory as it is; every platform Node 20 ships for that deeptheory supports is little-endian.
const arrayTypes = {
  '<f8': Float64Array,
  '<f4': Float32Array,
  '<i8': BigInt64Array,
  '<u8': BigUint64Array,
  '<i4': Int32Array,
  '<u4': Uint32Array,
  '<i2': Int16Array,
  '<u2': Uint16Array,
  '|i1': Int8Array,
  '|u1': Uint8Array,
} as const;

const unwritableNumbers: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '-0': -0,
};

/** Text of plain data. Throws for anything else, naming where it stands; `indent` as in `JSON.stringify`. */
export function writeJson(value: unknown, indent?: number): string {
  return JSON.stringify(encode(value, 'value'), null, indent);
}

/** The data that `writeJson` wrote. */
export function readJson(text: string): unknown {
  return decode(JSON.parse(text));
}

function encode(value: unknown, path: string): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (Number.isFinite(value) && !Object.is(value, -0)) return value;
    return { $number: Object.is(value, -0) ? '-0' : String(value) };
  }
  if (Array.isArray(value)) return value.map((item, i) => encode(item, `${path}[${i}]`));
  if (ArrayBuffer.isView(value)) return encodeArray(value, path);
  if (isPlainObject(value)) {
    const entries: [string, Json][] = [];
    for (const [key, item] of Object.entries(value)) {
      if (item !== undefined) entries.push([key.startsWith('$') ? `$${key}` : key, encode(item, `${path}.${key}`)]);
    }
    return Object.fromEntries(entries);
  }
  const kind = typeof value === 'object' ? `a ${value.constructor.name}` : `a value of type ${typeof value}`;
  throw new TypeError(
    `${path} is ${kind}; only plain data can be saved: numbers, strings, booleans, null, arrays, typed arrays and plain objects`,
  );
}

function encodeArray(view: ArrayBufferView, path: string): Json {
  for (const [dtype, type] of Object.entries(arrayTypes)) {
    if (view instanceof type) {
      const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
      return { $array: dtype, base64: bytes.toString('base64') };
    }
  }
  const known = Object.values(arrayTypes).map((type) => type.name);
  throw new TypeError(`${path} is a ${view.constructor.name}; typed arrays that can be saved are ${known.join(', ')}`);
}

function decode(value: Json): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (isJsonArray(value)) return value.map(decode);
  if (typeof value.$number === 'string') return unwritableNumbers[value.$number];
  if (typeof value.$array === 'string' && typeof value.base64 === 'string') {
    const type = arrayTypes[value.$array as keyof typeof arrayTypes];
    const bytes = Buffer.from(value.base64, 'base64');
    // A copy: Buffer's memory is shared and need not be aligned to the element size.
    return new type(new Uint8Array(bytes).buffer);
  }
  const entries = Object.entries(value).map(([key, item]) => [key.replace(/^\$\$/, '$'), decode(item)]);
  return Object.fromEntries(entries);
}

function isJsonArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
