import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testOnRealData } from '../real-data.fixture.ts';
import { loadOmniglot, loadOmniglotTrials } from './omniglot.ts';

let directory: string;
const put = async (name: string, bytes: Uint8Array | string) => {
  await mkdir(join(directory, 'omniglot'), { recursive: true });
  await writeFile(join(directory, 'omniglot', name), bytes);
};
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'omniglot-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** Ink as a drawing of Omniglot: black on white. */
const png = (ink: Float32Array, side = 105) =>
  encode(
    { width: side, height: side, channels: 1, data: Uint8Array.from(ink, (value) => 255 * (1 - value)) },
    { zlib: { level: 0 } },
  );
const same = (a: Float32Array, b: Float32Array) => a.length === b.length && a.every((value, i) => value === b[i]);
const two = (k: number) => String(k).padStart(2, '0');
const dot = (at: number) => Float32Array.from({ length: 105 * 105 }, (_, k) => (k === at ? 1 : 0));

test('reads the archive of a set, in order of alphabets, characters and drawers', async () => {
  const files = {
    'images_background_small1/Latin/character02/0002_01.png': png(dot(3)),
    'images_background_small1/Latin/character01/0001_02.png': png(dot(2)),
    'images_background_small1/Greek/character10/0003_20.png': png(dot(1)),
    '__MACOSX/images_background_small1/._Latin': new Uint8Array(3),
  };
  await put('images_background_small1.zip', zipSync(files));
  const { images, classNames, labels, alphabets, drawers } = await loadOmniglot({
    set: 'small1',
    size: 105,
    directory,
  });
  expect([classNames, alphabets]).toEqual([
    ['Greek 10', 'Latin 1', 'Latin 2'],
    ['Greek', 'Latin', 'Latin'],
  ]);
  expect([[...labels], [...drawers]]).toEqual([
    [0, 1, 2],
    [20, 2, 1],
  ]);
  expect([1, 2, 3].map((at, i) => images[i * 105 * 105 + at])).toEqual([1, 1, 1]);
  expect(images.reduce((sum, x) => sum + x, 0)).toBe(3);
});

test('says what is wrong in an archive', async () => {
  const load = () => loadOmniglot({ set: 'small1', directory });
  await put('images_background_small1.zip', 'no archive');
  await expect(load()).rejects.toThrow(/small1\.zip: expected a zip archive, found 10 bytes that are none/);
  await put('images_background_small1.zip', zipSync({ 'a.txt': new Uint8Array(3) }));
  await expect(load()).rejects.toThrow(/expected drawings as .* in the archive, found none/);
  await put(
    'images_background_small1.zip',
    zipSync({ 'Latin/character01/0001_01.png': png(new Float32Array(400), 20) }),
  );
  await expect(load()).rejects.toThrow(
    /small1\.zip: Latin\/character01\/0001_01\.png: expected a drawing of 105 x 105 pixels, found 20 x 20/,
  );
  await put('all_runs.zip', zipSync({ 'run01/class_labels.txt': Buffer.from('run01/test/item01.png\n') }));
  await expect(loadOmniglotTrials({ directory })).rejects.toThrow(/expected a test and a training image in each line/);
});

testOnRealData(
  'archives and bits give the same, at both sizes',
  'omniglot',
  ['small1.28x28.bits', 'small1.105x105.bits'],
  async (real) => {
    const large = await loadOmniglot({ set: 'small1', size: 105, directory: real });
    const files = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => {
        const name = large.classNames[large.labels[i]];
        const [alphabet, character] = [large.alphabets[large.labels[i]], Number(name.split(' ').at(-1))];
        const path = `images_background_small1/${alphabet}/character${two(character)}/0001_${two(large.drawers[i])}.png`;
        return [path, png(large.images.subarray(i * 105 * 105, (i + 1) * 105 * 105))];
      }),
    );
    await put('images_background_small1.zip', zipSync(files));
    const zipped = await loadOmniglot({ set: 'small1', size: 105, directory });
    expect(same(zipped.images, large.images.slice(0, 60 * 105 * 105))).toBe(true);
    expect(zipped.labels).toEqual(large.labels.slice(0, 60));
    const small = await loadOmniglot({ set: 'small1', directory });
    expect(small.images).toEqual((await loadOmniglot({ set: 'small1', directory: real })).images.slice(0, 60 * 784));

    const trials = await loadOmniglotTrials({ size: 105, directory: real });
    const runs = trials.flatMap(({ train, test: held, answers }, k) => {
      const run = `run${two(k + 1)}`;
      const drawing = (images: Float32Array, i: number) => png(images.subarray(i * 105 * 105, (i + 1) * 105 * 105));
      const lines = Array.from(
        answers,
        (answer, i) => `${run}/test/item${two(i + 1)}.png ${run}/training/class${two(answer + 1)}.png`,
      );
      return [
        [`all_runs/${run}/class_labels.txt`, Buffer.from(lines.join('\n'))] as const,
        ...Array.from(
          answers,
          (_, i) => [`all_runs/${run}/training/class${two(i + 1)}.png`, drawing(train, i)] as const,
        ),
        ...Array.from(answers, (_, i) => [`all_runs/${run}/test/item${two(i + 1)}.png`, drawing(held, i)] as const),
      ];
    });
    await put('all_runs.zip', zipSync(Object.fromEntries(runs), { level: 0 }));
    const expected = await loadOmniglotTrials({ directory: real });
    for (const [k, trial] of (await loadOmniglotTrials({ directory })).entries()) {
      expect(trial.answers).toEqual(expected[k].answers);
      expect(same(trial.train, expected[k].train) && same(trial.test, expected[k].test)).toBe(true);
    }
  },
);
