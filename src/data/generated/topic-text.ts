/** Sentences about topics: a text in which words of one topic stand together. */
import { UserError } from '../../array/errors.ts';
import type { Tokens } from '../dataset.ts';
import { draws } from '../draws.ts';

export interface TopicText {
  /** Default 6. */
  readonly topics?: number;
  /** Words of each topic; default 20. */
  readonly words?: number;
  /** Default 500. */
  readonly sentences?: number;
  /** Words of each sentence; default 24. */
  readonly length?: number;
  /** Share of words drawn from all topics alike; default 0.2. */
  readonly noise?: number;
  /** Safe integer. */
  readonly seed: number;
}

/**
 * Sentences that are each about one topic, drawn uniformly: every word is of the topic, or with probability `noise` of
 * any. Sentence i depends only on the seed and i, so that a longer text begins with the shorter one.
 *
 * @returns `tokens` sentences x length; word `w` is of topic `floor(w / words)`; `topics` of each sentence
 * @throws UserError when a number is out of range
 */
export function topicText(options: TopicText): Tokens & { readonly topics: Int32Array } {
  const { topics = 6, words = 20, sentences = 500, length = 24, noise = 0.2, seed } = options;
  for (const [name, value] of Object.entries({ topics, words, sentences, length })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new UserError(`topicText: expected a whole number of ${name}, at least 1, found ${value}.`);
    }
  }
  if (!(noise >= 0 && noise <= 1)) throw new UserError(`topicText: expected noise from 0 to 1, found ${noise}.`);
  const tokens = new Int32Array(sentences * length);
  const subjects = new Int32Array(sentences);
  for (let i = 0; i < sentences; i++) {
    const { below, uniform } = draws(seed, i);
    subjects[i] = below(topics);
    for (let k = 0; k < length; k++) {
      tokens[i * length + k] = uniform() < noise ? below(topics * words) : subjects[i] * words + below(words);
    }
  }
  const vocabulary = Array.from({ length: topics * words }, (_, w) => `t${Math.floor(w / words)}w${w % words}`);
  return { tokens, vocabulary, n: tokens.length, topics: subjects };
}
