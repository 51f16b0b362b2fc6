import { expect, it } from 'vitest';
import { shorten, textTable, wrap } from './text-table.ts';

it('wraps at words, cuts longer ones, keeps signs and intervals whole', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrap('abcdefgh ij', 5)).toEqual(['abcde', 'fgh', 'ij']);
  expect(wrap('a value ≤ 1', 10)).toEqual(['a value', '≤ 1']);
  expect(wrap('0.5 [0.4, 0.6]', 12)).toEqual(['0.5', '[0.4, 0.6]']);
  expect(wrap('5,10,15,20', 7)).toEqual(['5,10,', '15,20']);
  expect(wrap('a\nb', 5)).toEqual(['a', 'b']);
  expect(wrap('', 5)).toEqual(['']);
});

it('gives the flexible column what the others leave', () => {
  const columns = [{ header: 'id' }, { header: 'text', flexible: true }, { header: 'n' }];
  const rows = [
    ['A', 'a rather long text that must be wrapped', '12'],
    ['B', 'short', '3'],
  ];
  expect(textTable(columns, rows, 30)).toEqual([
    'id  text                    n',
    'A   a rather long text      12',
    '    that must be wrapped',
    'B   short                   3',
  ]);
  expect(textTable(columns, rows, 200)[1]).toBe('A   a rather long text that must be wrapped  12');
});

it('counts a letter and its hat as one', () => {
  const rows = [['f\u0302', 'x']];
  expect(textTable([{ header: 'abc' }, { header: 'd' }], rows, 80)).toEqual(['abc  d', 'f\u0302    x']);
});

it('lets a cell run over several columns', () => {
  const columns = [{ header: 'id' }, { header: 'what', flexible: true }, { header: 'value' }, { header: 'end' }];
  const rows = [
    ['A', { text: 'a statement over two columns', span: 2 }, 'yes'],
    ['', 'part', '1'],
  ];
  expect(textTable(columns, rows, 40)).toEqual([
    'id  what                      value  end',
    'A   a statement over two columns     yes',
    '    part                      1',
  ]);
});

it('shortens at a word', () => {
  expect(shorten('one two three', 20)).toBe('one two three');
  expect(shorten('one two three', 10)).toBe('one two…');
});
