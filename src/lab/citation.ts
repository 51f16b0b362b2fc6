/** Citations as one line and as BibTeX. */
import type { Citation } from '../results/contract.ts';

/** `N. Rahaman, A. Baratin et al. On the Spectral Bias of Neural Networks. ICML, 2019. arXiv:1806.08734` */
export function citationText({ authors, title, venue, year, arxiv }: Citation): string {
  const names = authors.length > 4 ? `${authors.slice(0, 3).join(', ')} et al.` : authors.join(', ');
  const where = venue.includes(String(year)) ? venue : `${venue}, ${year}`;
  return `${names}${names.endsWith('.') ? '' : '.'} ${title}. ${where}.${arxiv ? ` arXiv:${arxiv}.` : ''}`;
}

/** A BibTeX entry; the key is family name, year and first word of the title. */
export function bibtex(citation: Citation): string {
  const { authors, title, venue, year, arxiv } = citation;
  const family = (authors[0] ?? 'anonymous').split(/\s+/).at(-1) ?? '';
  const word = title.split(/[^\p{Letter}\d]+/u).find((part) => part.length > 3) ?? title;
  const key = [family, year, word].map((part) => asciiLetters(String(part)).toLowerCase()).join('');
  const [type, container] = entryType(venue);
  const fields: [string, string][] = [
    ['author', authors.map(texText).join(' and ')],
    ['title', `{${texText(title)}}`],
    ...(container ? [[container, texText(venue)] as [string, string]] : []),
    ['year', String(year)],
    ...(arxiv
      ? ([
          ['eprint', arxiv],
          ['archivePrefix', 'arXiv'],
        ] as [string, string][])
      : []),
  ];
  const lines = fields.map(([name, value]) => `  ${name.padEnd(13)} = {${value}}`);
  return `@${type}{${key},\n${lines.join(',\n')}\n}`;
}

function entryType(venue: string): [type: string, container: string | undefined] {
  if (/arxiv|preprint/i.test(venue)) return ['misc', undefined];
  const journal = /journal|transactions|letters|annals|review|nature|science|neural computation|jmlr|tmlr|jstat/i;
  return journal.test(venue) ? ['article', 'journal'] : ['inproceedings', 'booktitle'];
}

// Braces in titles protect capitals and are meant; the rest would break a TeX run.
function texText(text: string): string {
  return text.replace(/[&%$#_]/g, (character) => `\\${character}`);
}

function asciiLetters(text: string): string {
  return text.normalize('NFD').replace(/[^A-Za-z0-9]/g, '');
}
