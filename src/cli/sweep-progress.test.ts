import { describe, expect, it } from 'vitest';
import type { SweepProgress } from '../lab/drive-sweep.ts';
import type { RunRecord } from '../lab/run-record.ts';
import type { SweepPoint } from '../lab/sweep.ts';
import type { ProgressStyle } from './progress.ts';
import type { Shell } from './shell.ts';
import { startSweepMeter } from './sweep-progress.ts';

const points = [1, 2, 3].map(
  (seed): SweepPoint => ({ hash: `${seed}`, seed, values: { width: 64 }, settings: {}, run: `fake/r${seed}` }),
);
const running = (index: number, done: number): SweepProgress['running'][number] => ({
  index,
  run: {
    heartbeat: { progress: { stage: 'training', done, total: 20, headline: 'loss 0.1' } },
  } as unknown as RunRecord,
});
const progress = (finished: number, changes: Partial<SweepProgress> = {}): SweepProgress => ({
  total: 3,
  states: { waiting: 3 - finished, running: 0, finished, failed: 0, interrupted: 0, crashed: 0 },
  running: [],
  ended: [],
  ...changes,
});

function meter(style: ProgressStyle) {
  const seen = { text: '', time: 0 };
  const err = { write: (text: string) => (seen.text += text), columns: 80, isTTY: true };
  const shell = { err, environment: { NO_COLOR: '1' } } as unknown as Shell;
  return { seen, ...startSweepMeter('fake', points, style, shell, () => seen.time) };
}

describe('startSweepMeter', () => {
  it('draws a bar per running point under the header, over the last ones', () => {
    const { seen, update, note, end } = meter('bar');
    update(progress(0));
    seen.time = 4000;
    seen.text = '';
    update(progress(1, { running: [running(1, 5), running(2, 20)] }));
    expect(seen.text.split('\n')).toEqual([
      '\r\x1b[1A\x1b[Jfake  1/3 points  0:04  ETA 0:08  ━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌',
      '  width=64 seed 2  training  5/20  loss 0.1  ━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌',
      '  width=64 seed 3  training  20/20  loss 0.1  ━━━━━━━━━━━━━━━━━━━━━━━━',
      '',
    ]);
    seen.text = '';
    note('stopping');
    expect(seen.text).toContain('\r\x1b[3A\x1b[Jstopping\nfake  1/3');
    seen.text = '';
    end();
    expect(seen.text).toBe('\r\x1b[3A\x1b[J');
  });

  it('writes a line now and then, and at once for a point that fails', () => {
    const { seen, update } = meter('lines');
    update(progress(0));
    seen.time = 1000;
    update(
      progress(1, {
        ended: [
          { index: 0, state: 'failed' },
          { index: 1, state: 'finished' },
        ],
      }),
    );
    seen.time = 6000;
    update(progress(2));
    const lines = seen.text
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/^\d\d:\d\d:\d\d {2}/, ''));
    expect(lines).toEqual([
      'fake  0/3 points  0:00',
      'fake  width=64 seed 1 failed',
      'fake  2/3 points  0:06  ETA 0:03',
    ]);
  });

  it('speaks JSON lines', () => {
    const { seen, update } = meter('json');
    update(progress(1, { ended: [{ index: 0, state: 'finished' }] }));
    const [point, whole] = seen.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(point).toEqual({
      event: 'point',
      run: 'fake/r1',
      values: { width: 64 },
      seed: 1,
      state: 'finished',
      result: 'fake',
    });
    expect(whole).toMatchObject({ event: 'progress', done: 1, total: 3, finished: 1, waiting: 2, remaining: null });
  });

  it('is silent when asked to', () => {
    const { seen, update } = meter('silent');
    update(progress(1));
    expect(seen.text).toBe('');
  });
});
