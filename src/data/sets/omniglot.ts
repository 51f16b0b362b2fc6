/** Omniglot: characters of many alphabets, each drawn once by twenty people. */
import { UserError } from '../../array/errors.ts';
import type { LabelledImages } from '../dataset.ts';
import { loadBits } from '../formats/bits.ts';
import { parseFields } from '../formats/csv.ts';
import { decodeImage } from '../formats/image.ts';
import { loadText } from '../formats/text.ts';
import { unzip } from '../formats/zip.ts';
import { findFile, folderOf, locate } from '../locate.ts';
import type { DataSource } from '../source.ts';
import type { TableOptions } from './tables.ts';

export const omniglotSource: DataSource = {
  name: 'omniglot',
  title: 'Omniglot: 5840 drawings of 292 characters in two small sets, and the 20 one-shot trials',
  citation:
    'Lake, Salakhutdinov and Tenenbaum, "Human-level concept learning through probabilistic program induction", Science 350, 2015',
  licence: 'MIT',
  home: 'https://github.com/brendenlake/omniglot',
  mirrors: ['https://raw.githubusercontent.com/brendenlake/omniglot/master/python/'],
  files: [
    { name: 'images_background_small1.zip' },
    { name: 'images_background_small2.zip' },
    { name: 'all_runs.zip', path: 'one-shot-classification/all_runs.zip' },
  ],
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
 * A small background set of Omniglot (Lake et al., 2015), twenty drawings of each character, from the archive it is
 * published in or from its pixels as bits (`small1.28x28.bits`, `small1.labels.csv` and so on).
 *
 * @returns `images` n x 1 x size x size, 1 where there is ink, else 0; `labels` the character, counted over all
 *   alphabets in the order of their names; `classNames` like "Greek 7"
 * @throws UserError when a file is missing or is not what it should be, or an option is out of range
 */
export async function loadOmniglot({ set, size = 28, directory }: OmniglotOptions): Promise<Omniglot> {
  if (set !== 'small1' && set !== 'small2') {
    throw new UserError(`omniglot: expected the set "small1" or "small2", found "${set}".`);
  }
  checkSize(size);
  const drawings = await loadDrawings(set, size, directory);
  const characters = new Map<string, number>();
  for (const { alphabet, character } of drawings) {
    const name = `${alphabet} ${character}`;
    if (!characters.has(name)) characters.set(name, characters.size);
  }
  const classNames = [...characters.keys()];
  return {
    images: joined(drawings.map(({ image }) => image)),
    labels: Int32Array.from(drawings, ({ alphabet, character }) => characters.get(`${alphabet} ${character}`)!),
    n: drawings.length,
    shape: [1, size, size],
    classNames,
    alphabets: classNames.map((name) => name.slice(0, name.lastIndexOf(' '))),
    drawers: Int32Array.from(drawings, ({ drawer }) => drawer),
  };
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
  const items = await loadTrialItems(size, directory);
  return Array.from({ length: TRIALS }, (_, k) => {
    const of = (role: 'train' | 'test') => {
      const found = items.filter((item) => item.run === k + 1 && item.role === role);
      if (found.length === CHARACTERS) return found.sort((a, b) => a.item - b.item);
      throw new UserError(`omniglot: expected ${CHARACTERS} ${role} images in run ${k + 1}, found ${found.length}.`);
    };
    const [train, test] = [of('train'), of('test')];
    const places = train.map(({ item }) => item);
    return {
      train: joined(train.map(({ image }) => image)),
      test: joined(test.map(({ image }) => image)),
      answers: Int32Array.from(test, ({ answer }) => places.indexOf(answer)),
    };
  });
}

const TRIALS = 20;
const CHARACTERS = 20;

function checkSize(size: number): void {
  if (size !== 28 && size !== 105) throw new UserError(`omniglot: expected a size of 28 or 105, found ${size}.`);
}

function joined(images: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(images.length * images[0].length);
  images.forEach((image, i) => {
    all.set(image, i * image.length);
  });
  return all;
}

interface Drawing {
  readonly alphabet: string;
  /** Number of the character in its alphabet. */
  readonly character: number;
  readonly drawer: number;
  readonly image: Float32Array;
}

async function loadDrawings(set: string, size: number, directory: string | undefined): Promise<Drawing[]> {
  const [zip] = locate(folderOf(omniglotSource, directory), `images_background_${set}.zip`);
  if (zip !== undefined) return unzipDrawings(zip, size);
  const columns = ['index', 'class', 'alphabet', 'character', 'drawer', 'file_id'];
  const names = [`${set}.labels.csv`, `images_background_${set}.zip`];
  const { rows, number } = await loadLabels(names, columns, directory);
  const [character, drawer] = [number('character'), number('drawer')];
  const image = await loadImages(`${set}.${size}x${size}.bits.gz`, rows.length, size, directory);
  return rows.map((row, i) => ({ alphabet: row[2], character: character[i], drawer: drawer[i], image: image(i) }));
}

interface TrialItem {
  readonly run: number;
  readonly role: 'train' | 'test';
  readonly item: number;
  /** For a test image the training image of the same character. */
  readonly answer: number;
  readonly image: Float32Array;
}

async function loadTrialItems(size: number, directory: string | undefined): Promise<TrialItem[]> {
  const [zip] = locate(folderOf(omniglotSource, directory), 'all_runs.zip');
  if (zip !== undefined) return unzipTrials(zip, size);
  const columns = ['index', 'run', 'role', 'item', 'class'];
  const { rows, number } = await loadLabels(['oneshot-runs.labels.csv', 'all_runs.zip'], columns, directory);
  const [run, item, answer] = [number('run'), number('item'), number('class')];
  const image = await loadImages(`oneshot-runs.${size}x${size}.bits.gz`, rows.length, size, directory);
  return rows.map((row, i) => {
    const role = row[2] === 'train' ? 'train' : 'test';
    return { run: run[i], role, item: item[i], answer: answer[i], image: image(i) };
  });
}

async function loadImages(name: string, n: number, size: number, directory: string | undefined) {
  const pixels = size * size;
  const images = await loadBits(findFile(omniglotSource, directory, name), n, pixels);
  return (i: number) => images.subarray(i * pixels, (i + 1) * pixels);
}

/** The table that goes with the bits, in their order. */
async function loadLabels(names: readonly string[], expected: readonly string[], directory: string | undefined) {
  const path = findFile(omniglotSource, directory, ...names);
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
  return { rows, number };
}

/** `<set>/<alphabet>/character<number>/<character>_<drawer>.png` */
const DRAWING = /(?:^|\/)([^/]+)\/character(\d+)\/\d+_(\d+)\.png$/;

async function unzipDrawings(path: string, size: number): Promise<Drawing[]> {
  const files = await unzip(path, (name) => DRAWING.test(name));
  if (files.size === 0) {
    throw new UserError(`${path}: expected drawings as <alphabet>/character01/0001_01.png in the archive, found none.`);
  }
  return [...files.keys()].sort().map((name) => {
    const [, alphabet, character, drawer] = DRAWING.exec(name)!;
    const image = inkOf(files.get(name)!, `${path}: ${name}`, size);
    return { alphabet, character: Number(character), drawer: Number(drawer), image };
  });
}

/** `run<number>/training/class<number>.png` and `run<number>/test/item<number>.png` */
const TRIAL_IMAGE = /(?:^|\/)run(\d+)\/(training|test)\/(?:class|item)(\d+)\.png$/;
/** Whose lines name a test image and the training image of the same character. */
const TRIAL_ANSWERS = /(?:^|\/)run(\d+)\/class_labels\.txt$/;

async function unzipTrials(path: string, size: number): Promise<TrialItem[]> {
  const files = await unzip(path, (name) => TRIAL_IMAGE.test(name) || TRIAL_ANSWERS.test(name));
  const answers = new Map<string, number>();
  for (const [name, bytes] of files) {
    if (!TRIAL_ANSWERS.test(name)) continue;
    for (const line of new TextDecoder('latin1').decode(bytes).trim().split(/\r?\n/)) {
      const [test, train] = line
        .trim()
        .split(/\s+/)
        .map((word) => TRIAL_IMAGE.exec(word));
      if (test == null || train == null) {
        throw new UserError(`${path}: ${name}: expected a test and a training image in each line, found "${line}".`);
      }
      answers.set(`${Number(test[1])} ${Number(test[3])}`, Number(train[3]));
    }
  }
  return [...files.keys()].flatMap((name) => {
    const match = TRIAL_IMAGE.exec(name);
    if (match === null) return [];
    const [run, item] = [Number(match[1]), Number(match[3])];
    const role = match[2] === 'test' ? 'test' : 'train';
    const answer = role === 'train' ? item : (answers.get(`${run} ${item}`) ?? 0);
    return [{ run, role, item, answer, image: inkOf(files.get(name)!, `${path}: ${name}`, size) }];
  });
}

/** The side of a drawing as it was made. */
const SIDE = 105;
/** Ink where at least so much of the area of a smaller pixel has ink. */
const INK = 0.3;

/** A drawing as ink, 1, and paper, 0; drawings are black on white. */
function inkOf(bytes: Uint8Array, name: string, size: number): Float32Array {
  const { values, shape } = decodeImage(bytes, name);
  if (shape[1] !== SIDE || shape[2] !== SIDE) {
    throw new UserError(`${name}: expected a drawing of ${SIDE} x ${SIDE} pixels, found ${shape[1]} x ${shape[2]}.`);
  }
  const ink = values.subarray(0, SIDE * SIDE).map((value) => (value < 0.5 ? 1 : 0));
  return size === SIDE ? ink : shrunk(ink, size);
}

/** By the area of ink in each of size x size equal squares. */
function shrunk(ink: Float32Array, size: number): Float32Array {
  const step = SIDE / size;
  /** How much of row or column k lies in row or column i of the smaller image. */
  const share = (i: number, k: number) => Math.max(0, Math.min((i + 1) * step, k + 1) - Math.max(i * step, k));
  return Float32Array.from({ length: size * size }, (_, at) => {
    const [row, column] = [Math.floor(at / size), at % size];
    let area = 0;
    for (let y = Math.floor(row * step); y < Math.min(SIDE, (row + 1) * step); y++) {
      for (let x = Math.floor(column * step); x < Math.min(SIDE, (column + 1) * step); x++) {
        area += ink[y * SIDE + x] * share(row, y) * share(column, x);
      }
    }
    return area >= INK * step * step - 1e-9 ? 1 : 0;
  });
}
