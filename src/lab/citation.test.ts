import { expect, it } from 'vitest';
import { bibtex, citationText } from './citation.ts';

const paper = {
  authors: ['Nasim Rahaman', 'Aristide Baratin', 'Devansh Arpit', 'Felix Draxler', 'Min Lin'],
  title: 'On the Spectral Bias of Neural Networks',
  venue: 'ICML 2019',
  year: 2019,
  arxiv: '1806.08734',
};

it('writes one line', () => {
  expect(citationText(paper)).toBe(
    'Nasim Rahaman, Aristide Baratin, Devansh Arpit et al. On the Spectral Bias of Neural Networks. ICML 2019. arXiv:1806.08734.',
  );
});

it('writes BibTeX', () => {
  expect(bibtex({ ...paper, authors: paper.authors.slice(0, 2) })).toBe(
    `@inproceedings{rahaman2019spectral,
  author        = {Nasim Rahaman and Aristide Baratin},
  title         = {{On the Spectral Bias of Neural Networks}},
  booktitle     = {ICML 2019},
  year          = {2019},
  eprint        = {1806.08734},
  archivePrefix = {arXiv}
}`,
  );
});

it('escapes what TeX would read, keeps letters in the key plain', () => {
  const text = bibtex({ authors: ['Émile Démo'], title: 'A & B: 100% Über', venue: 'JMLR', year: 2020 });
  expect(text).toContain('@article{demo2020uber,');
  expect(text).toContain('{{A \\& B: 100\\% Über}}');
});
