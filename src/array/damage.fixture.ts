/** @file Damaged files: whatever a reader is given, it answers with a value or a UserError. */
import { UserError } from './errors.ts';
import { generator } from './testing.fixture.ts';

/** Every proper beginning of a file; of long files some hundred. */
export function* truncated(bytes: Uint8Array, count = 2000): Generator<Uint8Array> {
  const step = Math.max(1, Math.floor(bytes.length / count));
  for (let n = 0; n < bytes.length; n += step) yield bytes.subarray(0, n);
}

/** Files with a few bits turned, bytes set to extremes, or pieces copied elsewhere, cut out or put in. */
export function* corrupted(bytes: Uint8Array, count: number, seed: number): Generator<Uint8Array> {
  const random = generator(seed);
  const below = (n: number) => Math.floor(random() * n);
  for (let k = 0; k < count; k++) {
    const copy = bytes.slice();
    const places = 1 + below(4);
    for (let i = 0; i < places; i++) {
      const at = below(copy.length);
      const kind = below(4);
      if (kind === 0) copy[at] ^= 1 << below(8);
      else if (kind === 1) copy[at] = [0, 255, 127, 128][below(4)];
      else if (kind === 2) copy.copyWithin(at, below(copy.length), below(copy.length));
      else copy[at] = below(256);
    }
    const cut = below(copy.length);
    yield below(4) === 0 ? new Uint8Array([...copy.subarray(0, cut), ...copy.subarray(cut + below(16))]) : copy;
  }
}

/** Throws unless `read` returns or throws a UserError on all files; counts how many were refused. */
export function refusals(files: Iterable<Uint8Array>, read: (bytes: Uint8Array) => unknown): number {
  let refused = 0;
  for (const bytes of files) {
    const begin = performance.now();
    try {
      read(bytes);
    } catch (error) {
      if (!(error instanceof UserError))
        throw new Error(
          `a damaged file (${Buffer.from(bytes.subarray(0, 4000)).toString('base64')}): ${(error as Error).stack}`,
        );
      refused++;
    }
    const spent = performance.now() - begin;
    if (spent > 5000) throw new Error(`a damaged file took ${spent} ms`);
  }
  return refused;
}
