import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { methodOf } from './method.ts';

const place = mkdtempSync(join(tmpdir(), 'deeptheory-method-'));
afterAll(() => rmSync(place, { recursive: true }));

it('reads the functions of a result from its sources, and leaves the rest', () => {
  const method = methodOf('spectral-bias');
  expect(method?.module).toBe('deeptheory/results/dynamics/spectral-bias');
  const names = method?.functions.map(({ name }) => name);
  expect(names).toContain('learningOrder');
  expect(names).not.toContain('experiment');
  expect(method?.functions.find(({ name }) => name === 'capturedFractions')).toEqual({
    name: 'capturedFractions',
    signature: '(outputs: NDArray, frequencies: readonly number[], amplitudes: NDArray): NDArray',
    doc: 'Captured fractions c_k = 2 |DFT_k(f)| / (N A_k) of outputs on a uniform grid, as arrays of the engine: 1 means that the sinusoid of amplitude A_k is learned.',
  });
  for (const { name, signature, doc } of method?.functions ?? []) {
    expect(signature, name).toMatch(/^(<.*>)?\(.*\): \S/);
    expect(doc, name).not.toBe('');
  }
});

it('reads declaration files, with function types, generics and comments between the parameters', () => {
  const home = join(place, 'group/toy');
  mkdirSync(home, { recursive: true });
  writeFileSync(
    join(home, 'index.d.ts'),
    "export { type Options, measure, predict } from './theory.ts';\nexport { experiment } from './experiment.ts';",
  );
  writeFileSync(
    join(home, 'theory.d.ts'),
    `/** Not this. */
export interface Options {}
/**
 * What is measured, e.g. a slope. More on it.
 *
 * @param f the network
 */
export declare function measure<P extends Tree>(f: (params: P) => NDArray, options?: {
    /** How often. */
    readonly every?: number;
}): Promise<{
    slope: number;
}>;
export declare function predict(n: number): number;`,
  );
  expect(methodOf('toy', place)).toEqual({
    module: 'deeptheory/results/group/toy',
    functions: [
      {
        name: 'measure',
        signature:
          '<P extends Tree>(f: (params: P) => NDArray, options?: { readonly every?: number; }): Promise<{ slope: number; }>',
        doc: 'What is measured, e.g. a slope.',
      },
      { name: 'predict', signature: '(n: number): number', doc: '' },
    ],
  });
  expect(methodOf('unknown', place)).toBeUndefined();
});
