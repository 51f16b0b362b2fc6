import { describe, expect, test } from 'vitest';
import { UserError } from '../../array/errors.ts';
import { markovText } from './markov-text.ts';
import { topicText } from './topic-text.ts';

describe('markovText', () => {
  const n = 60_000;
  const text = markovText({ n, letters: 5, concentration: 0.5, seed: 1 });

  test('letters follow each other as the transitions say', () => {
    const { tokens, transitions } = text;
    const counts = new Float64Array(25);
    for (let i = 1; i < n; i++) counts[5 * tokens[i - 1] + tokens[i]]++;
    for (let a = 0; a < 5; a++) {
      const row = transitions.subarray(5 * a, 5 * a + 5);
      expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
      const total = counts.subarray(5 * a, 5 * a + 5).reduce((sum, count) => sum + count, 0);
      row.forEach((p, b) => {
        expect(Math.abs(counts[5 * a + b] / total - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / total) + 1e-9);
      });
    }
  });

  test('the entropy rate is the mean cross-entropy of the chain itself', () => {
    const { tokens, transitions, entropyRate } = text;
    const losses = Float64Array.from(
      { length: n - 1 },
      (_, i) => -Math.log(transitions[5 * tokens[i] + tokens[i + 1]]),
    );
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    const variance = losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / losses.length;
    // Neighbours depend on each other: twice the error of independent ones is ample for this chain.
    expect(Math.abs(mean - entropyRate)).toBeLessThan(8 * Math.sqrt(variance / n));
    expect(entropyRate).toBeLessThan(Math.log(5));
  });

  test('begins with the shorter text; other samples are of the same chain; concentration evens the rows', () => {
    expect(markovText({ n: 50, letters: 5, concentration: 0.5, seed: 1 }).tokens).toEqual(text.tokens.slice(0, 50));
    const other = markovText({ n: 50, letters: 5, concentration: 0.5, seed: 1, sample: 1 });
    expect(other.transitions).toEqual(text.transitions);
    expect(other.tokens).not.toEqual(text.tokens.slice(0, 50));
    const even = markovText({ n: 1, concentration: 1000, seed: 1 });
    expect(Math.log(26) - even.entropyRate).toBeLessThan(0.01);
    expect(even.vocabulary.join('')).toBe('abcdefghijklmnopqrstuvwxyz');
  });

  test('refuses bad options', () => {
    expect(() => markovText({ n: 0, seed: 1 })).toThrow(UserError);
    expect(() => markovText({ n: 1, letters: 27, seed: 1 })).toThrow(/2 to 26 different letters, found 27/);
    expect(() => markovText({ n: 1, concentration: 0, seed: 1 })).toThrow(/a concentration above 0, found 0/);
  });
});

describe('topicText', () => {
  test('words are of the topic of their sentence, but for the noise', () => {
    const { tokens, topics, n, vocabulary } = topicText({ seed: 1 });
    expect([n, topics.length, vocabulary.length, vocabulary[25]]).toEqual([12_000, 500, 120, 't1w5']);
    const own = tokens.filter((word, i) => Math.floor(word / 20) === topics[Math.floor(i / 24)]).length;
    // A noise word is of the topic by chance once in six.
    const share = 0.8 + 0.2 / 6;
    expect(Math.abs(own / n - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / n));
    expect(topicText({ seed: 1, sentences: 3 }).tokens).toEqual(tokens.slice(0, 72));
    const pure = topicText({ seed: 1, noise: 0, sentences: 20 });
    expect(pure.tokens.every((word, i) => Math.floor(word / 20) === pure.topics[Math.floor(i / 24)])).toBe(true);
  });

  test('refuses bad options', () => {
    expect(() => topicText({ seed: 1, topics: 0 })).toThrow(/number of topics, at least 1, found 0/);
    expect(() => topicText({ seed: 1, noise: 1.5 })).toThrow(/noise from 0 to 1/);
  });
});
