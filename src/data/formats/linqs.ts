/**
 * Citation networks as the LINQS group publishes Cora and Citeseer: `.content` has a line per paper (name, one number
 * per word, class, separated by tabs), `.cites` a line per citation (cited paper, citing paper).
 */
import { UserError } from '../../array/errors.ts';
import type { LabelledGraph } from '../dataset.ts';

/**
 * Reads the two files. Papers are numbered in the order of `content`, classes in that of their names. Citations of or by
 * a paper that `content` lacks are passed over, as are those of a paper by itself (Citeseer has both).
 *
 * @param name what to call the texts in an error
 * @throws UserError naming the line that is not of the form above
 */
export function parseLinqs(content: string, cites: string, name: string): LabelledGraph {
  const papers = linesOf(content);
  if (papers.length === 0) throw new UserError(`${name}.content: expected a line per paper, found an empty file.`);
  const width = papers[0].length - 2;
  const index = new Map<string, number>();
  const starts = new Int32Array(papers.length + 1);
  const columns: number[] = [];
  const values: number[] = [];
  papers.forEach((fields, i) => {
    if (fields.length !== width + 2 || width < 1) {
      throw new UserError(
        `${name}.content, line ${i + 1}: expected ${width + 2} fields as in the first line, found ${fields.length}.`,
      );
    }
    if (index.has(fields[0]))
      throw new UserError(`${name}.content, line ${i + 1}: paper ${fields[0]} stands there twice.`);
    index.set(fields[0], i);
    for (let k = 0; k < width; k++) {
      const value = fields[k + 1] === '' ? Number.NaN : Number(fields[k + 1]);
      if (!Number.isFinite(value)) {
        throw new UserError(
          `${name}.content, line ${i + 1}, field ${k + 2}: expected a number, found "${fields[k + 1]}".`,
        );
      }
      if (value === 0) continue;
      columns.push(k);
      values.push(value);
    }
    starts[i + 1] = columns.length;
  });
  const classes = [...new Set(papers.map((fields) => fields[width + 1]))].sort();
  const n = papers.length;
  const pairs = new Set<number>();
  linesOf(cites).forEach((fields, i) => {
    if (fields.length !== 2) {
      throw new UserError(`${name}.cites, line ${i + 1}: expected two papers, found ${fields.length} fields.`);
    }
    const [u, v] = fields.map((paper) => index.get(paper));
    if (u !== undefined && v !== undefined && u !== v) pairs.add(Math.min(u, v) * n + Math.max(u, v));
  });
  const sorted = [...pairs].sort((a, b) => a - b);
  return {
    n,
    edges: Int32Array.from(sorted.flatMap((pair) => [Math.floor(pair / n), pair % n])),
    labels: Int32Array.from(papers, (fields) => classes.indexOf(fields[width + 1])),
    classes: classes.length,
    features: { starts, columns: Int32Array.from(columns), values: Float32Array.from(values), shape: [n, width] },
    split: null,
  };
}

function linesOf(text: string): string[][] {
  return text.split(/\r?\n/).flatMap((line) => (line.trim() === '' ? [] : [line.trim().split(/\s+/)]));
}
