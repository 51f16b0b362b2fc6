import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { results } from '../results/index.ts';
import { commandLine } from './command-line.fixture.ts';

const run = commandLine('', results);

/** What bash offers for the last word of a command line. */
async function offers(...words: readonly string[]): Promise<string[]> {
  const { out } = await run('completion bash');
  const line = words.map((word) => `'${word}'`).join(' ');
  const asked = `COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _deeptheory; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', `${out}${asked}`], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean);
}

test('bash offers verbs, results, settings and options', async () => {
  expect(await offers('deeptheory', 'ru')).toEqual(['run', 'runs']);
  expect(await offers('deeptheory', 'run', 'spec')).toEqual(['spectral-bias']);
  expect(await offers('deeptheory', 'run', 'spectral-bias', 'wid')).toEqual(['width=']);
  expect(await offers('deeptheory', 'run', 'wid')).toEqual([]);
  expect(await offers('deeptheory', 'run', 'hessian-outliers', 'digitsPer')).toEqual(['digitsPerClass=']);
  expect(await offers('deeptheory', 'sweep', 'spectral-bias', '--exec')).toEqual(['--executor']);
  expect(await offers('deeptheory', 'resume', 'la')).toEqual(['last']);
  expect(await offers('deeptheory', 'data', 'f')).toEqual(['fetch']);
  expect(await offers('deeptheory', 'analyze', 'net.onnx', '--data', 'mni')).toEqual(['mnist']);
  expect(await offers('deeptheory', 'analyze', 'net.onnx', '--sp')).toEqual(['--split']);
});

test('zsh reads the same, fish its own form', async () => {
  expect((await run('completion zsh')).out).toMatch(/^autoload -U \+X bashcompinit/);
  const { out } = await run('completion fish');
  expect(out).toMatch(/__fish_seen_subcommand_from export' -a '.*parquet/);
});

test('an unknown shell is bad usage', async () => {
  const { code, err } = await run('completion csh');
  expect(code).toBe(2);
  expect(err).toMatch(/Allowed choices are bash, zsh, fish/);
});
