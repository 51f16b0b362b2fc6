/** Numbers in sentences. */

/** At most `digits` significant digits, without trailing zeros: `0.976`, `1200`, `3.2e-7`. */
export function numberText(value: number, digits = 3): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value === 0 ? 0 : value);
  const rounded = Number(value.toPrecision(digits));
  const size = Math.abs(rounded);
  return size >= 1e-3 && size < 1e6 ? String(rounded) : rounded.toExponential().replace('e+', 'e');
}

export const mean = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
};

/** 0.123 as 12.3 %, with more digits near 100 %. */
export const percent = (share: number): string =>
  `${Number((100 * share).toFixed(share > 0.99 && share < 1 ? 2 : 1))} %`;

/** 1,234,567 as 1.23 million. */
export function countText(count: number): string {
  const [size, name] = count >= 1e9 ? [1e9, ' billion'] : count >= 1e6 ? [1e6, ' million'] : [1, ''];
  return size === 1 ? Math.round(count).toLocaleString('en') : `${Number((count / size).toPrecision(3))}${name}`;
}
