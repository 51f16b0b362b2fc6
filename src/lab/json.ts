/**
 * JSON for measurements: what JSON cannot hold is written as a marked object and comes back as it was.
 *
 * - NaN, the infinities and -0: `{"$number": "NaN"}`
 * - typed arrays: `{"$array": "<f4", "base64": "…"}`, the dtype as NumPy writes it, so that Python reads it with
 *   `np.frombuffer(base64.b64decode(a["base64"]), a["$array"])`; or, kept elsewhere, `{"$array": "<f4", "file": "…"}`
 * - a key that itself starts with `$` gets one more `$`.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

// Base64 holds the memory as it is; every platform Node 20 ships for that deeptheory supports is little-endian.
export const arrayTypes = {
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

export type ArrayType = keyof typeof arrayTypes;
export type StorableArray =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** Keeps an array outside of the JSON text: returns what to write for it, or undefined to have it in the text. */
export type KeepArray = (array: StorableArray, type: ArrayType, path: string) => string | undefined;
/** Gets it back. */
export type LoadArray = (file: string, type: ArrayType) => StorableArray;

const unwritableNumbers: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '-0': -0,
};

/** Text of plain data. Throws for anything else, naming where it stands; `indent` as in `JSON.stringify`. */
export function writeJson(value: unknown, indent?: number, keep: KeepArray = () => undefined): string {
  return JSON.stringify(encode(value, 'value', keep), null, indent);
}

/** The data that `writeJson` wrote. */
export function readJson(text: string, load: LoadArray = refuseFile): unknown {
  const value: Json = JSON.parse(text);
  // Most texts hold nothing that is marked, and some of them are long.
  return text.includes('"$') ? decode(value, load) : value;
}

const refuseFile: LoadArray = (file) => {
  throw new TypeError(`an array of this JSON is kept in ${file}; read it with the function for such files`);
};

function encode(value: unknown, path: string, keep: KeepArray): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (Number.isFinite(value) && !Object.is(value, -0)) return value;
    return { $number: Object.is(value, -0) ? '-0' : String(value) };
  }
  if (Array.isArray(value)) return value.map((item, i) => encode(item, `${path}[${i}]`, keep));
  if (ArrayBuffer.isView(value)) return encodeArray(value, path, keep);
  if (isPlainObject(value)) {
    const entries: [string, Json][] = [];
    for (const [key, item] of Object.entries(value)) {
      if (item !== undefined)
        entries.push([key.startsWith('$') ? `$${key}` : key, encode(item, `${path}.${key}`, keep)]);
    }
    return Object.fromEntries(entries);
  }
  const kind = typeof value === 'object' ? `a ${value.constructor.name}` : `a value of type ${typeof value}`;
  throw new TypeError(
    `${path} is ${kind}; only plain data can be saved: numbers, strings, booleans, null, arrays, typed arrays and plain objects`,
  );
}

function encodeArray(view: ArrayBufferView, path: string, keep: KeepArray): Json {
  for (const [dtype, type] of Object.entries(arrayTypes)) {
    if (view instanceof type) {
      const file = keep(view, dtype as ArrayType, path);
      return { $array: dtype, ...(file === undefined ? { base64: bytesOf(view).toString('base64') } : { file }) };
    }
  }
  const known = Object.values(arrayTypes).map((type) => type.name);
  throw new TypeError(`${path} is a ${view.constructor.name}; typed arrays that can be saved are ${known.join(', ')}`);
}

/** The memory of an array, not a copy. */
export function bytesOf(view: ArrayBufferView): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}

/** An array of the bytes. A copy: Buffer's memory is shared and need not be aligned to the element size. */
export function arrayOf(type: ArrayType, bytes: Uint8Array): StorableArray {
  return new arrayTypes[type](new Uint8Array(bytes).buffer);
}

function decode(value: Json, load: LoadArray): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (isJsonArray(value)) return value.map((item) => decode(item, load));
  if (typeof value.$number === 'string') return unwritableNumbers[value.$number];
  if (typeof value.$array === 'string') {
    const type = value.$array as ArrayType;
    if (typeof value.base64 === 'string') return arrayOf(type, Buffer.from(value.base64, 'base64'));
    if (typeof value.file === 'string') return load(value.file, type);
  }
  const entries = Object.entries(value).map(([key, item]) => [key.replace(/^\$\$/, '$'), decode(item, load)]);
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
