// The data of a row: made once from a fixed seed, written to one raw file that every contestant reads.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Arrays are `{ shape, data }` with a Float32Array or Int32Array: what `writeProblem` stores and `readProblem` returns. */
export function randomArrays(seed) {
  const uniform = mulberry32(seed);
  const fill = (shape, Type, draw) => ({ shape, data: Type.from({ length: size(shape) }, draw) });
  return {
    /** Independent normal numbers with mean zero and the given standard deviation. */
    normal: (shape, deviation = 1) => fill(shape, Float32Array, () => deviation * normal(uniform)),
    /** Independent integers in 0 ... below - 1. */
    integers: (shape, below) => fill(shape, Int32Array, () => Math.floor(below * uniform())),
    zeros: (shape) => fill(shape, Float32Array, () => 0),
    ones: (shape) => fill(shape, Float32Array, () => 1),
  };
}

/** Writes `arrays.bin` (the numbers, four bytes each, in native order) and `arrays.json` (names, types and shapes, in that order). */
export function writeProblem(folder, arrays) {
  const entries = Object.entries(arrays);
  const index = entries.map(([name, { shape, data }]) => ({ name, shape, type: typeName(data) }));
  const bytes = entries.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  writeFileSync(join(folder, 'arrays.bin'), Buffer.concat(bytes));
  writeFileSync(join(folder, 'arrays.json'), JSON.stringify(index));
}

export function readProblem(folder) {
  const index = JSON.parse(readFileSync(join(folder, 'arrays.json'), 'utf8'));
  const { buffer } = Uint8Array.from(readFileSync(join(folder, 'arrays.bin')));
  let offset = 0;
  const read = ({ shape, type }) => {
    const Type = type === 'int32' ? Int32Array : Float32Array;
    const data = new Type(buffer, offset, size(shape));
    offset += data.byteLength;
    return { shape, data };
  };
  return Object.fromEntries(index.map((entry) => [entry.name, read(entry)]));
}

const size = (shape) => shape.reduce((product, length) => product * length, 1);
const typeName = (data) => (data instanceof Int32Array ? 'int32' : 'float32');

/** Box and Muller 1958: two uniform numbers give a normal one. */
function normal(uniform) {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Mulberry32 (T. Ettinger 2017): a 32-bit generator that is good enough to fill a benchmark. */
function mulberry32(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
