/** Progress on stderr: a bar on a terminal, plain lines elsewhere, JSON lines for programs. There from the first moment. */
import type { Progress } from '../results/contract.ts';
import { type Paint, painter, type Shell, type Stream } from './shell.ts';

export type ProgressStyle = 'bar' | 'lines' | 'json' | 'silent';

export interface Meter {
  readonly update: Progress;
  /** Writes a line that stays. */
  note(text: string): void;
  /** Takes the bar away; nothing may be reported afterwards. */
  end(): void;
}

type Update = Parameters<Progress>[0];

/** What the options and the terminal ask for. */
export function progressStyle(shell: Shell, options: { quiet?: boolean; json?: boolean }): ProgressStyle {
  if (options.quiet) return 'silent';
  if (options.json) return 'json';
  return shell.err.isTTY && shell.environment['TERM'] !== 'dumb' ? 'bar' : 'lines';
}

/** Starts showing the progress of `label` at once. `now` in milliseconds. */
export function startMeter(label: string, style: ProgressStyle, shell: Shell, now: () => number = Date.now): Meter {
  const begin: Update = { stage: 'starting', done: 0, total: 0 };
  switch (style) {
    case 'silent':
      return { update: () => {}, note: plainNote(shell.err), end: () => {} };
    case 'json':
      return startJson(label, shell.err, begin, now);
    case 'lines':
      return startLines(label, shell.err, begin, now);
    case 'bar':
      return startBar(label, shell.err, painter(shell.err, shell.environment), begin, now);
  }
}

const plainNote = (stream: Stream) => (text: string) => void stream.write(`${text}\n`);

function startJson(label: string, stream: Stream, begin: Update, now: () => number): Meter {
  const clock = startClock(now);
  const update = (step: Update) => {
    const { elapsed, remaining } = clock(step);
    stream.write(`${JSON.stringify({ event: 'progress', result: label, ...step, elapsed, remaining })}\n`);
  };
  update(begin);
  const note = (text: string) => void stream.write(`${JSON.stringify({ event: 'note', result: label, text })}\n`);
  return { update, note, end: () => {} };
}

const lineInterval = 5000;

function startLines(label: string, stream: Stream, begin: Update, now: () => number): Meter {
  const clock = startClock(now);
  let last = Number.NEGATIVE_INFINITY;
  const update = (step: Update) => {
    const times = clock(step);
    if (now() - last < lineInterval) return;
    last = now();
    const time = new Date(last).toTimeString().slice(0, 8);
    stream.write(`${[time, label, ...words(step, times)].join('  ')}\n`);
  };
  update(begin);
  return { update, note: plainNote(stream), end: () => {} };
}

function startBar(label: string, stream: Stream, paint: Paint, begin: Update, now: () => number): Meter {
  const clock = startClock(now);
  let step = begin;
  const draw = () => {
    const room = (stream.columns ?? 80) - 1;
    const [stage, ...rest] = words(step, clock(step));
    const text = [label, stage, ...rest].join('  ');
    const bar = barText(step, Math.min(24, room - text.length - 2));
    const line = [label, stage, ...(bar ? [bar] : []), ...rest].join('  ').slice(0, room);
    stream.write(`\r\x1b[2K${bar ? line.replace(bar, paint('green', bar)) : line}`);
  };
  draw();
  // Drawn by the clock, not by the updates: the time must go on while a step takes long.
  const timer = setInterval(draw, 100);
  return {
    update: (next) => {
      clock(next);
      step = next;
    },
    note: (text) => {
      stream.write(`\r\x1b[2K${text}\n`);
      draw();
    },
    end: () => {
      clearInterval(timer);
      stream.write('\r\x1b[2K');
    },
  };
}

interface Times {
  /** Seconds since the start. */
  readonly elapsed: number;
  /** Seconds the stage still takes at its pace so far; null until a step is done. */
  readonly remaining: number | null;
}

function startClock(now: () => number): (step: Update) => Times {
  const start = now();
  let stage = '';
  let stageStart = start;
  let firstDone = 0;
  return (step) => {
    const time = now();
    if (step.stage !== stage) {
      stage = step.stage;
      stageStart = time;
      firstDone = step.done;
    }
    // A stage may begin above zero (a resumed download): its pace is what was done since.
    const pace = (time - stageStart) / (step.done - firstDone);
    const known = step.total > 0 && Number.isFinite(pace);
    const remaining = known ? Math.round((pace * (step.total - step.done)) / 100) / 10 : null;
    return { elapsed: Math.round((time - start) / 100) / 10, remaining };
  };
}

/** Stage, n/total, elapsed, ETA, headline; what is not known is left out. */
function words(step: Update, { elapsed, remaining }: Times): string[] {
  return [
    step.stage,
    ...(step.total > 0 ? [`${step.done}/${step.total}`] : step.done > 0 ? [String(step.done)] : []),
    clockText(elapsed),
    ...(remaining === null ? [] : [`ETA ${clockText(remaining)}`]),
    ...(step.headline ? [step.headline] : []),
  ];
}

export function barText({ done, total }: Pick<Update, 'done' | 'total'>, width: number): string {
  if (total <= 0 || width < 4) return '';
  const filled = Math.round(Math.min(1, done / total) * width);
  return '━'.repeat(filled) + '╌'.repeat(width - filled);
}

export function clockText(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}
