/** Loaders on small files made up here: what they refuse, and the forms that no test on published files meets. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadHillstrom, loadIhdp, loadLalonde } from './causal.ts';
import { loadCitation } from './citation.ts';
import { loadFashionMnist } from './mnist.ts';
import { loadNasBench201 } from './nas-bench.ts';
import { loadOmniglot } from './omniglot.ts';
import { sources } from './sources.ts';
import { loadDiabetes, loadIris } from './tables.ts';
import { loadAnalogies, loadText8, loadWikitext2, loadWordSimilarity } from './texts.ts';

let directory: string;
const put = async (path: string, content: string | Uint8Array) => {
  await mkdir(dirname(join(directory, path)), { recursive: true });
  await writeFile(join(directory, path), content);
};
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'loaders-'));
});
afterEach(() => rm(directory, { recursive: true }));

const lines = (n: number, line: (i: number) => string) => Array.from({ length: n }, (_, i) => `${line(i)}\n`).join('');

test('every data set has a name of its own, terms, a home, and files', () => {
  expect(new Set(sources.map(({ name }) => name)).size).toBe(sources.length);
  for (const { licence, home, mirrors, files, archives = [], otherForm = [], citation } of sources) {
    expect(home).toMatch(/^https?:\/\//);
    for (const mirror of mirrors) expect(mirror).toMatch(/^https?:\/\/.*\/$/);
    expect(licence.length * citation.length).toBeGreaterThan(0);
    expect(files.length + archives.length + otherForm.length).toBeGreaterThan(0);
    expect(files.length + archives.length > 0).toBe(mirrors.length > 0);
  }
});

test('missing files: which, where, and what to do', async () => {
  await expect(loadIris({ directory })).rejects.toThrow(
    /^iris: expected iris\.csv in .*sklearn, found no such file; run "deeptheory data fetch iris", or set DEEPTHEORY_DATA to the folder that holds "sklearn"\.$/,
  );
  await expect(loadNasBench201({ directory })).rejects.toThrow(
    /found neither; get it from https:\/\/github\.com\/D-X-Y/,
  );
  await expect(loadCitation({ name: 'cora', directory })).rejects.toThrow(
    /cora\.json or cora\.content or cora\.cites.*none/,
  );
  await expect(loadIhdp({ replication: 3, directory })).rejects.toThrow(/ihdp_npci_3\.csv or ihdp-npci-1-10\.csv\.gz/);
});

test('names that there are not', async () => {
  const wrong = <T>(value: string) => value as T;
  await expect(loadCitation({ name: wrong('coro'), directory })).rejects.toThrow(/one of cora, citeseer.*"coro"/);
  await expect(loadLalonde({ sample: wrong('cps'), directory })).rejects.toThrow(/"psid-1", found "cps"/);
  await expect(loadIhdp({ replication: 11, directory })).rejects.toThrow(/from 1 to 10, found 11/);
  await expect(loadHillstrom({ outcome: wrong('visits'), directory })).rejects.toThrow(/"spend", found "visits"/);
  await expect(loadOmniglot({ set: wrong('small3'), directory })).rejects.toThrow(/"small2", found "small3"/);
  await expect(loadOmniglot({ set: 'small1', size: wrong('29'), directory })).rejects.toThrow(/28 or 105, found 29/);
  await expect(loadWikitext2({ split: wrong('valid'), directory })).rejects.toThrow(/"test", found "valid"/);
  await expect(loadWordSimilarity({ list: wrong('men'), directory })).rejects.toThrow(/wordsim-353,.*found "men"/);
  await expect(loadText8({ limit: 0, directory })).rejects.toThrow(/at least 1 character, found 0/);
});

describe('tables', () => {
  test('of another size, with gaps, or with other classes are refused', async () => {
    const iris = (row: (i: number) => string) => put('sklearn/iris.csv', `150,4,a,b,c\n${lines(150, row)}`);
    await iris((i) => `${i},1,2,3,${i % 3}`);
    const { inputs, labels, n } = await loadIris({ directory });
    expect([inputs.length, n, [...labels.subarray(0, 4)], inputs[4]]).toEqual([600, 150, [0, 1, 2, 0], 1]);
    await iris((i) => `${i},1,2,${i === 7 ? '' : 3},0`);
    await expect(loadIris({ directory })).rejects.toThrow(/iris\.csv: expected numbers, found NaN in row 8, column 4/);
    await iris((i) => `${i},1,2,3,${i === 7 ? 3 : 0}`);
    await expect(loadIris({ directory })).rejects.toThrow(/classes 0 to 2, found 3 in row 8/);
    await iris((i) => `${i},1,x,3,0`);
    await expect(loadIris({ directory })).rejects.toThrow(/iris\.csv, line 2, column 3: expected a number, found "x"/);
    await put('sklearn/iris.csv', `150,4,a,b,c\n${lines(149, () => '1,1,2,3,0')}`);
    await expect(loadIris({ directory })).rejects.toThrow(/expected a table of 150 x 5, found 149 x 5/);
    await put('sklearn/diabetes_data.csv.gz', gzipSync(lines(442, () => '1 2 3 4 5 6 7 8 9 10')));
    await put('sklearn/diabetes_target.csv.gz', gzipSync(lines(441, () => '1')));
    await expect(loadDiabetes({ directory })).rejects.toThrow(/diabetes_target\.csv\.gz: expected a table of 442 x 1/);
  });

  test('LaLonde as the NBER has it: a text file for each arm, columns aligned with spaces', async () => {
    const arm = (n: number, treat: number, width: number) =>
      lines(n, (i) =>
        Array.from({ length: width }, (_, k) => `   ${(k === 0 ? treat : i + k).toExponential(7)}`).join(''),
      );
    await put('causal/nsw_treated.txt', arm(297, 1, 9));
    await put('causal/nsw_control.txt', arm(425, 0, 9));
    await put('causal/nswre74_treated.txt', arm(185, 1, 10));
    await put('causal/psid_controls.txt', arm(2490, 0, 10));
    const nsw = await loadLalonde({ sample: 'nsw', directory });
    expect([nsw.n, nsw.dimension, nsw.names.at(-1), nsw.treatment[296], nsw.treatment[297]]).toEqual([
      722,
      7,
      're75',
      1,
      0,
    ]);
    expect([...nsw.covariates.subarray(7, 14)]).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(nsw.outcome[1]).toBe(9);
    const psid = await loadLalonde({ sample: 'psid-1', directory });
    expect([psid.n, psid.dimension, psid.outcome[0]]).toEqual([2675, 8, 9]);
    await put('causal/nsw_control.txt', arm(424, 0, 9));
    await expect(loadLalonde({ sample: 'nsw', directory })).rejects.toThrow(
      /expected 425 controls \(treat 0\), found 424/,
    );
    await put('causal/nsw_control.txt', arm(425, 0, 8));
    await expect(loadLalonde({ sample: 'nsw', directory })).rejects.toThrow(
      /nsw_control\.txt: expected the columns treat/,
    );
  });

  test('IHDP as one file per replication', async () => {
    await put(
      'causal/ihdp_npci_2.csv',
      lines(747, (i) => Array.from({ length: 30 }, (_, k) => (k === 0 ? i % 2 : i + k)).join()),
    );
    const data = await loadIhdp({ replication: 2, directory });
    expect([data.treatment[1], data.outcome[1], data.counterfactual[1], data.mean0[1], data.mean1[1]]).toEqual([
      1, 2, 3, 4, 5,
    ]);
    expect([...data.covariates.subarray(25, 28)]).toEqual([6, 7, 8]);
    await put(
      'causal/ihdp_npci_2.csv',
      lines(747, () => Array.from({ length: 30 }, () => 7).join()),
    );
    await expect(loadIhdp({ replication: 2, directory })).rejects.toThrow(/treatments from 0 to 1, found 7/);
  });

  test('a row of Hillstrom or of NAS-Bench that cannot be', async () => {
    const header =
      'recency,history_segment,history,mens,womens,zip_code,newbie,channel,segment,visit,conversion,spend\r\n';
    const row = '10,2) $100 - $200,142.44,1,0,Surburban,0,Phone,Womens E-Mail,0,0,0\r\n';
    await put('causal/hillstrom-email.csv', header + row.repeat(63_999) + row.replace('Phone', 'Fax'));
    await expect(loadHillstrom({ outcome: 'visit', directory })).rejects.toThrow(
      /line 64001: expected one of Multichannel, Phone, Web as channel, found "Fax"/,
    );
    await put('causal/hillstrom-email.csv', header + row);
    await expect(loadHillstrom({ outcome: 'visit', directory })).rejects.toThrow(/64000 customers, found 1/);
    const table = (cell: string, accuracy = '90') =>
      put(
        'nas/nats-bench-tss-200ep.csv',
        `index,arch,iso_class,cifar10_test,cifar100_test,imagenet16_120_test\n0,${cell},0,${accuracy},70,40\n`,
      );
    const cell = '|none~0|+|none~0|avg_pool_3x3~1|+|none~0|nor_conv_3x3~1|skip_connect~2|';
    await table(cell);
    expect([...(await loadNasBench201({ directory })).operations]).toEqual([0, 0, 4, 0, 3, 1]);
    await table(cell.replace('~2', '~1'));
    await expect(loadNasBench201({ directory })).rejects.toThrow(/line 2: expected a cell of six operations, found/);
    await table(cell.slice(0, 40));
    await expect(loadNasBench201({ directory })).rejects.toThrow(/six operations/);
    await table(cell, '101');
    await expect(loadNasBench201({ directory })).rejects.toThrow(
      /line 2: expected cifar10_test in its range, found "101"/,
    );
  });
});

test('citation networks as LINQS has them', async () => {
  await put('citation/cora.content', 'p1\t0\t1\tneural\np2\t1\t1\tbayes\np3\t0\t0\tneural\n');
  await put('citation/cora.cites', 'p1\tp2\np2\tp1\np3\tp3\np3\tp9\np3\tp2\n');
  const cora = await loadCitation({ name: 'cora', directory });
  expect([cora.n, cora.classes, cora.split, [...cora.labels], [...cora.edges]]).toEqual([
    3,
    2,
    null,
    [1, 0, 1],
    [0, 1, 1, 2],
  ]);
  expect([cora.features?.shape, [...cora.features!.starts], [...cora.features!.columns]]).toEqual([
    [3, 2],
    [0, 1, 3, 3],
    [1, 0, 1],
  ]);
  await put('citation/cora.content', 'p1\t0\t1\tneural\np2\t1\tbayes\n');
  await expect(loadCitation({ name: 'cora', directory })).rejects.toThrow(/cora\.content, line 2: expected 4 fields/);
  await put('citation/cora.content', 'p1\t0\tx\tneural\n');
  await expect(loadCitation({ name: 'cora', directory })).rejects.toThrow(
    /line 1, field 3: expected a number, found "x"/,
  );
});

test('drawings without their labels, or of another number', async () => {
  await put(
    'omniglot/small1.labels.csv',
    'index,class,alphabet,character,drawer,file_id\n0,0,Greek,1,1,0001\n1,0,Greek,1,2,0001\n',
  );
  await put('omniglot/small1.28x28.bits', new Uint8Array(2 * 98).fill(0b1010_0000, 98));
  const { images, n, classNames, drawers } = await loadOmniglot({ set: 'small1', directory });
  expect([n, classNames, [...drawers], [...images.subarray(784, 788)]]).toEqual([2, ['Greek 1'], [1, 2], [1, 0, 1, 0]]);
  await put('omniglot/small1.28x28.bits', new Uint8Array(97));
  await expect(loadOmniglot({ set: 'small1', directory })).rejects.toThrow(
    /expected 2 records of 98 bytes, found 97 bytes/,
  );
  await put('omniglot/small1.labels.csv', 'class,alphabet\n0,Greek\n');
  await expect(loadOmniglot({ set: 'small1', directory })).rejects.toThrow(/expected the columns index, class/);
});

test('texts', async () => {
  await put('text/text8', ' a bc def');
  expect(await loadText8({ limit: 5, directory })).toBe(' a bc');
  expect(await loadText8({ limit: 4, directory })).toBe(' a');
  await expect(loadText8({ directory })).rejects.toThrow(/expected 100000000 characters, found 9; ask for a limit/);
  await put('text/text8', ' a Bc');
  await expect(loadText8({ limit: 2, directory })).rejects.toThrow(/letters a to z and spaces, found "B" at 3/);
  await put('text/questions-words.txt', ': one\na b c d\na b c\n');
  await expect(loadAnalogies({ directory })).rejects.toThrow(
    /line 3: expected ": section" or four words, found "a b c"/,
  );
  await put('text/EN-SIMLEX-999.txt', 'old\tnew\t1.58\nhard\teasy\t11\n');
  await expect(loadWordSimilarity({ list: 'simlex-999', directory })).rejects.toThrow(/line 2: .*score from 0 to 10/);
});

test('images in parts that do not match their labels', async () => {
  const idx = (shape: number[], fill: number) => {
    const header = Buffer.alloc(4 + 4 * shape.length);
    header.set([0, 0, 8, shape.length]);
    shape.forEach((size, i) => {
      header.writeUInt32BE(size, 4 + 4 * i);
    });
    return Buffer.concat([
      header,
      Buffer.alloc(
        shape.reduce((a, b) => a * b, 1),
        fill,
      ),
    ]);
  };
  await put('fashion-mnist/train-images-idx3-ubyte.part1.gz', gzipSync(idx([2, 28, 28], 51)));
  await put('fashion-mnist/train-images-idx3-ubyte.part2.gz', gzipSync(idx([1, 28, 28], 255)));
  await put('fashion-mnist/train-labels-idx1-ubyte', idx([3], 9));
  const { images, n, labels } = await loadFashionMnist({ split: 'train', directory });
  expect([n, [...labels], images[0], images[3 * 784 - 1]]).toEqual([3, [9, 9, 9], Math.fround(0.2), 1]);
  await put('fashion-mnist/train-labels-idx1-ubyte', idx([4], 9));
  await expect(loadFashionMnist({ split: 'train', directory })).rejects.toThrow(
    /expected 3 labels, one per image of .*part1.*part2.*found 4/,
  );
  await rm(join(directory, 'fashion-mnist/train-images-idx3-ubyte.part1.gz'));
  await expect(loadFashionMnist({ split: 'train', directory })).rejects.toThrow(
    /found neither; run "deeptheory data fetch/,
  );
});
