/** Progress of a sweep on stderr: a header and a bar per running point on a terminal, plain or JSON lines elsewhere. */
import type { SweepProgress } from '../lab/drive-sweep.ts';
import type { RunRecord } from '../lab/run-record.ts';
import type { SweepPoint } from '../lab/sweep.ts';
import { pointText } from '../lab/sweep-status.ts';
import { barText, clockText, type ProgressStyle } from './progress.ts';
import { type Paint, painter, type Shell } from './shell.ts';

export interface SweepMeter {
  readonly update: (progress: SweepProgress) => void;
  /** Writes a line that stays. */
  readonly note: (text: string) => void;
  /** Takes the bars away. */
  readonly end: () => void;
}

/** Lines of running points that a terminal is given; a cluster may run hundreds. */
const mostBars = 12;
const lineInterval = 5000;

/** `points`: those of the sweep; `now` in milliseconds. */
export function startSweepMeter(
  label: string,
  points: readonly SweepPoint[],
  style: ProgressStyle,
  shell: Shell,
  now: () => number = Date.now,
): SweepMeter {
  const { err, environment } = shell;
  const name = (index: number) => pointText(points[index].values, points[index].seed);
  const pace = startPace(now);
  const plain = (text: string) => void err.write(`${text}\n`);
  if (style === 'silent') return { update: () => {}, note: plain, end: () => {} };
  if (style === 'json') {
    const event = (record: object) => plain(JSON.stringify({ ...record, result: label }));
    return {
      update: (progress) => {
        for (const { index, state } of progress.ended) {
          event({
            event: 'point',
            run: points[index].run,
            values: points[index].values,
            seed: points[index].seed,
            state,
          });
        }
        event({
          event: 'progress',
          done: doneOf(progress),
          total: progress.total,
          ...progress.states,
          ...pace(progress),
        });
      },
      note: (text) => event({ event: 'note', text }),
      end: () => {},
    };
  }
  if (style === 'lines') {
    let last = Number.NEGATIVE_INFINITY;
    return {
      update: (progress) => {
        const time = new Date(now()).toTimeString().slice(0, 8);
        for (const { index, state } of progress.ended.filter((end) => end.state !== 'finished')) {
          plain(`${time}  ${label}  ${name(index)} ${state}`);
        }
        const times = pace(progress);
        if (now() - last < lineInterval && doneOf(progress) < progress.total) return;
        last = now();
        plain(`${time}  ${headerText(label, progress, times)}`);
      },
      note: plain,
      end: () => {},
    };
  }
  const paint = painter(err, environment);
  let shown = 0;
  const clear = () => {
    if (shown > 0) err.write(`\r\x1b[${shown}A\x1b[J`);
    shown = 0;
  };
  let lines: string[] = [];
  const draw = () => {
    clear();
    err.write(lines.map((line) => `${line}\n`).join(''));
    shown = lines.length;
  };
  return {
    update: (progress) => {
      const room = (err.columns ?? 80) - 1;
      const shownRuns = progress.running.slice(0, mostBars);
      const widest = Math.max(0, ...shownRuns.map(({ index }) => name(index).length));
      const more = progress.running.length - shownRuns.length;
      lines = [
        withBar(
          headerText(label, progress, pace(progress)),
          { done: doneOf(progress), total: progress.total },
          room,
          paint,
        ),
        ...shownRuns.map(({ index, run }) => runLine(`  ${name(index).padEnd(widest)}`, run, room, paint)),
        ...(more > 0 ? [`  and ${more} more`] : []),
      ];
      draw();
    },
    note: (text) => {
      clear();
      plain(text);
      draw();
    },
    end: clear,
  };
}

interface Pace {
  /** Seconds. */
  readonly elapsed: number;
  /** Seconds that the rest takes at the pace so far; null until a point has ended. */
  readonly remaining: number | null;
}

function startPace(now: () => number): (progress: SweepProgress) => Pace {
  const start = now();
  let before: number | undefined;
  return (progress) => {
    const done = doneOf(progress);
    before ??= done;
    const elapsed = (now() - start) / 1000;
    const remaining = done > before ? (elapsed / (done - before)) * (progress.total - done) : null;
    const round = (seconds: number) => Math.round(seconds * 10) / 10;
    return { elapsed: round(elapsed), remaining: remaining === null ? null : round(remaining) };
  };
}

function doneOf({ states }: SweepProgress): number {
  return states.finished + states.failed + states.crashed;
}

/** `fake-decay  12/200 points  3 failed  0:12  ETA 1:40` */
function headerText(label: string, progress: SweepProgress, { elapsed, remaining }: Pace): string {
  const { total, states } = progress;
  const parts = (['failed', 'crashed', 'interrupted'] as const).filter((state) => states[state] > 0);
  return [
    label,
    `${doneOf(progress)}/${total} points`,
    ...parts.map((state) => `${states[state]} ${state}`),
    clockText(elapsed),
    ...(remaining === null ? [] : [`ETA ${clockText(remaining)}`]),
  ].join('  ');
}

function runLine(name: string, { heartbeat }: RunRecord, room: number, paint: Paint): string {
  const { stage, done, total, headline } = heartbeat?.progress ?? { stage: 'starting', done: 0, total: 0 };
  const parts = [name, stage, ...(total > 0 ? [`${done}/${total}`] : []), ...(headline ? [headline] : [])];
  return withBar(parts.join('  '), { done, total }, room, paint);
}

function withBar(text: string, step: { done: number; total: number }, room: number, paint: Paint): string {
  const bar = barText(step, Math.min(24, room - text.length - 2));
  return bar ? `${text}  ${paint('green', bar)}` : text.slice(0, room);
}
