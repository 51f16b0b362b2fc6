import { describe, expect, test } from 'vitest';
import { deviceMemory } from './device-memory.ts';
import { collectGarbage } from './garbage.fixture.ts';
import { takeTurns } from './turns.ts';

/** A device whose tensors hold one number each. */
function fakeDevice(limit: number) {
  const disposed: number[] = [];
  const turns = takeTurns();
  const memory = deviceMemory<{ value: number; dispose(): void }>(
    async ({ value }) => {
      if (disposed.includes(value)) throw new Error(`${value} was read after it had been freed`);
      return Float32Array.of(value);
    },
    turns,
    limit,
  );
  const keep = (value: number, bytes: number) => memory.keep({ value, dispose: () => disposed.push(value) }, bytes);
  return { disposed, memory, turns, keep };
}

describe('the memory of a device', () => {
  test('sends the oldest arrays to the host when there are too many, and loses none', async () => {
    const { disposed, memory, keep } = fakeDevice(100);
    const arrays = Array.from({ length: 10 }, (_, i) => keep(i, 30));
    await memory.fit();
    expect(memory.used()).toBe(90);
    expect(disposed).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(arrays.map((x) => x.tensor()?.value)).toEqual([...new Array(7), 7, 8, 9]);
    const data = await Promise.all(arrays.map((x) => x.read()));
    expect(data.map(([x]) => x)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('keeps what fits, and knows its own', async () => {
    const { disposed, memory, keep } = fakeDevice(100);
    const [a, b] = [keep(1, 50), keep(2, 50)];
    await Promise.all([memory.fit(), memory.fit()]);
    expect(disposed).toEqual([]);
    expect([memory.owns(a), memory.owns(b), memory.owns(undefined)]).toEqual([true, true, false]);
    expect(memory.owns(fakeDevice(1).keep(1, 1))).toBe(false);
  });

  test('is freed when arrays are collected', async () => {
    const { disposed, memory, keep } = fakeDevice(2 ** 40);
    const kept = keep(-1, 1);
    for (let i = 0; i < 100; i++) keep(i, 2 ** 20);
    await collectGarbage();
    expect(disposed.length).toBeGreaterThan(90);
    expect(disposed).not.toContain(-1);
    expect(memory.used()).toBe(1 + (100 - disposed.length) * 2 ** 20);
    expect((await kept.read())[0]).toBe(-1);
  });

  test('does one thing after the other, and a failure stops nothing', async () => {
    const { turns } = fakeDevice(0);
    const order: string[] = [];
    const task = (name: string, fail = false) =>
      turns(async () => {
        order.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 1));
        order.push(`${name} ends`);
        if (fail) throw new Error(name);
        return name;
      });
    const results = await Promise.allSettled([task('a'), task('b', true), task('c')]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(order).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  });
});
