/** Means over random probes. */

/** A mean over independent probes and its standard error, NaN for one probe. */
export interface Estimate {
  readonly value: number;
  readonly standardError: number;
}

/** Mean and standard error of independent values, times a factor. */
export function estimateOf(values: readonly number[], factor = 1): Estimate {
  const n = values.length;
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return {
    value: factor * mean,
    standardError: n > 1 ? Math.abs(factor) * Math.sqrt(squares / (n - 1) / n) : Number.NaN,
  };
}
