import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../array/errors.ts';
import { Interruption } from '../lab/exit-code.ts';
import { experiment } from '../lab/fake-experiment.fixture.ts';
import type { ResultIndex } from '../lab/task.ts';
import { commandLine } from './command-line.fixture.ts';
import type { Shell } from './shell.ts';

const out = mkdtempSync(join(tmpdir(), 'deeptheory-cli-'));
afterAll(() => rmSync(out, { recursive: true }));

const holding: typeof experiment = {
  ...experiment,
  name: 'fake-holding',
  claims: experiment.claims.slice(0, 1),
};
const all: ResultIndex = { 'fake-decay': async () => experiment, 'fake-holding': async () => holding };

const cli = commandLine(out, all);

describe('run', () => {
  it('prints the claims, and the path of the report last', async () => {
    const { code, out: text, err } = await cli('run fake-decay steps=40 --out OUT', { columns: 120 });
    expect(code).toBe(1);
    const lines = text.trimEnd().split('\n');
    expect(lines[0]).toBe('Low frequencies decay first, in a made-up model');
    expect(lines[1]).toMatch(/^fake-decay, smoke scale, 5 seeds, \d+\.\d s$/);
    expect(text).toMatch(/^D1 .* as it must {2}holds$/m);
    expect(text).toMatch(/^ {4}· exponent of the time in k +2, ≥ 1\.9 +2\.0\d* \(1\.9\d*\s…\s/m);
    expect(text).toContain('D2 fails: Spearman correlation of k and time is not ≥ 0.9 in 5 of 5 seeds');
    expect(text).toContain('1 of 5 claims holds; D2 fails; D3, D5 inconclusive; D4 not applicable.');
    expect(readFileSync(lines[lines.length - 1], 'utf8')).toContain('<!doctype html>');
    expect(err).toMatch(/^\d\d:\d\d:\d\d {2}fake-decay {2}starting {2}0:00\n/);
    expect(text).not.toContain('\x1b');
  });

  it.each([80, 100, 120])('fits %d columns', async (columns) => {
    const { out: text } = await cli('run fake-decay steps=40 --out OUT', { columns });
    const lines = text.split('\n').slice(0, -2); // the path is not wrapped
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  });

  it('exits 0 when every claim holds', async () => {
    expect((await cli('run fake-holding steps=40 --quiet --out OUT')).code).toBe(0);
  });

  it('speaks JSON', async () => {
    const { code, out: text, err } = await cli('run fake-decay steps=40 --seeds 3 --json --out OUT');
    const record = JSON.parse(text);
    expect(record).toMatchObject({ result: 'fake-decay', seeds: 3, verdict: 'fails', exitCode: code });
    expect(Object.keys(record).at(-1)).toBe('report');
    const events = err
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ event: 'progress', result: 'fake-decay', stage: 'starting', remaining: null });
    expect(events.at(-1)).toMatchObject({ stage: 'training', done: 40, total: 40, remaining: 0 });
  });

  it('is silent with --quiet', async () => {
    expect((await cli('run fake-holding steps=40 --quiet --out OUT')).err).toBe('');
  });

  it('uses colours on a terminal, unless told not to', async () => {
    const terminal = () => ({
      text: '',
      write(part: string) {
        this.text += part;
      },
      isTTY: true,
      columns: 100,
    });
    const colored = terminal();
    await cli('run fake-holding steps=40 --quiet --out OUT', { out: colored });
    expect(colored.text).toContain('\x1b[32m');
    const plain = terminal();
    await cli('run fake-holding steps=40 --quiet --out OUT', { out: plain, environment: { NO_COLOR: '1' } });
    expect(plain.text).not.toContain('\x1b');
  });

  it('shows the settings of the result in its help', async () => {
    const { code, out: text } = await cli('run fake-decay --help', { columns: 120 });
    expect(code).toBe(0);
    expect(text).toContain('Usage: deeptheory run RESULT [key=value]... [options]');
    expect(text).toMatch(/frequencies +1,2,4,8,16 .*Frequencies of the target/);
    expect(text).toContain('(a number > 0 and ≤ 1)');
    expect((await cli('run --help')).out).toContain('Examples:');
  });
});

describe('errors of the user exit 2 with one message', () => {
  it.each([
    ['run', 'error: run needs the name of a result'],
    ['run fake-dekay', 'there is no result "fake-dekay" (did you mean "fake-decay"?); "deeptheory list" shows all 2'],
    ['run toString', 'there is no result "toString"'],
    ['run fake-decay stepz=3', 'fake-decay has no setting "stepz" (did you mean "steps"?)'],
    ['run fake-decay steps=0', 'setting "steps" of fake-decay: got "0", allowed is an integer ≥ 1'],
    ['run fake-decay --scale big', "argument 'big' is invalid. Allowed choices are smoke, small, paper."],
    ['run fake-decay --seeds 0', 'Expected a whole number from 1.'],
    ['run fake-decay --seed -1', 'Expected a whole number from 0'],
    ['run fake-decay --threads none', 'Expected a whole number from 1.'],
    ['run fake-decay --device tpu', "argument 'tpu' is invalid. Allowed choices are cpu, webgpu, cuda."],
    ['run fake-decay --sedes 3', "unknown option '--sedes'\n(Did you mean --seeds?)"],
    ['ruin fake-decay', "unknown command 'ruin'\n(Did you mean run?)"],
    ['info', "missing required argument 'result'"],
    ['info fake', 'there is no result "fake" (did you mean "fake-decay"?)'],
    ['data fetch mnits', 'there is no data set "mnits" (did you mean "mnist"?)'],
    ['run fake-decay --out /dev/null', 'cannot make the run folder /dev/null'],
    ['', 'Usage: deeptheory'],
  ])('deeptheory %s', async (line, message) => {
    const { code, out: text, err } = await cli(line);
    expect(err).toContain(message);
    expect(err).not.toMatch(/^\s+at /m);
    expect(text).toBe('');
    expect(code).toBe(2);
  });

  it('keeps a UserError of the computation one', async () => {
    const execute = async () => {
      throw new UserError('data set mnist is not there');
    };
    const { code, err } = await cli('run fake-decay --out OUT --quiet', { execute });
    expect([code, err]).toEqual([2, 'error: data set mnist is not there\n']);
  });
});

it('exits 70 for a defect, with the way to its stack', async () => {
  const execute = async () => {
    throw new TypeError('x is not a function');
  };
  const { code, err } = await cli('run fake-decay --out OUT --quiet', { execute });
  expect(code).toBe(70);
  expect(err).toBe(
    'error: x is not a function\nThis is a defect of deeptheory; set DEBUG=deeptheory to see where it happened.\n',
  );
  const debugged = await cli('run fake-decay --out OUT --quiet', { execute, environment: { DEBUG: 'deeptheory' } });
  expect(debugged.err).toMatch(/TypeError: x is not a function\n\s+at /);
});

it('exits 130 when interrupted', async () => {
  const controller = new AbortController();
  const execute: Shell['execute'] = async (_task, _progress, { signal }) => {
    controller.abort(new Interruption('SIGINT'));
    throw signal.reason;
  };
  const { code, err } = await cli('run fake-decay --out OUT --quiet', { execute, signal: controller.signal });
  expect(code).toBe(130);
  expect(err).toMatch(
    /^stopping at the next checkpoint; Ctrl-C again stops now\ngo on with: deeptheory resume [\da-f]{6} --out .*\ninterrupted by Ctrl-C\n$/,
  );
});

describe('show, report, cite, resume', () => {
  const here = '--out OUT';
  const begin = async () => {
    const { out: text } = await cli(`run fake-decay steps=40 --json --quiet ${here}`);
    return JSON.parse(text) as { folder: string; report: string };
  };

  it('shows a finished run', async () => {
    const { folder } = await begin();
    const { code, out: text } = await cli(`show last ${here}`, { columns: 80 });
    expect(code).toBe(0);
    expect(text).toMatch(/^state +finished: fails$/m);
    expect(text).toMatch(/^settings +steps=40 rate=0.002 frequencies=1,2,4,8,16 kernel=circle$/m);
    expect(text).toContain('1 of 5 claims holds');
    expect(text.trimEnd().split('\n').at(-1)).toBe(folder);
    expect(
      Math.max(
        ...text
          .split('\n')
          .slice(0, -2)
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(80);
    const record = JSON.parse((await cli(`show ${folder} --json`)).out);
    expect(record).toMatchObject({
      state: 'finished',
      config: { result: 'fake-decay' },
      summary: { verdict: 'fails' },
    });
    expect(record.claims).toHaveLength(5);
  });

  it('shows one that failed, and goes on with it', async () => {
    const results: ResultIndex = {
      ...all,
      'fake-decay': async () => ({
        ...experiment,
        run: async (_, { progress, stage }) => {
          await stage('begin', () => progress({ stage: 'begin', done: 3, total: 4, metrics: { loss: 0.25 } }));
          throw new UserError('data set mnist is not there');
        },
      }),
    };
    const failed = await cli(`run fake-decay steps=40 --quiet ${here}`, { results });
    expect(failed.err).toMatch(
      /^go on with: deeptheory resume [\da-f]{6} --out .*\nerror: data set mnist is not there\n$/,
    );
    const { out: text } = await cli(`show last ${here}`);
    expect(text).toMatch(/^state +failed; go on with "deeptheory resume [\da-f]{6}"$/m);
    expect(text).toMatch(/^error +data set mnist is not there$/m);
    expect(text).toMatch(/^stood at +begin {2}3\/4$/m);
    expect(text).toMatch(/^begin +3 +loss 0.25$/m);
    const { code, out: finished } = await cli(`resume last ${here}`);
    expect(code).toBe(1);
    expect(finished).toContain('1 of 5 claims holds');
    const again = await cli(`resume last --json ${here}`);
    expect(again.code).toBe(1);
    expect(again.err).toMatch(/^run \S+ is finished already\n$/);
    expect(JSON.parse(again.out)).toMatchObject({ result: 'fake-decay', verdict: 'fails' });
  });

  it('writes a report again', async () => {
    const { report } = await begin();
    const before = readFileSync(report, 'utf8');
    rmSync(report);
    expect((await cli(`report last ${here}`)).out).toBe(`${report}\n`);
    expect(readFileSync(report, 'utf8')).toBe(before);
    expect(JSON.parse((await cli(`report last --json ${here}`)).out)).toMatchObject({ report });
  });

  it('cites results and runs', async () => {
    await begin();
    const { code, out: text } = await cli(`cite fake-decay ${here}`);
    expect(code).toBe(0);
    expect(text).toMatch(/^@article\{example2024decay,/);
    expect((await cli(`cite last ${here}`)).out).toBe(text);
    expect(JSON.parse((await cli(`cite last --json ${here}`)).out)).toMatchObject({
      result: 'fake-decay',
      bibtex: text.trimEnd(),
    });
  });

  it.each([
    ['show abcdef', 'there is no run "abcdef" in OUT'],
    ['resume nothing/here', 'nothing/here is not the folder of a run: it does not exist'],
    ['report last --out OUT/none', 'there are no runs in OUT/none; name another root with --out DIR'],
    ['cite fake-dekay', 'there is no result "fake-dekay" (did you mean "fake-decay"?)'],
    ['cite 123456', 'there is no run "123456" in OUT'],
  ])('refuses %s', async (line, message) => {
    await begin();
    const { code, err } = await cli(line.includes('--out') ? line : `${line} ${here}`);
    expect([code, err.split('\n').length]).toEqual([2, 2]);
    expect(err).toContain(message.replace('OUT', out));
  });
});

describe('verify', () => {
  it('runs everything and goes on when one breaks', async () => {
    const results: ResultIndex = {
      ...all,
      broken: async () => ({ ...experiment, name: 'broken', run: () => Promise.reject(new UserError('no data')) }),
    };
    const { code, out: text, err } = await cli('verify --out OUT', { results });
    expect(code).toBe(2);
    expect(text).toContain('fake-holding  holds');
    expect(text).toContain('broken  broke  no data');
    expect(text).toContain('Over all: 2 of 6 claims hold; fake-decay D2 fails;');
    expect(err).toContain('[3/3] broken');
    expect(err).toContain('error in broken: no data');
    const report = text.trimEnd().split('\n').at(-1) ?? '';
    expect(report).toMatch(/verify.*report\.html$/);
    const page = readFileSync(report, 'utf8');
    expect(page).toContain('id="fake-decay"');
    expect(page).toContain('id="fake-holding"');
    expect(readdirSync(join(out, 'verify'))).toHaveLength(1);
  });

  it('exits 0 when all is well, and speaks JSON', async () => {
    const results = { 'fake-holding': async () => holding };
    const { code, out: text } = await cli('verify --json --quiet --out OUT', { results });
    expect(code).toBe(0);
    expect(JSON.parse(text)).toMatchObject({ exitCode: 0, results: [{ result: 'fake-holding', verdict: 'holds' }] });
  });
});

describe('list, info, data list, doctor', () => {
  it('lists the results', async () => {
    expect((await cli('list')).out).toMatch(/^fake-decay +Low frequencies decay first.* +Example and Démo 2024$/m);
    expect(JSON.parse((await cli('list --json')).out)).toHaveLength(2);
  });

  it('tells about one', async () => {
    const { code, out: text } = await cli('info fake-decay', { columns: 80 });
    expect(code).toBe(0);
    expect(text).toContain('arXiv:2401.00000');
    expect(text).toContain('seeds: 5 at smoke, 5 at small, 10 at paper scale');
    expect(text).toMatch(/^D3 +The residual has a heavy tail. +Sec. 4.2$/m);
    expect(text).toContain('@article{example2024decay,');
    const known = { 'spectral-bias': async () => experiment };
    const method = await cli('info spectral-bias', { results: known });
    expect(method.out).toContain("import … from 'deeptheory/results/dynamics/spectral-bias'");
    expect(method.out).toMatch(/^tangentKernel<P extends Tree>\(f: /m);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(JSON.parse((await cli('info fake-decay --json')).out).settings[0].name).toBe('steps');
  });

  it('lists the data sets', async () => {
    const { code, out: text } = await cli('data list', { environment: { DEEPTHEORY_DATA: out } });
    expect(code).toBe(0);
    expect(text).toMatch(/^mnist +MNIST: 70 000 .* 55 MB +none stated +no$/m);
    expect(text).toMatch(/^nas-bench-201 .* MIT +no, by hand$/m);
    const records = JSON.parse((await cli('data list --json', { environment: { DEEPTHEORY_DATA: out } })).out);
    expect(records[0]).toMatchObject({ name: 'mnist', bytes: 54_950_048, here: 'no', fetchable: true });
    expect(text).toContain(`in ${out}`);
  });

  it('fetches no data that has no address, and checks what is here', async () => {
    const environment = { DEEPTHEORY_DATA: join(out, 'data') };
    const byHand = await cli('data fetch nas-bench-201 --quiet', { environment });
    expect([byHand.code, byHand.out]).toEqual([2, '']);
    expect(byHand.err).toMatch(/no address to fetch it from; see https.*put nats-bench-tss-200ep\.csv\.gz into/);
    mkdirSync(join(out, 'data', 'nas'), { recursive: true });
    writeFileSync(join(out, 'data', 'nas', 'nats-bench-tss-200ep.csv.gz'), '');
    const here = await cli('data fetch nas-bench-201 --json', { environment });
    expect(here.code).toBe(0);
    const files = [join(out, 'data', 'nas', 'nats-bench-tss-200ep.csv.gz')];
    expect(JSON.parse(here.out)).toEqual({ name: 'nas-bench-201', files });
    mkdirSync(join(out, 'data', 'sklearn'));
    writeFileSync(join(out, 'data', 'sklearn', 'iris.csv'), 'no irises');
    const wrong = await cli('data fetch iris --quiet', { environment });
    expect(wrong.code).toBe(2);
    expect(wrong.err).toMatch(
      /iris\.csv: expected 2734 bytes with MD5 \w+ once unpacked, found 9 bytes .*delete the file/,
    );
  });

  it('examines the machine', async () => {
    const { code, out: text } = await cli('doctor --out OUT');
    expect(text).toMatch(/^ok +Node +\d+\.\d+\.\d+$/m);
    expect(text).toContain('runtime');
    expect(text).toMatch(/^(ok +webgpu +onnxruntime-node .*\(webgpu\)|– +webgpu +not usable: device webgpu: )/m);
    expect(code).toBe(0);
    const bad = await cli('doctor --out /dev/null/x');
    expect(bad.out).toMatch(/no +run folders +\/dev\/null\/x cannot be written; choose another with --out DIR/);
    expect(bad.code).toBe(2);
  });
});
