/** Complex numbers, split into real and imaginary parts. */
export interface ComplexArray {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** |F|, entry by entry. */
export function magnitude({ re, im }: ComplexArray): Float64Array {
  return re.map((v, q) => Math.hypot(v, im[q]));
}
