import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { npyFile, tinyData, tinyModel } from '../card/network.fixture.ts';
import { Interruption } from '../lab/exit-code.ts';
import * as np from '../numpy/index.ts';
import { testRuntime } from '../primitives/forward.fixture.ts';
import { configure } from '../runtime/index.ts';
import { commandLine } from './command-line.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'deeptheory-analyze-'));
const at = (name: string) => join(folder, name);
const run = commandLine(at('card'), {});

beforeAll(async () => {
  configure(testRuntime);
  await tinyModel(folder, 'net.onnx');
  await tinyModel(folder, 'infinite.onnx', (z) => np.log(np.minimum(z, -1)));
  await tinyData(folder, 'data.npz', 40);
  await npyFile(folder, 'x.npy', np.ones([5, 6]));
  await npyFile(folder, 'wide.npy', np.ones([5, 7]));
  await npyFile(folder, 'y.npy', np.array([0, 1, 2, 3, 4], { dtype: 'int32' }));
  await npyFile(folder, 'short.npy', np.array([0, 1], { dtype: 'int32' }));
  writeFileSync(at('text.onnx'), 'this is no model');
  mkdirSync(at('empty'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('analyze', () => {
  it('writes the card and says what was found, the path last', async () => {
    const { code, out, err } = await run(`analyze ${at('net.onnx')} --data ${at('data.npz')} --threads 1 --out OUT`);
    expect(code).toBe(0);
    expect(err).toMatch(/analyze {2}starting/);
    expect(out.trimEnd().split('\n').at(-1)).toBe(join(at('card'), 'card.html'));
    expect(out).toContain('Tangent kernel');
    expect(existsSync(join(at('card'), 'card.html'))).toBe(true);
    const { sections, model } = JSON.parse(readFileSync(join(at('card'), 'card.json'), 'utf8'));
    expect(model.name).toBe('net.onnx');
    expect(sections).toHaveLength(6);
  });

  const files = { net: 'net.onnx', data: 'data.npz' };
  it.each([
    ['no data', `analyze NET`, '--data'],
    ['a model that is not there', 'analyze nothing.onnx --data DATA', 'nothing.onnx: no such file'],
    ['a file that is no model', 'analyze TEXT --data DATA', 'the bytes are no ONNX model'],
    ['data that is not there', 'analyze NET --data minst', 'no data set of this name (did you mean "mnist"?)'],
    ['a folder without images', 'analyze NET --data EMPTY', 'expected a folder per class'],
    ['another shape', 'analyze NET --data WIDE', 'the model takes examples of shape [6], wide.npy has [7]'],
    ['more classes than outputs', 'analyze NET --data X --labels Y', 'has 5 classes, the model 3 outputs'],
    ['too few labels', 'analyze NET --data X --labels SHORT', 'expected 5 labels'],
    ['more samples than there are', 'analyze NET --data DATA --samples 100', 'has only 40 examples'],
    ['outputs that are not finite', 'analyze INFINITE --data DATA', 'the outputs of the model are not finite'],
    ['an output that is not there', 'analyze NET --data DATA --output logit', 'the model computes no such value'],
    ['a loss that does not fit', 'analyze NET --data DATA --loss binary-cross-entropy', 'needs one output'],
    ['a mean that is no number', 'analyze NET --data DATA --mean a,b', 'Expected a number'],
  ])('%s is bad input', async (_, line, message) => {
    const names: [string, string][] = [
      ['NET', files.net],
      ['TEXT', 'text.onnx'],
      ['INFINITE', 'infinite.onnx'],
      ['EMPTY', 'empty'],
      ['WIDE', 'wide.npy'],
      ['SHORT', 'short.npy'],
      ['DATA', files.data],
      ['X', 'x.npy'],
      ['Y', 'y.npy'],
    ];
    const words = line.split(' ').map((word) => {
      const found = names.find(([name]) => name === word);
      return found === undefined ? word : at(found[1]);
    });
    const { code, err, out } = await run(`${words.join(' ')} --quiet --out ${at('damaged')}`);
    expect(err).toContain(message);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(existsSync(at('damaged'))).toBe(false);
  });

  it('ends at once when it is interrupted, and writes no card', async () => {
    const stop = new AbortController();
    stop.abort(new Interruption('SIGINT'));
    const line = `analyze ${at('net.onnx')} --data ${at('data.npz')} --out ${at('stopped')}`;
    const { code } = await run(line, { signal: stop.signal });
    expect(code).toBe(130);
    expect(existsSync(join(at('stopped'), 'card.html'))).toBe(false);
  });
});
