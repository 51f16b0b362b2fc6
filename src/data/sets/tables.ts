/** The small tables that come with scikit-learn. */
import { UserError } from '../../array/errors.ts';
import type { LabelledPoints, RegressionPoints } from '../dataset.ts';
import { type Csv, type CsvOptions, loadCsv } from '../formats/csv.ts';
import { findFile } from '../locate.ts';
import type { DataSource } from '../source.ts';

/** The last release that ships all five. */
const shared = {
  folder: 'sklearn',
  licence: 'CC BY 4.0',
  mirrors: ['https://raw.githubusercontent.com/scikit-learn/scikit-learn/1.0.2/sklearn/datasets/data/'],
};

export const irisSource: DataSource = {
  ...shared,
  name: 'iris',
  title: 'Iris: 150 flowers, 4 lengths and widths, 3 species',
  citation: 'Fisher, "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7, 1936',
  home: 'https://archive.ics.uci.edu/dataset/53/iris',
  files: [{ name: 'iris.csv', bytes: 2734, md5: 'd69a16ea6136ccb02a7c37c66375ebba' }],
};

export const wineSource: DataSource = {
  ...shared,
  name: 'wine',
  title: 'Wine: 178 wines, 13 measurements, 3 growers',
  citation: 'Aeberhard and Forina, "Wine", UCI Machine Learning Repository, 1991',
  home: 'https://archive.ics.uci.edu/dataset/109/wine',
  files: [{ name: 'wine_data.csv', bytes: 11_157, md5: '4a4db56405701ab0f3ed0e194e993c0f' }],
};

export const breastCancerSource: DataSource = {
  ...shared,
  name: 'breast-cancer',
  title: 'Breast cancer Wisconsin: 569 tumours, 30 measurements, malignant or benign',
  citation:
    'Wolberg, Mangasarian, Street and Street, "Breast Cancer Wisconsin (Diagnostic)", UCI Machine Learning Repository, 1993',
  home: 'https://archive.ics.uci.edu/dataset/17/breast+cancer+wisconsin+diagnostic',
  files: [{ name: 'breast_cancer.csv', bytes: 119_913, md5: '36ef90874abc87f4b4a8554dcc17cf6f' }],
};

export const digitsSource: DataSource = {
  ...shared,
  name: 'digits',
  title: 'Digits: 1797 handwritten digits of 8 x 8 pixels',
  citation: 'Alpaydin and Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998',
  home: 'https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits',
  files: [{ name: 'digits.csv.gz', bytes: 264_712, md5: 'a0339c30a8a5312a1b6f9e5c719dcce5' }],
};

export const diabetesSource: DataSource = {
  ...shared,
  name: 'diabetes',
  licence: 'BSD-3-Clause',
  title: 'Diabetes: 442 patients, 10 measurements, progression after a year',
  citation: 'Efron, Hastie, Johnstone and Tibshirani, "Least angle regression", Annals of Statistics 32, 2004',
  home: 'https://www4.stat.ncsu.edu/~boos/var.select/diabetes.html',
  files: [
    { name: 'diabetes_data.csv.gz', bytes: 112_892, md5: '4962fdb4a057ea2183e517325aa959b7' },
    { name: 'diabetes_target.csv.gz', bytes: 11_050, md5: '3e3835cad7a1565b5142786dfbd64bc6' },
  ],
};

export interface TableOptions {
  /** Folder that holds the folder of the data set; default `dataDirectory()`. */
  readonly directory?: string;
}

type Classification = LabelledPoints<Float64Array>;

/**
 * Iris (Fisher, 1936): `inputs` 150 x 4, sepal length and width, petal length and width in cm; `labels` setosa,
 * versicolor, virginica. No split is prescribed.
 *
 * @throws UserError when the file is missing or is not what it should be
 */
export function loadIris(options: TableOptions = {}): Promise<Classification> {
  return loadClasses(irisSource, { skipLines: 1 }, [150, 4], 3, options);
}

/** Wine (Aeberhard and Forina, 1991): `inputs` 178 x 13 as measured; `labels` the grower, 0 to 2. As `loadIris`. */
export function loadWine(options: TableOptions = {}): Promise<Classification> {
  return loadClasses(wineSource, { skipLines: 1 }, [178, 13], 3, options);
}

/** Breast cancer Wisconsin (1993): `inputs` 569 x 30 as measured; `labels` 0 malignant, 1 benign. As `loadIris`. */
export function loadBreastCancer(options: TableOptions = {}): Promise<Classification> {
  return loadClasses(breastCancerSource, { skipLines: 1 }, [569, 30], 2, options);
}

/** Digits (Alpaydin and Kaynak, 1998): `inputs` 1797 x 64, 8 x 8 pixels from 0 to 16; `labels` 0 to 9. As `loadIris`. */
export function loadDigits(options: TableOptions = {}): Promise<Classification> {
  return loadClasses(digitsSource, {}, [1797, 64], 10, options);
}

/**
 * Diabetes (Efron et al., 2004): `inputs` 442 x 10, each column centred and of norm 1; `targets` the progression of the
 * disease after a year, 25 to 346. No split is prescribed.
 *
 * @throws UserError when a file is missing or is not what it should be
 */
export async function loadDiabetes({ directory }: TableOptions = {}): Promise<RegressionPoints> {
  const [inputs, targets] = diabetesSource.files.map(({ name }) => findFile(diabetesSource, directory, name));
  const { data } = await loadTable(inputs, { delimiter: ' ' }, [442, 10]);
  const { data: progression } = await loadTable(targets, {}, [442, 1]);
  return { inputs: data, targets: progression, n: 442, dimension: 10 };
}

/** A table whose last column is the class. */
async function loadClasses(
  source: DataSource,
  options: CsvOptions,
  [n, dimension]: [number, number],
  classes: number,
  { directory }: TableOptions,
): Promise<Classification> {
  const path = findFile(source, directory, source.files[0].name);
  const { data } = await loadTable(path, options, [n, dimension + 1]);
  const inputs = new Float64Array(n * dimension);
  const labels = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const row = data.subarray(i * (dimension + 1), (i + 1) * (dimension + 1));
    inputs.set(row.subarray(0, dimension), i * dimension);
    labels[i] = row[dimension];
    if (!(Number.isInteger(row[dimension]) && labels[i] >= 0 && labels[i] < classes)) {
      throw new UserError(`${path}: expected classes 0 to ${classes - 1}, found ${row[dimension]} in row ${i + 1}.`);
    }
  }
  return { inputs, labels, n, dimension };
}

/** A table of numbers of a given size, none missing. */
export async function loadTable(path: string, options: CsvOptions, shape: readonly [number, number]): Promise<Csv> {
  const table = await loadCsv(path, options);
  if (table.rows !== shape[0] || table.shape[1] !== shape[1]) {
    throw new UserError(`${path}: expected a table of ${shape.join(' x ')}, found ${table.shape.join(' x ')}.`);
  }
  const gap = table.data.findIndex((value) => !Number.isFinite(value));
  if (gap !== -1) {
    const [row, column] = [Math.floor(gap / shape[1]) + 1, (gap % shape[1]) + 1];
    throw new UserError(`${path}: expected numbers, found ${table.data[gap]} in row ${row}, column ${column}.`);
  }
  return table;
}
