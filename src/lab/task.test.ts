import { expect, it } from 'vitest';
import { throttled } from './task.ts';

it('lets through the first and last of each stage, and one per interval between', () => {
  let time = 0;
  const seen: string[] = [];
  const progress = throttled(
    ({ stage, done }) => seen.push(`${stage} ${done}`),
    100,
    () => time,
  );
  for (const stage of ['a', 'b']) {
    for (let done = 0; done <= 10; done++, time += 30) progress({ stage, done, total: 10 });
  }
  expect(seen).toEqual(['a 0', 'a 4', 'a 8', 'a 10', 'b 0', 'b 4', 'b 8', 'b 10']);
});
