export const mapValues = (object, f) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, f(value)]));

/** The Euclidean norm of all numbers in a list of arrays. */
export function norm(arrays) {
  let squares = 0;
  for (const array of arrays) for (const number of array) squares += number * number;
  return Math.sqrt(squares);
}
