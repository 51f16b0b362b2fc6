/** @module Splittable random keys and distributions. */
export * from './distributions.ts';
export { bits, foldIn, key, split } from './keys.ts';
export { threefry2x32 } from './threefry.ts';
