/** Treatments and outcomes: the tables on which estimators of causal effects are compared. */
import { UserError } from '../../array/errors.ts';
import type { TreatmentData } from '../dataset.ts';
import { parseCsv, parseFields } from '../formats/csv.ts';
import { loadText } from '../formats/text.ts';
import { findFile, folderOf, locate, missing } from '../locate.ts';
import type { DataSource } from '../source.ts';
import { loadTable, type TableOptions } from './tables.ts';

export const lalondeSource: DataSource = {
  name: 'lalonde',
  folder: 'causal',
  title: 'LaLonde: job training (NSW) and earnings, 722 people; 2490 controls of the PSID',
  citation:
    'LaLonde, "Evaluating the econometric evaluations of training programs", American Economic Review 76, 1986; Dehejia and Wahba, Journal of the American Statistical Association 94, 1999',
  licence: 'none stated',
  home: 'https://users.nber.org/~rdehejia/nswdata2.html',
  mirrors: ['https://users.nber.org/~rdehejia/data/'],
  files: [
    ...['nsw_treated.txt', 'nsw_control.txt', 'nswre74_treated.txt', 'nswre74_control.txt', 'psid_controls.txt'].map(
      (name) => ({ name }),
    ),
  ],
  otherForm: ['lalonde-nsw.csv', 'lalonde-nsw-dehejia-wahba.csv', 'lalonde-psid1-controls.csv'],
};

export const ihdpSource: DataSource = {
  name: 'ihdp',
  folder: 'causal',
  title: 'IHDP: 747 children with simulated outcomes of an early intervention, 10 replications',
  citation:
    'Hill, "Bayesian nonparametric modeling for causal inference", Journal of Computational and Graphical Statistics 20, 2011',
  licence: 'none stated',
  home: 'https://github.com/AMLab-Amsterdam/CEVAE',
  mirrors: ['https://raw.githubusercontent.com/AMLab-Amsterdam/CEVAE/master/datasets/IHDP/csv/'],
  files: Array.from({ length: 10 }, (_, k) => ({ name: `ihdp_npci_${k + 1}.csv` })),
  otherForm: ['ihdp-npci-1-10.csv.gz'],
};

export const hillstromSource: DataSource = {
  name: 'hillstrom',
  folder: 'causal',
  title: 'Hillstrom: 64 000 customers, e-mail by chance, visits and spending',
  citation: 'Hillstrom, "The MineThatData e-mail analytics and data mining challenge", 2008',
  licence: 'free to use',
  home: 'https://blog.minethatdata.com/2008/03/minethatdata-e-mail-analytics-and-data.html',
  mirrors: ['http://www.minethatdata.com/'],
  files: [
    {
      name: 'hillstrom-email.csv',
      path: 'Kevin_Hillstrom_MineThatData_E-MailAnalytics_DataMiningChallenge_2008.03.20.csv',
    },
  ],
};

export interface LalondeOptions extends TableOptions {
  /**
   * `nsw`: the experiment, 297 treated and 425 controls. `dehejia-wahba`: those whose earnings of 1974 are known, 185 and
   * 260. `psid-1`: the 185 against 2490 people of the Panel Study of Income Dynamics, who were not drawn by chance.
   */
  readonly sample: 'nsw' | 'dehejia-wahba' | 'psid-1';
}

const BASELINE = ['age', 'education', 'black', 'hispanic', 'married', 'nodegree'];

/**
 * The National Supported Work experiment (LaLonde, 1986; Dehejia and Wahba, 1999).
 *
 * @returns `covariates` age and education in years, four indicators, earnings of 1974 (not in `nsw`) and of 1975 in
 *   dollars; `treatment` 1 for training; `outcome` earnings of 1978. Treated and controls in the order of the files
 * @throws UserError when a file is missing or is not what it should be, or the sample is unknown
 */
export async function loadLalonde({ sample, directory }: LalondeOptions): Promise<TreatmentData> {
  const treatedCount = sample === 'nsw' ? 297 : 185;
  const controlCount = { nsw: 425, 'dehejia-wahba': 260, 'psid-1': 2490 }[sample];
  if (controlCount === undefined) {
    throw new UserError(`lalonde: expected the sample "nsw", "dehejia-wahba" or "psid-1", found "${sample}".`);
  }
  const names = sample === 'nsw' ? [...BASELINE, 're75'] : [...BASELINE, 're74', 're75'];
  const [treated, controls] = await lalondeFiles(sample, directory);
  const rows = [
    ...rowsOfArm(await lalondeTable(treated), 1, treatedCount, treated),
    ...rowsOfArm(await lalondeTable(controls), 0, controlCount, controls),
  ];
  const column = (row: ReadonlyMap<string, number>, name: string) => row.get(name) ?? Number.NaN;
  return {
    covariates: Float64Array.from(rows.flatMap((row) => names.map((name) => column(row, name)))),
    names,
    treatment: Int32Array.from(rows, (row) => column(row, 'treat')),
    outcome: Float64Array.from(rows, (row) => column(row, 're78')),
    n: rows.length,
    dimension: names.length,
  };
}

/** The files of the treated and of the controls: one table of both, or a text file for each as the NBER has them. */
async function lalondeFiles(
  sample: LalondeOptions['sample'],
  directory: string | undefined,
): Promise<[string, string]> {
  const folder = folderOf(lalondeSource, directory);
  const csv = sample === 'nsw' ? 'lalonde-nsw.csv' : 'lalonde-nsw-dehejia-wahba.csv';
  const text = sample === 'nsw' ? 'nsw' : 'nswre74';
  const experiment = locate(folder, csv)[0];
  const treated = experiment ?? findFile(lalondeSource, directory, `${text}_treated.txt`);
  if (sample === 'psid-1') {
    return [treated, findFile(lalondeSource, directory, 'psid_controls.txt', 'lalonde-psid1-controls.csv')];
  }
  return [treated, experiment ?? findFile(lalondeSource, directory, `${text}_control.txt`)];
}

/** Each row by the names of its columns. */
async function lalondeTable(path: string): Promise<Map<string, number>[]> {
  const all = ['treat', ...BASELINE, 're74', 're75', 're78'];
  const text = await loadText(path);
  const isCsv = text.startsWith('treat,');
  // The NBER's files align their columns with spaces, and those of the whole experiment lack 1974.
  const table = isCsv
    ? parseCsv(text, { header: true }, path)
    : parseCsv(text.replace(/^[ \t]+|[ \t\r]+$/gm, '').replace(/[ \t]+/g, ' '), { delimiter: ' ' }, path);
  const width = table.shape[1];
  const columns = table.columns ?? (width === 9 ? all.filter((name) => name !== 're74') : all);
  if (columns.length !== width || columns.some((name, k) => !all.includes(name) || columns.indexOf(name) !== k)) {
    throw new UserError(
      `${path}: expected the columns ${all.join(', ')}, found ${table.columns?.join(', ') ?? width}.`,
    );
  }
  return Array.from(
    { length: table.rows },
    (_, i) => new Map(columns.map((name, k) => [name, table.data[i * width + k]])),
  );
}

function rowsOfArm(
  rows: readonly Map<string, number>[],
  arm: number,
  count: number,
  path: string,
): Map<string, number>[] {
  const chosen = rows.filter((row) => row.get('treat') === arm);
  if (chosen.length !== count) {
    const who = arm === 1 ? 'treated' : 'controls';
    throw new UserError(
      `${path}: expected ${count} ${who} (treat ${arm}), found ${chosen.length} among ${rows.length} rows.`,
    );
  }
  return chosen;
}

export interface IhdpOptions extends TableOptions {
  /** 1 to 10. */
  readonly replication: number;
}

export interface IhdpData extends TreatmentData {
  /** What the other arm would have given, with noise; n. */
  readonly counterfactual: Float64Array;
  /** Expected outcome without and with treatment; n each. Their mean difference is the true average effect. */
  readonly mean0: Float64Array;
  readonly mean1: Float64Array;
}

/**
 * The Infant Health and Development Program with simulated outcomes (Hill, 2011; replications of Dorie's `npci`), 747
 * children, 139 treated, 25 covariates x1 to x25: the first six continuous and standardised, the rest indicators (x14
 * is 1 or 2).
 *
 * @throws UserError when the file is missing or is not what it should be, or the replication is out of range
 */
export async function loadIhdp({ replication, directory }: IhdpOptions): Promise<IhdpData> {
  if (!Number.isInteger(replication) || replication < 1 || replication > 10) {
    throw new UserError(`ihdp: expected a replication from 1 to 10, found ${replication}.`);
  }
  const folder = folderOf(ihdpSource, directory);
  const [joined] = locate(folder, 'ihdp-npci-1-10.csv');
  const [single] = locate(folder, `ihdp_npci_${replication}.csv`);
  const [n, width] = [747, 30];
  let data: Float64Array;
  if (single !== undefined) {
    ({ data } = await loadTable(single, {}, [n, width]));
  } else if (joined !== undefined) {
    const table = await loadTable(joined, { header: true }, [10 * n, width + 1]);
    const rows = Array.from({ length: 10 * n }, (_, i) => table.data.subarray(i * (width + 1), (i + 1) * (width + 1)));
    const chosen = rows.filter((row) => row[0] === replication);
    if (chosen.length !== n) {
      throw new UserError(`${joined}: expected ${n} rows of replication ${replication}, found ${chosen.length}.`);
    }
    data = Float64Array.from(chosen.flatMap((row) => [...row.subarray(1)]));
  } else {
    throw missing(ihdpSource, folder, [`ihdp_npci_${replication}.csv`, 'ihdp-npci-1-10.csv.gz']);
  }
  const column = (k: number) => Float64Array.from({ length: n }, (_, i) => data[i * width + k]);
  const dimension = width - 5;
  return {
    covariates: data.filter((_, at) => at % width >= 5),
    names: Array.from({ length: dimension }, (_, k) => `x${k + 1}`),
    treatment: arms(column(0), 2, single ?? joined),
    outcome: column(1),
    counterfactual: column(2),
    mean0: column(3),
    mean1: column(4),
    n,
    dimension,
  };
}

function arms(values: Float64Array, count: number, path: string): Int32Array {
  const strange = values.find((value) => !Number.isInteger(value) || value < 0 || value >= count);
  if (strange !== undefined) {
    throw new UserError(`${path}: expected treatments from 0 to ${count - 1}, found ${strange}.`);
  }
  return Int32Array.from(values);
}

export interface HillstromOptions extends TableOptions {
  /** Whether the customer came back within two weeks, bought, or how many dollars were spent. */
  readonly outcome: 'visit' | 'conversion' | 'spend';
}

/** What the arms are called, by their numbers. */
export const HILLSTROM_ARMS = ['No E-Mail', 'Mens E-Mail', 'Womens E-Mail'] as const;

/** Columns of numbers, and columns of words with the values that become indicators. */
const HILLSTROM_NUMBERS = ['recency', 'history', 'mens', 'womens', 'newbie'];
const HILLSTROM_WORDS: readonly [column: string, values: readonly string[]][] = [
  // The file's own spelling.
  ['zip_code', ['Rural', 'Surburban', 'Urban']],
  ['channel', ['Multichannel', 'Phone', 'Web']],
];

/**
 * Hillstrom's e-mail experiment (2008): 64 000 customers, drawn by chance to get no e-mail, one on men's or one on
 * women's merchandise.
 *
 * @returns `covariates` months since the last purchase, dollars spent in the past year, three indicators, and one
 *   indicator per kind of area and channel; `treatment` as `HILLSTROM_ARMS`
 * @throws UserError when the file is missing or is not what it should be, or the outcome is unknown
 */
export async function loadHillstrom({ outcome, directory }: HillstromOptions): Promise<TreatmentData> {
  if (!['visit', 'conversion', 'spend'].includes(outcome)) {
    throw new UserError(`hillstrom: expected the outcome "visit", "conversion" or "spend", found "${outcome}".`);
  }
  const path = findFile(hillstromSource, directory, 'hillstrom-email.csv');
  const { columns, rows, lines } = parseFields(await loadText(path), { header: true }, path);
  const place = new Map((columns ?? []).map((name, k) => [name, k]));
  const field = (i: number, name: string) => {
    const k = place.get(name);
    if (k === undefined) throw new UserError(`${path}: expected a column ${name}, found ${columns?.join(', ')}.`);
    return rows[i][k];
  };
  const number = (i: number, name: string) => {
    const value = Number(field(i, name) || Number.NaN);
    if (Number.isFinite(value)) return value;
    throw new UserError(`${path}, line ${lines[i]}: expected a number as ${name}, found "${field(i, name)}".`);
  };
  const word = (i: number, name: string, values: readonly string[]) => {
    const at = values.indexOf(field(i, name));
    if (at >= 0) return at;
    throw new UserError(
      `${path}, line ${lines[i]}: expected one of ${values.join(', ')} as ${name}, found "${field(i, name)}".`,
    );
  };
  if (rows.length !== 64_000) throw new UserError(`${path}: expected 64000 customers, found ${rows.length}.`);
  const names = [
    ...HILLSTROM_NUMBERS,
    ...HILLSTROM_WORDS.flatMap(([column, values]) => values.map((value) => `${column}=${value}`)),
  ];
  const [n, dimension] = [rows.length, names.length];
  const covariates = new Float64Array(n * dimension);
  for (let i = 0; i < n; i++) {
    const row = covariates.subarray(i * dimension, (i + 1) * dimension);
    HILLSTROM_NUMBERS.forEach((name, k) => {
      row[k] = number(i, name);
    });
    let start = HILLSTROM_NUMBERS.length;
    for (const [column, values] of HILLSTROM_WORDS) {
      row[start + word(i, column, values)] = 1;
      start += values.length;
    }
  }
  return {
    covariates,
    names,
    treatment: Int32Array.from(rows, (_, i) => word(i, 'segment', HILLSTROM_ARMS)),
    outcome: Float64Array.from(rows, (_, i) => number(i, outcome)),
    n,
    dimension,
  };
}
