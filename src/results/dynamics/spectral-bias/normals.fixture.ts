/** Reproducible numbers for the tests of this folder: a counter through an integer hash (splitmix32), Box and Muller. */

/** Independent numbers, uniform in [0, 1). */
export function uniforms(seed: number): () => number {
  let counter = Math.imul(seed, 0x9e3779b9) | 0;
  return () => {
    counter = (counter + 0x9e3779b9) | 0;
    let hash = Math.imul(counter ^ (counter >>> 16), 0x21f0aaad);
    hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
    return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** Independent standard normal numbers. */
export function normals(seed: number): () => number {
  const uniform = uniforms(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
