/** What was compiled, by the function that it is about: held as long as that function. */
const made = new WeakMap<object, { readonly parts: readonly unknown[]; readonly value: unknown }[]>();

/**
 * `make()`, and the same value again for the same owner and parts: connecting one more pair of minima compiles nothing.
 *
 * @param parts everything else that `make` depends on, compared by identity
 */
export function once<T>(owner: object, parts: readonly unknown[], make: () => T): T {
  const known = made.get(owner) ?? [];
  made.set(owner, known);
  const found = known.find((entry) => entry.parts.every((part, i) => Object.is(part, parts[i])));
  if (found !== undefined) return found.value as T;
  const value = make();
  known.push({ parts, value });
  return value;
}
