/** Numbers as a reader wants them: a few significant digits, never rounded across the bound they are judged by. */
import type { Bound } from '../results/contract.ts';
import { numberText } from '../results/words.ts';

export { numberText };

/** Like `numberText`, with as many digits as keep the number on its own side of the bound: 0.8996 is not "0.9". */
export function numberTextBeside(value: number, bound: Bound): string {
  const side = (x: number) => limits(bound).map((limit) => Math.sign(x - limit));
  const own = side(value).join();
  for (let digits = 3; digits < 17; digits++) {
    if (!Number.isFinite(value) || side(Number(value.toPrecision(digits))).join() === own)
      return numberText(value, digits);
  }
  return String(value);
}

/** The bound in words: `≥ 0.9`, `≤ 1.5`, `in [0.7, 1.5]`. */
export function boundText(bound: Bound): string {
  if ('atLeast' in bound) return `≥ ${numberText(bound.atLeast, 6)}`;
  if ('atMost' in bound) return `≤ ${numberText(bound.atMost, 6)}`;
  return `in [${numberText(bound.within[0], 6)}, ${numberText(bound.within[1], 6)}]`;
}

/** The prediction in words; a list is shown whole up to four numbers, otherwise by its ends. */
export function predictionText(predicted: number | readonly number[] | undefined): string {
  if (predicted === undefined) return '';
  const values = typeof predicted === 'number' ? [predicted] : predicted;
  if (values.length <= 4) return values.map((value) => numberText(value)).join(', ');
  return `${numberText(values[0])} … ${numberText(values[values.length - 1])}`;
}

/** Seconds as `4.2 s`, `3 min 20 s`, `2 h 05 min`. */
export function durationText(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** How long ago, in the largest unit: `12 s ago`, `5 min ago`, `3 h ago`, `40 d ago`. */
export function ageText(seconds: number): string {
  const past = Math.max(0, seconds); // clocks of two machines differ
  const units: readonly [size: number, name: string][] = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
  ];
  const [size, name] = units.find(([least]) => past >= least) ?? [1, 's'];
  return `${Math.floor(past / size)} ${name} ago`;
}

function limits(bound: Bound): readonly number[] {
  if ('atLeast' in bound) return [bound.atLeast];
  return 'atMost' in bound ? [bound.atMost] : bound.within;
}
