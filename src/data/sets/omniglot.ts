/** Omniglot: characters of many alphabets, each drawn once by twenty people. */
import { UserError } from '../../array/errors.ts';
import type { LabelledImages } from '../dataset.ts';
import { loadBits } from '../formats/bits.ts';
import { parseFields } from '../formats/csv.ts';
import { loadText } from '../formats/text.ts';
import { findFile } from '../locate.ts';
import type { DataSource } from '../source.ts';
import type { TableOptions } from './tables.ts';

export const omniglotSource: DataSource = {
  name: 'omniglot',
  title: 'Omniglot: 5840 drawings of 292 characters in two small sets, and the 20 one-shot trials',
  citation:
    'Lake, Salakhutdinov and Tenenbaum, "Human-level concept learning through probabilistic program induction", Science 350, 2015',
  licence: 'MIT',
  home: 'https://github.com/brendenlake/omniglot',
  // Published as archives of small PNG files; these are their pixels.
  mirrors: [],
  files: [],
  otherForm: ['small1', 'small2', 'oneshot-runs'].flatMap((set) => [
    `${set}.28x28.bits.gz`,
    `${set}.105x105.bits.gz`,
    `${set}.labels.csv`,
  ]),
};

export interface OmniglotOptions extends TableOptions {
  /** `small1`: 136 characters of 5 alphabets; `small2`: 156 of 5. Greek and Latin are in both. */
  readonly set: 'small1' | 'small2';
  /** Pixels along a side: 105 as drawn, or 28, ink where at least 0.3 of the area has some. Default 28. */
  readonly size?: 28 | 105;
}

export interface Omniglot extends LabelledImages {
  /** Alphabet of each class. */
  readonly alphabets: readonly string[];
  /** Who drew each image, 1 to 20; n. */
  readonly drawers: Int32Array;
}

/**
 * A small background set of Omniglot (Lake et al., 2015), twenty drawings of each character.
 *
 * @returns `images` n x 1 x size x size, 1 where there is ink, else 0; `labels` the character, counted over all
 *   alphabets; `classNames` like "Greek 7"
 * @throws UserError when a file is missing or is not what it should be, or an option is out of range
 */
export async function loadOmniglot({ set, size = 28, directory }: OmniglotOptions): Promise<Omniglot> {
  if (set !== 'small1' && set !== 'small2') {
    throw new UserError(`omniglot: expected the set "small1" or "small2", found "${set}".`);
  }
  checkSize(size);
  const columns = ['index', 'class', 'alphabet', 'character', 'drawer', 'file_id'];
  const { rows, number } = await loadLabels(`${set}.labels.csv`, columns, directory);
  const labels = number('class');
  const classNames: string[] = [];
  const alphabets: string[] = [];
  rows.forEach((row, i) => {
    classNames[labels[i]] = `${row[2]} ${row[3]}`;
    alphabets[labels[i]] = row[2];
  });
  const images = await loadDrawings(`${set}.${size}x${size}.bits.gz`, rows.length, size, directory);
  const shape = [1, size, size] as const;
  return { images, labels, n: rows.length, shape, classNames, alphabets, drawers: number('drawer') };
}

/** One trial: which of twenty characters is it, when each was seen once? */
export interface OneShotTrial {
  /** The characters as seen, 20 x 1 x size x size. */
  readonly train: Float32Array;
  /** The characters to tell, drawn by someone else; 20 x 1 x size x size. */
  readonly test: Float32Array;
  /** Which training image shows the same character, for each test image; 20. */
  readonly answers: Int32Array;
}

/**
 * The 20 one-shot trials of Lake et al. (2015), each of 20 characters of alphabets that are in neither small set.
 *
 * @throws UserError when a file is missing or is not what it should be, or the size is another
 */
export async function loadOmniglotTrials(options: Omit<OmniglotOptions, 'set'> = {}): Promise<OneShotTrial[]> {
  const { size = 28, directory } = options;
  checkSize(size);
  const columns = ['index', 'run', 'role', 'item', 'class'];
  const { path, rows, number } = await loadLabels('oneshot-runs.labels.csv', columns, directory);
  const [run, item, answer] = [number('run'), number('item'), number('class')];
  const images = await loadDrawings(`oneshot-runs.${size}x${size}.bits.gz`, rows.length, size, directory);
  return Array.from({ length: 20 }, (_, k) => {
    const places = (role: string) => {
      const found = rows.flatMap((row, i) => (run[i] === k + 1 && row[2] === role ? [i] : []));
      if (found.length === 20) return found.sort((a, b) => item[a] - item[b]);
      throw new UserError(`${path}: expected 20 ${role} images in run ${k + 1}, found ${found.length}.`);
    };
    const pixels = size * size;
    const drawings = (which: readonly number[]) =>
      Float32Array.from(
        { length: 20 * pixels },
        (_, at) => images[which[Math.floor(at / pixels)] * pixels + (at % pixels)],
      );
    const [train, test] = [places('train'), places('test')];
    const classes = train.map((i) => answer[i]);
    return {
      train: drawings(train),
      test: drawings(test),
      answers: Int32Array.from(test, (i) => classes.indexOf(answer[i])),
    };
  });
}

function checkSize(size: number): void {
  if (size !== 28 && size !== 105) throw new UserError(`omniglot: expected a size of 28 or 105, found ${size}.`);
}

function loadDrawings(name: string, n: number, size: number, directory: string | undefined): Promise<Float32Array> {
  return loadBits(findFile(omniglotSource, directory, name), n, size * size);
}

/** The table that goes with the drawings, in their order. */
async function loadLabels(name: string, expected: readonly string[], directory: string | undefined) {
  const path = findFile(omniglotSource, directory, name);
  const { columns, rows, lines } = parseFields(await loadText(path), { header: true }, path);
  if (columns?.join() !== expected.join()) {
    throw new UserError(`${path}: expected the columns ${expected.join(', ')}, found ${columns?.join(', ')}.`);
  }
  const number = (column: string) =>
    Int32Array.from(rows, (row, i) => {
      const field = row[expected.indexOf(column)];
      if (/^\d+$/.test(field)) return Number(field);
      throw new UserError(`${path}, line ${lines[i]}: expected a whole number as ${column}, found "${field}".`);
    });
  return { path, rows, number };
}
