/** Figures in sentences. */

export const mean = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
};

/** 0.123 as 12.3 %, with more digits near 100 %. */
export const percent = (share: number): string =>
  `${Number((100 * share).toFixed(share > 0.99 && share < 1 ? 2 : 1))} %`;
