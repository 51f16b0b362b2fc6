/** The program as it is installed: compiled, in a process of its own, with worker threads and signals. */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
// Inside node_modules, so that the compiled program finds its dependencies and git does not see it.
mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
const place = mkdtempSync(join(root, 'node_modules/.cache/deeptheory-'));
const out = join(place, 'runs');
const main = join(place, 'dist/cli/main.js');

/** Results that try the program: a good one, and the ways a computation can go wrong. */
const fakeResults = `
import { pbkdf2Sync } from 'node:crypto';
import { UserError } from '../array/errors.js';
import { experiment } from '../lab/fake-experiment.fixture.js';
const like = (name, run) => async () => ({ ...experiment, name, run });
export const results = {
  'fake-decay': async () => experiment,
  talkative: like('talkative', async (settings, context) => { console.log('noise'); return experiment.run(settings, context); }),
  'no-data': like('no-data', async () => { throw new UserError('data set mnist is not there'); }),
  defect: like('defect', async () => { throw new RangeError('beyond the end'); }),
  dying: like('dying', async () => process.exit(9)),
  function: like('function', async () => ({ f: () => 1 })),
  endless: like('endless', async (_, { progress }) => {
    for (let done = 1; ; done++) progress({ stage: 'training', done, total: 1e9 });
  }),
  native: like('native', async (_, { progress }) => {
    progress({ stage: 'training', done: 1, total: 10 });
    pbkdf2Sync('blocks', 'for minutes', 1e8, 64, 'sha512');
  }),
};`;

// File by file and without checking types: seconds faster than the compiler proper, with the same output.
beforeAll(() => {
  const source = join(root, 'src');
  const names = readdirSync(source, { recursive: true, encoding: 'utf8' });
  const compilerOptions: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    rewriteRelativeImportExtensions: true,
    verbatimModuleSyntax: true,
  };
  for (const name of names.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))) {
    const { outputText } = ts.transpileModule(readFileSync(join(source, name), 'utf8'), { compilerOptions });
    const target = join(place, 'dist', name.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, outputText);
  }
  writeFileSync(join(place, 'dist/results/index.js'), fakeResults);
  cpSync(join(root, 'package.json'), join(place, 'package.json'));
});

afterAll(() => rmSync(place, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the program; `interrupt` is sent when the computation has reported and had time to get busy. */
function program(line: string, interrupt?: NodeJS.Signals): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...line.split(' '), '--out', out], {
      env: { ...process.env, DEBUG: '' },
    });
    const written = { out: '', err: '' };
    child.stdout.on('data', (part) => (written.out += part));
    child.stderr.on('data', (part) => {
      written.err += part;
      if (interrupt && written.err.includes('training')) {
        const signal = interrupt;
        interrupt = undefined;
        setTimeout(() => child.kill(signal), 200);
      }
    });
    child.on('close', (code, signal) => resolve({ code, signal, ...written }));
  });
}

function exitRecord(result: string) {
  const [folder] = readdirSync(join(out, result));
  return JSON.parse(readFileSync(join(out, result, folder, 'exit.json'), 'utf8'));
}

describe('the compiled program', { concurrent: false }, () => {
  it('measures in a worker and exits with the verdict', async () => {
    const { code, out: text } = await program('run fake-decay steps=40 --quiet --threads 1');
    expect(code).toBe(1);
    expect(text).toContain('1 of 5 claims holds');
    expect(readFileSync(text.trimEnd().split('\n').at(-1) ?? '', 'utf8')).toContain('badge fails');
  });

  it('keeps what an experiment prints out of the result', async () => {
    const { out: text, err } = await program('run talkative steps=40 --json');
    expect(JSON.parse(text).result).toBe('talkative');
    expect(err).toContain('noise');
  });

  it('ends when nobody reads any more', async () => {
    const child = spawn('sh', ['-c', `"${process.execPath}" "${main}" list --json | true; echo done`]);
    let text = '';
    child.stdout.on('data', (part) => (text += part));
    child.stderr.on('data', (part) => (text += part));
    await new Promise((resolve) => child.on('close', resolve));
    expect(text).toBe('done\n');
  });

  it.each([
    ['no-data', 2, 'error: data set mnist is not there\n'],
    ['defect', 70, 'error: beyond the end\nThis is a defect'],
    ['dying', 70, 'error: the computation of dying ended without a result (exit code 9)'],
    ['function', 70, 'could not be cloned'],
  ])('a computation that goes wrong: %s', async (name, expected, message) => {
    const { code, err } = await program(`run ${name} --quiet`);
    expect(err).toContain(message);
    expect(code).toBe(expected);
    expect(exitRecord(name)).toMatchObject({ state: 'failed', code: expected });
  });

  it('stops at Ctrl-C, also a loop that never yields, and writes down how it ended', async () => {
    const { code, err } = await program('run endless --json', 'SIGINT');
    expect(code).toBe(130);
    expect(err).toContain('interrupted by Ctrl-C');
    expect(exitRecord('endless')).toMatchObject({ state: 'interrupted', code: 130 });
  });

  it('dies by the signal when native code cannot be stopped', async () => {
    const { code, signal } = await program('run native --json', 'SIGTERM');
    expect([code, signal]).toEqual([null, 'SIGTERM']);
    expect(exitRecord('native')).toMatchObject({ state: 'interrupted', code: 143 });
  });
});
