/** Texts as numbers: vocabularies of characters and of words, and sequences to train on. */
import { UserError } from '../array/errors.ts';
import type { Tokens } from './dataset.ts';

/**
 * A text by its characters (Unicode code points).
 *
 * @param vocabulary the characters to use, e.g. those of the training text; default those of the text, in order
 * @throws UserError when the text has a character that the vocabulary lacks
 */
export function characterTokens(text: string, vocabulary?: readonly string[]): Tokens {
  const characters = [...text];
  const known = vocabulary ?? [...new Set(characters)].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
  const index = new Map(known.map((character, i) => [character, i]));
  const tokens = Int32Array.from(characters, (character, i) => {
    const token = index.get(character);
    if (token !== undefined) return token;
    throw new UserError(
      `characterTokens: the vocabulary lacks ${JSON.stringify(character)}, character ${i} of the text.`,
    );
  });
  return { tokens, vocabulary: known, n: tokens.length };
}

export interface WordOptions {
  /** The words to use, e.g. those of the training text. Default: those of the text, the most frequent first. */
  readonly vocabulary?: readonly string[];
  /** Words that come more rarely are not taken into the vocabulary; default 1. */
  readonly minCount?: number;
  /** At most so many words are taken into the vocabulary, `unknown` not counted; default all. */
  readonly limit?: number;
  /** Stands for each word that the vocabulary lacks; null leaves those words out. Default `<unk>`. */
  readonly unknown?: string | null;
  /** A token at the end of each line, e.g. `<eos>`; default none. */
  readonly endOfLine?: string;
}

/**
 * A text by its words, which are separated by white space. In a vocabulary made from the text the most frequent word
 * comes first, of equally frequent ones the one that comes first in the text; `unknown`, where the text does not have it
 * as a word, comes last.
 *
 * @throws UserError when an option is out of range
 */
export function wordTokens(text: string, options: WordOptions = {}): Tokens {
  const { minCount = 1, limit = Number.POSITIVE_INFINITY, unknown = '<unk>', endOfLine } = options;
  if (!(minCount >= 1) || !(limit >= 1)) {
    throw new UserError(`wordTokens: expected minCount and limit of at least 1, found ${minCount} and ${limit}.`);
  }
  const words = wordsOf(text, endOfLine);
  const vocabulary = [...(options.vocabulary ?? frequentWords(words, minCount, limit, unknown))];
  const index = new Map(vocabulary.map((word, i) => [word, i]));
  if (unknown !== null && !index.has(unknown) && words.some((word) => !index.has(word))) {
    index.set(unknown, vocabulary.length);
    vocabulary.push(unknown);
  }
  const missing = unknown === null ? undefined : index.get(unknown);
  const tokens = words.flatMap((word) => index.get(word) ?? missing ?? []);
  return { tokens: Int32Array.from(tokens), vocabulary, n: tokens.length };
}

function wordsOf(text: string, endOfLine: string | undefined): string[] {
  const split = (line: string) => line.split(/\s+/).filter((word) => word !== '');
  if (endOfLine === undefined) return split(text);
  const lines = text.split('\n');
  // What follows the last end of line is a line only if there is something.
  if (lines[lines.length - 1] === '') lines.pop();
  return lines.flatMap((line) => [...split(line), endOfLine]);
}

function frequentWords(words: readonly string[], minCount: number, limit: number, unknown: string | null): string[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const frequent = [...counts].filter(([word, count]) => count >= minCount || word === unknown);
  // The sort is stable: the map has the words in the order in which they first came.
  const ranked = frequent.sort(([, a], [, b]) => b - a).map(([word]) => word);
  const kept = new Set(ranked.filter((word) => word !== unknown).slice(0, limit));
  return ranked.filter((word) => word === unknown || kept.has(word));
}

/** The text that tokens stand for. */
export function textOf({ tokens, vocabulary }: Pick<Tokens, 'tokens' | 'vocabulary'>, separator = ''): string {
  return Array.from(tokens, (token) => vocabulary[token]).join(separator);
}

export interface Sequences {
  /** n x length. */
  readonly inputs: Int32Array;
  /** The token after each input; n x length. */
  readonly targets: Int32Array;
  readonly n: number;
  readonly length: number;
}

/**
 * Pieces of a text to predict the next token in: sequence i begins at token `i * stride`.
 *
 * @param length tokens of each sequence
 * @param stride tokens between the beginnings; default `length`, so that each token is a target once
 * @throws UserError when the text is too short for one sequence, or an argument is out of range
 */
export function sequences(tokens: Int32Array, length: number, stride: number = length): Sequences {
  if (!Number.isInteger(length) || length < 1 || !Number.isInteger(stride) || stride < 1) {
    throw new UserError(`sequences: expected a length and a stride of at least 1, found ${length} and ${stride}.`);
  }
  if (tokens.length <= length) {
    throw new UserError(
      `sequences: expected more than ${length} tokens, the length of a sequence, found ${tokens.length}.`,
    );
  }
  const n = Math.floor((tokens.length - 1 - length) / stride) + 1;
  const inputs = new Int32Array(n * length);
  const targets = new Int32Array(n * length);
  for (let i = 0; i < n; i++) {
    inputs.set(tokens.subarray(i * stride, i * stride + length), i * length);
    targets.set(tokens.subarray(i * stride + 1, i * stride + 1 + length), i * length);
  }
  return { inputs, targets, n, length };
}
