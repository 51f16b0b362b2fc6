/** What a verb works with: the streams it writes to, the results it knows, and how it computes. Tests bring their own. */
import type { Analyze } from '../card/thread.ts';
import type { Execute, Interrupts, ResultIndex } from '../lab/task.ts';

/** The part of a stream that the program uses. */
export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Ctrl-C aborts `signal`, pressed twice `urgent` too. */
export interface Shell extends Interrupts {
  /** Results only. */
  readonly out: Stream;
  /** Progress, errors. */
  readonly err: Stream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly results: ResultIndex;
  readonly execute: Execute;
  readonly analyze: Analyze;
}

export type Color = 'red' | 'green' | 'yellow' | 'dim' | 'bold';

const codes: Readonly<Record<Color, readonly [number, number]>> = {
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  dim: [2, 22],
  bold: [1, 22],
};

export type Paint = (color: Color, text: string) => string;

/** Colours on a terminal, unless `NO_COLOR` is set (https://no-color.org) or the terminal is dumb. */
export function painter(stream: Stream, environment: Shell['environment']): Paint {
  const plain = !stream.isTTY || Boolean(environment['NO_COLOR']) || environment['TERM'] === 'dumb';
  return (color, text) => (plain ? text : `\x1b[${codes[color][0]}m${text}\x1b[${codes[color][1]}m`);
}

/** Columns to write in: the terminal's, between 80 and 120; 100 where there is no terminal. */
export function textWidth(stream: Stream): number {
  return Math.min(120, Math.max(80, stream.columns ?? 100));
}
