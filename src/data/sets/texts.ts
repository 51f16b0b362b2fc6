/** Texts to learn from, and lists of words to judge what was learned. */
import { UserError } from '../../array/errors.ts';
import { parseFields } from '../formats/csv.ts';
import { loadText } from '../formats/text.ts';
import { findFile } from '../locate.ts';
import type { DataSource } from '../source.ts';
import type { TableOptions } from './tables.ts';

const folder = 'text';

export const tinyShakespeareSource: DataSource = {
  name: 'tiny-shakespeare',
  folder,
  title: 'Tiny Shakespeare: 1 115 394 characters, 65 different ones',
  citation: 'Karpathy, "The unreasonable effectiveness of recurrent neural networks", 2015',
  licence: 'public domain',
  home: 'https://github.com/karpathy/char-rnn',
  mirrors: ['https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/'],
  files: [
    { name: 'tinyshakespeare.txt', path: 'input.txt', bytes: 1_115_394, md5: '6fb458f1232090904fb40fe944165e91' },
  ],
};

export const wikitext2Source: DataSource = {
  name: 'wikitext-2',
  folder,
  title: 'WikiText-2: articles of Wikipedia, 2.1 million words to train on',
  citation: 'Merity, Xiong, Bradbury and Socher, "Pointer sentinel mixture models", ICLR 2017',
  licence: 'CC BY-SA 3.0',
  home: 'https://github.com/pytorch/examples/tree/main/word_language_model',
  mirrors: ['https://raw.githubusercontent.com/pytorch/examples/main/word_language_model/data/wikitext-2/'],
  files: [
    { name: 'wikitext-2.train.txt', path: 'train.txt' },
    { name: 'wikitext-2.valid.txt', path: 'valid.txt', bytes: 1_121_681, md5: 'd756d22ab2310e7e60c094bea5c5a8eb' },
    { name: 'wikitext-2.test.txt', path: 'test.txt', bytes: 1_256_449, md5: '781c9418ab9414bd09e4aad825aae752' },
  ],
};

export const text8Source: DataSource = {
  name: 'text8',
  folder,
  title: 'text8: 100 million letters and spaces of Wikipedia',
  citation: 'Mahoney, "Large text compression benchmark", 2006',
  licence: 'CC BY-SA 3.0, GFDL',
  home: 'http://mattmahoney.net/dc/textdata.html',
  mirrors: ['http://mattmahoney.net/dc/'],
  files: [],
  archives: [
    { path: 'text8.zip', members: [{ name: 'text8', bytes: 100_000_000, md5: '3bea1919949baf155f99411df5fada7e' }] },
  ],
};

export const analogiesSource: DataSource = {
  name: 'analogies',
  folder,
  title: 'Google analogies: 19 544 questions "a is to b as c is to d"',
  citation:
    'Mikolov, Chen, Corrado and Dean, "Efficient estimation of word representations in vector space", ICLR workshop 2013',
  licence: 'Apache-2.0',
  home: 'https://github.com/tmikolov/word2vec',
  mirrors: ['https://raw.githubusercontent.com/tmikolov/word2vec/master/'],
  files: [{ name: 'questions-words.txt', bytes: 603_955, md5: '8b7461cbf7ecc0aec9b32eb626821105' }],
};

export const wordSimilaritySource: DataSource = {
  name: 'word-similarity',
  folder,
  title: 'WordSim-353 (whole and its halves) and SimLex-999: pairs of words judged by people',
  citation:
    'Finkelstein et al., "Placing search in context", ACM TOIS 20, 2002; Agirre et al., NAACL 2009; Hill, Reichart and Korhonen, "SimLex-999", Computational Linguistics 41, 2015',
  licence: 'CC BY 4.0; SimLex free for research',
  home: 'https://github.com/mfaruqui/eval-word-vectors',
  mirrors: ['https://raw.githubusercontent.com/mfaruqui/eval-word-vectors/master/data/word-sim/'],
  files: [
    { name: 'EN-WS-353-ALL.txt', bytes: 7405, md5: 'a1f5efadd664457727b18ddb42b43a96' },
    { name: 'EN-WS-353-SIM.txt', bytes: 4002, md5: 'e5d93a68121655b8f04aea15b89c130a' },
    { name: 'EN-WS-353-REL.txt', bytes: 5134, md5: '9ad3af42e7379e087fc2157895db08f0' },
    { name: 'EN-SIMLEX-999.txt', bytes: 18_024, md5: '3ed196cb6c0042b77d7498c3d21c7c18' },
  ],
};

/**
 * Tiny Shakespeare as one text; `characterTokens` makes numbers of it. No split is prescribed.
 *
 * @throws UserError when the file is missing or is no text
 */
export async function loadTinyShakespeare({ directory }: TableOptions = {}): Promise<string> {
  return loadText(findFile(tinyShakespeareSource, directory, 'tinyshakespeare.txt'));
}

export interface WikitextOptions extends TableOptions {
  readonly split: 'train' | 'validation' | 'test';
}

/**
 * WikiText-2 (Merity et al., 2017) as one text, words separated by spaces, rare ones `<unk>`. Papers count a token at the
 * end of each line: `wordTokens(text, { endOfLine: '<eos>' })`.
 *
 * @throws UserError when the file is missing or is no text, or the split is unknown
 */
export async function loadWikitext2({ split, directory }: WikitextOptions): Promise<string> {
  const part = { train: 'train', validation: 'valid', test: 'test' }[split];
  if (part === undefined) {
    throw new UserError(`wikitext-2: expected the split "train", "validation" or "test", found "${split}".`);
  }
  return loadText(findFile(wikitext2Source, directory, `wikitext-2.${part}.txt`));
}

export interface Text8Options extends TableOptions {
  /** At most so many characters, cut after a whole word; default all 100 million. */
  readonly limit?: number;
}

/**
 * text8 (Mahoney, 2006): the letters a to z and spaces. It begins with a space. A file of the first part alone,
 * `text8.prefix.txt`, does for a limit that it can meet.
 *
 * @throws UserError when the file is missing, shorter than asked for or not what it should be
 */
export async function loadText8({ limit, directory }: Text8Options = {}): Promise<string> {
  if (limit !== undefined && (!Number.isInteger(limit) || limit < 1)) {
    throw new UserError(`text8: expected a limit of at least 1 character, found ${limit}.`);
  }
  const path = findFile(text8Source, directory, 'text8', 'text8.txt', 'text8.prefix.txt');
  const text = await loadText(path);
  const strange = /[^a-z ]/.exec(text);
  if (strange !== null) {
    throw new UserError(
      `${path}: expected letters a to z and spaces, found ${JSON.stringify(strange[0])} at ${strange.index}.`,
    );
  }
  const wanted = limit ?? 100_000_000;
  if (text.length < wanted) {
    throw new UserError(`${path}: expected ${wanted} characters, found ${text.length}; ask for a limit it can meet.`);
  }
  if (text.length === wanted || text[wanted] === ' ') return text.slice(0, wanted);
  return text.slice(0, Math.max(0, text.lastIndexOf(' ', wanted - 1)));
}

export interface Analogies {
  /** e.g. "capital-common-countries". */
  readonly section: string;
  /** a is to b as c is to d. */
  readonly questions: readonly (readonly [a: string, b: string, c: string, d: string])[];
}

/**
 * The analogy questions of word2vec (Mikolov et al., 2013) by section; the first five are semantic, the rest syntactic.
 *
 * @throws UserError when the file is missing or a line is neither a section nor four words
 */
export async function loadAnalogies({ directory }: TableOptions = {}): Promise<Analogies[]> {
  const path = findFile(analogiesSource, directory, 'questions-words.txt');
  const sections: { section: string; questions: [string, string, string, string][] }[] = [];
  for (const [i, line] of (await loadText(path)).trimEnd().split(/\r?\n/).entries()) {
    const words = line.trim().split(/\s+/);
    if (words[0] === ':' && words.length === 2) {
      sections.push({ section: words[1], questions: [] });
    } else if (words.length === 4 && sections.length > 0) {
      sections[sections.length - 1].questions.push(words as [string, string, string, string]);
    } else {
      throw new UserError(
        `${path}, line ${i + 1}: expected ": section" or four words, found ${JSON.stringify(line.slice(0, 60))}.`,
      );
    }
  }
  return sections;
}

/** Names of the lists of pairs, and their files. */
const WORD_LISTS = {
  'wordsim-353': 'EN-WS-353-ALL.txt',
  'wordsim-353-similarity': 'EN-WS-353-SIM.txt',
  'wordsim-353-relatedness': 'EN-WS-353-REL.txt',
  'simlex-999': 'EN-SIMLEX-999.txt',
} as const;

export interface WordSimilarityOptions extends TableOptions {
  readonly list: keyof typeof WORD_LISTS;
}

export interface WordSimilarity {
  readonly pairs: readonly (readonly [string, string])[];
  /** How similar people found each pair, 0 to 10. */
  readonly scores: Float64Array;
  readonly n: number;
}

/**
 * Pairs of words with the mean judgement of people.
 *
 * @throws UserError when the file is missing or is not what it should be, or the list is unknown
 */
export async function loadWordSimilarity({ list, directory }: WordSimilarityOptions): Promise<WordSimilarity> {
  const file = WORD_LISTS[list];
  if (file === undefined) {
    throw new UserError(`word-similarity: expected one of ${Object.keys(WORD_LISTS).join(', ')}, found "${list}".`);
  }
  const path = findFile(wordSimilaritySource, directory, file);
  const { rows, lines } = parseFields(await loadText(path), { delimiter: '\t' }, path);
  const scores = Float64Array.from(rows, (row, i) => {
    const score = Number(row[2] || Number.NaN);
    if (row.length === 3 && score >= 0 && score <= 10) return score;
    throw new UserError(
      `${path}, line ${lines[i]}: expected two words and a score from 0 to 10, found ${JSON.stringify(row)}.`,
    );
  });
  return { pairs: rows.map(([first, second]) => [first, second] as const), scores, n: rows.length };
}
