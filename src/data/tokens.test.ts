import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../array/errors.ts';
import { characterTokens, sequences, textOf, wordTokens } from './tokens.ts';

describe('characterTokens', () => {
  test('gives back any text, with the vocabulary in order', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const found = characterTokens(text);
        expect(textOf(found)).toBe(text);
        const points = found.vocabulary.map((character) => character.codePointAt(0)!);
        expect(points).toEqual([...new Set(points)].sort((a, b) => a - b));
        expect(found.n).toBe([...text].length);
      }),
    );
  });

  test('uses the vocabulary of another text, and refuses what it lacks', () => {
    const { vocabulary } = characterTokens('hello');
    expect([...characterTokens('hole', vocabulary).tokens]).toEqual([1, 3, 2, 0]);
    expect(() => characterTokens('help', vocabulary)).toThrow('the vocabulary lacks "p", character 3 of the text');
  });
});

describe('wordTokens', () => {
  const text = 'the cat saw the dog\n\nthe dog <unk> a cat\n';

  test('numbers words by how often they come, then by where they first come', () => {
    const found = wordTokens(text);
    expect(found.vocabulary).toEqual(['the', 'cat', 'dog', 'saw', '<unk>', 'a']);
    expect(textOf(found, ' ')).toBe('the cat saw the dog the dog <unk> a cat');
    expect(wordTokens(text, { endOfLine: '<eos>' }).n).toBe(10 + 3);
    expect(wordTokens('a\nb', { endOfLine: '<eos>' }).n).toBe(4);
  });

  test('rare words and words beyond the limit become unknown, or are left out', () => {
    const rare = wordTokens(text, { minCount: 2 });
    expect(rare.vocabulary).toEqual(['the', 'cat', 'dog', '<unk>']);
    expect(textOf(rare, ' ')).toBe('the cat <unk> the dog the dog <unk> <unk> cat');
    const few = wordTokens(text, { limit: 1, unknown: null });
    expect([few.vocabulary, [...few.tokens]]).toEqual([['the'], [0, 0, 0]]);
    expect(wordTokens('b b a a c', { limit: 1, unknown: '?' }).vocabulary).toEqual(['b', '?']);
    expect(() => wordTokens(text, { minCount: 0 })).toThrow(UserError);
  });

  test('uses the vocabulary of another text as it is', () => {
    const { vocabulary } = wordTokens(text);
    const found = wordTokens('a bird saw the cat', { vocabulary });
    expect([found.vocabulary, textOf(found, ' ')]).toEqual([vocabulary, 'a <unk> saw the cat']);
  });
});

describe('sequences', () => {
  test('each target is the token after its input, and is a target once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 60 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        (n, length, stride) => {
          fc.pre(n > length);
          const tokens = Int32Array.from({ length: n }, (_, i) => i);
          const found = sequences(tokens, length, stride);
          expect(found.targets).toEqual(found.inputs.map((token) => token + 1));
          for (let i = 0; i < found.n; i++) expect(found.inputs[i * length]).toBe(i * stride);
          // No sequence more fits.
          expect((found.n - 1) * stride + length).toBeLessThan(n);
          expect(found.n * stride + length).toBeGreaterThanOrEqual(n);
          const whole = sequences(tokens, length).targets;
          expect(new Set(whole).size).toBe(whole.length);
        },
      ),
    );
  });

  test('refuses a text that is too short', () => {
    expect(() => sequences(new Int32Array(4), 4)).toThrow(/more than 4 tokens, the length of a sequence, found 4/);
    expect(() => sequences(new Int32Array(4), 0)).toThrow(UserError);
    expect(() => sequences(new Int32Array(4), 2, 0)).toThrow(UserError);
  });
});
