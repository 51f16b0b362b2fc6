/** The topology space of NATS-Bench (NAS-Bench-201). */
import { UserError } from '../../array/errors.ts';
import { parseFields } from '../formats/csv.ts';
import { loadText } from '../formats/text.ts';
import { findFile } from '../locate.ts';
import type { DataSource } from '../source.ts';
import type { TableOptions } from './tables.ts';

export const nasBench201Source: DataSource = {
  name: 'nas-bench-201',
  folder: 'nas',
  title: 'NAS-Bench-201: test accuracies of 15 625 cells after 200 epochs on three data sets',
  citation:
    'Dong, Liu, Musial and Gabrys, "NATS-Bench: benchmarking NAS algorithms for architecture topology and size", IEEE TPAMI 44, 2022',
  licence: 'MIT',
  home: 'https://github.com/D-X-Y/NATS-Bench',
  // Published as gigabytes of Python objects on a drive without addresses; this table holds the figures.
  mirrors: [],
  files: [],
  otherForm: ['nats-bench-tss-200ep.csv.gz'],
};

export const NAS_BENCH_OPERATIONS = ['none', 'skip_connect', 'nor_conv_1x1', 'nor_conv_3x3', 'avg_pool_3x3'] as const;

/** The edges of a cell, from node to node; node 0 is the input, node 3 the output. */
export const NAS_BENCH_EDGES = [
  [0, 1],
  [0, 2],
  [1, 2],
  [0, 3],
  [1, 3],
  [2, 3],
] as const;

export interface NasBench201 {
  /** As the benchmark writes a cell, e.g. `|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|`; n. */
  readonly architectures: readonly string[];
  /** Operation on each edge, as numbered by `NAS_BENCH_OPERATIONS`, in the order of `NAS_BENCH_EDGES`; n x 6. */
  readonly operations: Uint8Array;
  /** Cells of one number compute the same functions; n. */
  readonly isomorphismClass: Int32Array;
  /** Test accuracy in per cent after 200 epochs, mean over seeds; n each. */
  readonly accuracy: {
    readonly cifar10: Float64Array;
    readonly cifar100: Float64Array;
    readonly imagenet16: Float64Array;
  };
  readonly n: number;
}

const COLUMNS = ['index', 'arch', 'iso_class', 'cifar10_test', 'cifar100_test', 'imagenet16_120_test'];

/**
 * The benchmark's table: every cell of the space with its accuracies.
 *
 * @throws UserError when the file is missing or is not what it should be
 */
export async function loadNasBench201({ directory }: TableOptions = {}): Promise<NasBench201> {
  const path = findFile(nasBench201Source, directory, 'nats-bench-tss-200ep.csv.gz');
  const { columns, rows, lines } = parseFields(await loadText(path), { header: true }, path);
  if (columns?.join() !== COLUMNS.join()) {
    throw new UserError(`${path}: expected the columns ${COLUMNS.join(', ')}, found ${columns?.join(', ')}.`);
  }
  const column = (k: number, valid: (value: number) => boolean) =>
    Float64Array.from(rows, (row, i) => {
      const value = Number(row[k] || Number.NaN);
      if (valid(value)) return value;
      throw new UserError(`${path}, line ${lines[i]}: expected ${COLUMNS[k]} in its range, found "${row[k]}".`);
    });
  const percent = (value: number) => value >= 0 && value <= 100;
  const operations = new Uint8Array(rows.length * NAS_BENCH_EDGES.length);
  rows.forEach((row, i) => {
    operations.set(parseCell(row[1], `${path}, line ${lines[i]}`), i * NAS_BENCH_EDGES.length);
  });
  return {
    architectures: rows.map((row) => row[1]),
    operations,
    isomorphismClass: Int32Array.from(column(2, (value) => Number.isInteger(value) && value >= 0)),
    accuracy: { cifar10: column(3, percent), cifar100: column(4, percent), imagenet16: column(5, percent) },
    n: rows.length,
  };
}

/** The operation on each edge of a cell, whose nodes are separated by `+` and hold `operation~source` for each edge. */
function parseCell(cell: string, where: string): number[] {
  const edges = cell.split('+').flatMap((node, to) =>
    node
      .split('|')
      .filter((edge) => edge !== '')
      .map((edge) => {
        const [operation, from] = edge.split('~');
        return {
          operation: (NAS_BENCH_OPERATIONS as readonly string[]).indexOf(operation),
          from: Number(from),
          to: to + 1,
        };
      }),
  );
  const known = edges.every(({ operation, from, to }, k) => {
    const [source, target] = NAS_BENCH_EDGES[k] ?? [];
    return operation >= 0 && from === source && to === target;
  });
  if (known && edges.length === NAS_BENCH_EDGES.length) return edges.map(({ operation }) => operation);
  throw new UserError(`${where}: expected a cell of six operations, found "${cell}".`);
}
