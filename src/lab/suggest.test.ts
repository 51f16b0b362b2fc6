import { expect, it } from 'vitest';
import { closest, didYouMean, editDistance } from './suggest.ts';

it('counts insertions, deletions, substitutions and swaps', () => {
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(editDistance('widht', 'width')).toBe(1);
  expect(editDistance('', 'abc')).toBe(3);
  expect(editDistance('abc', 'abc')).toBe(0);
});

it('suggests only what is near', () => {
  const known = ['width', 'depth', 'learningRate', 'steps'];
  expect(closest('widht', known)).toBe('width');
  expect(closest('learning', known)).toBe('learningRate');
  expect(closest('learningrate', known)).toBe('learningRate');
  expect(closest('x', known)).toBeUndefined();
  expect(closest('banana', known)).toBeUndefined();
  expect(didYouMean('dept', known)).toBe(' (did you mean "depth"?)');
  expect(didYouMean('banana', known)).toBe('');
});
