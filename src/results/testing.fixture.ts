/** @file What the tests of all results do: change made-up measurements at one place, and look over drawn figures. */
import { expect } from 'vitest';
import type { DrawnFigure } from '../lab/figure.ts';

/** A copy in which one path leads to another value, e.g. 'order.equal' or 'networks.0.gap'. */
export function changed<T>(object: T, path: string, change: (value: never) => unknown): T {
  const [key, ...rest] = path.split('.');
  const value = object[key as keyof T];
  const next = rest.length === 0 ? change(value as never) : changed(value, rest.join('.'), change);
  const copy = (Array.isArray(object) ? [...object] : { ...object }) as T;
  copy[key as keyof T] = next as T[keyof T];
  return copy;
}

/** The figures of these ids, each with a title, a caption and drawn panels without a stray NaN. */
export function expectFigures(drawn: readonly DrawnFigure[], ids: readonly string[]): void {
  expect(drawn.map(({ id }) => id)).toEqual(ids);
  for (const { id, title, caption, panels } of drawn) {
    expect(title.length, id).toBeGreaterThan(10);
    expect(caption.length, id).toBeGreaterThan(40);
    for (const { wide, narrow = '' } of panels) {
      expect(wide, id).toMatch(/<(path|rect|circle|image)[ >]/);
      expect(wide + narrow, id).not.toMatch(/NaN|undefined|Infinity/);
    }
  }
}
