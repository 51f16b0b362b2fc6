import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

/** From the top of the house down; a room may import from the rooms before it. */
const rooms = [
  ...['array', 'primitives', 'numpy', 'transforms', 'onnx', 'runtime', 'random', 'linalg', 'stats', 'nn', 'data'],
  ...['results', 'lab', 'card', 'dashboard', 'cli'],
];
const root = fileURLToPath(new URL('.', import.meta.url));

it('every room imports only from the rooms above it', () => {
  const wrong: string[] = [];
  for (const room of rooms) {
    for (const file of readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || /\.(test|fixture)\.ts$/.test(file)) continue;
      const text = readFileSync(join(root, room, file), 'utf8');
      for (const [, path] of text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
        const target = new URL(path, `file:///${room}/${file}`).pathname.split('/')[1];
        const known = rooms.indexOf(target);
        if (known > rooms.indexOf(room) || (known < 0 && target !== room))
          wrong.push(`${room}/${file} imports ${path}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

it('names every room', () => {
  const found = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(found.map((entry) => entry.name).sort()).toEqual([...rooms].sort());
});
