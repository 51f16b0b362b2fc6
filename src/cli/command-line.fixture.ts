/** Command lines carried out in this process, with streams that are read afterwards. */
import { cardInThisThread } from '../card/thread.ts';
import { inThisThread, type ResultIndex } from '../lab/task.ts';
import { runCommandLine } from './program.ts';
import type { Shell } from './shell.ts';

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** @param out stands for OUT in a line */
export function commandLine(out: string, all: ResultIndex) {
  return async (line: string, changes: Partial<Shell> & { columns?: number } = {}): Promise<Said> => {
    const written = { out: '', err: '' };
    const results = changes.results ?? all;
    const shell: Shell = {
      out: { write: (text) => (written.out += text), columns: changes.columns },
      err: { write: (text) => (written.err += text) },
      environment: {},
      results,
      execute: inThisThread(results),
      analyze: cardInThisThread,
      signal: new AbortController().signal,
      urgent: new AbortController().signal,
      ...changes,
    };
    const code = await runCommandLine(line.replace('OUT', out).split(' ').filter(Boolean), shell);
    return { code, ...written };
  };
}
