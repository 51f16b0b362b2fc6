/** The program as it is installed: compiled, with results of one's own, run in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface Program {
  /** Root of its runs. */
  readonly out: string;
  readonly main: string;
  /** Starts it; `watch` sees the process and everything that it has written to stderr so far, whenever that grows. */
  run(line: string, watch?: (child: ChildProcess, err: string) => void): Promise<Ended>;
  remove(): void;
}

/**
 * Compiles the sources. File by file and without checking types: seconds faster than the compiler proper, with the same
 * output.
 * @param results source of the index of results, in JavaScript, relative to the compiled results/
 */
export function compileProgram(results: string): Program {
  // Inside node_modules, so that the compiled program finds its dependencies and git does not see it.
  mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
  const place = mkdtempSync(join(root, 'node_modules/.cache/deeptheory-'));
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
  writeFileSync(join(place, 'dist/results/index.js'), results);
  cpSync(join(root, 'package.json'), join(place, 'package.json'));
  const [main, out] = [join(place, 'dist/cli/main.js'), join(place, 'runs')];
  return {
    out,
    main,
    run: (line, watch) => start(main, [...line.split(' '), '--out', out], watch),
    remove: () => rmSync(place, { recursive: true, force: true }),
  };
}

function start(main: string, args: readonly string[], watch?: Parameters<Program['run']>[1]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, DEBUG: '' } });
    const written = { out: '', err: '' };
    child.stdout.on('data', (part) => (written.out += part));
    child.stderr.on('data', (part) => {
      written.err += part;
      watch?.(child, written.err);
    });
    child.on('spawn', () => watch?.(child, ''));
    child.on('close', (code, signal) => resolve({ code, signal, ...written }));
  });
}
