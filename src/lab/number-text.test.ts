import { expect, it } from 'vitest';
import { boundText, durationText, numberText, numberTextBeside, predictionText } from './number-text.ts';

it('writes numbers with a few significant digits', () => {
  const cases: [number, string][] = [
    [0.97641, '0.976'],
    [1, '1'],
    [-0, '0'],
    [0.5, '0.5'],
    [123456.7, '123000'],
    [1200, '1200'],
    [3.2154e-7, '3.22e-7'],
    [2.5e9, '2.5e9'],
    [1e6, '1e6'],
    [-1.98765, '-1.99'],
    [0.9999, '1'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-∞'],
  ];
  for (const [value, text] of cases) expect(numberText(value)).toBe(text);
});

it('never rounds a number across its bound', () => {
  expect(numberTextBeside(0.89996, { atLeast: 0.9 })).toBe('0.89996');
  expect(numberTextBeside(0.9, { atLeast: 0.9 })).toBe('0.9');
  expect(numberTextBeside(0.97641, { atLeast: 0.9 })).toBe('0.976');
  expect(numberTextBeside(1.50004, { within: [0.7, 1.5] })).toBe('1.50004');
  expect(numberTextBeside(Number.NaN, { atMost: 1 })).toBe('NaN');
});

it('writes bounds, predictions and durations', () => {
  expect(boundText({ atLeast: 0.9 })).toBe('≥ 0.9');
  expect(boundText({ atMost: 1e-6 })).toBe('≤ 1e-6');
  expect(boundText({ within: [-2.1, -1.9] })).toBe('in [-2.1, -1.9]');
  expect(predictionText(undefined)).toBe('');
  expect(predictionText([16, 78, 193])).toBe('16, 78, 193');
  expect(predictionText([16, 78, 193, 377, 574])).toBe('16 … 574');
  expect([0.04, 59.96, 200, 7500].map(durationText)).toEqual(['0.0 s', '1 min 00 s', '3 min 20 s', '2 h 05 min']);
});
