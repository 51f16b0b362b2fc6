/** `deeptheory runs [RESULT] [key=value]…` */
import { type Command, Option } from 'commander';
import { UserError } from '../array/errors.ts';
import { type CatalogueEntry, readCatalogue, verdicts } from '../lab/catalogue.ts';
import { verdictText } from '../lab/check-text.ts';
import { writeJson } from '../lab/json.ts';
import { ageText, durationText } from '../lab/number-text.ts';
import { isListed, type RunOrder, type RunQuery, runOrders, selectRuns } from '../lab/run-query.ts';
import { didYouMean } from '../lab/suggest.ts';
import { verdictColor } from './claims-text.ts';
import { addRoot, positiveInteger } from './run-options.ts';
import { type Color, type Paint, painter, type Shell, textWidth } from './shell.ts';
import { shorten, textTable, wrap } from './text-table.ts';

const examples = `
Examples:
  deeptheory runs
  deeptheory runs spectral-bias width=256 --verdict fails
  deeptheory runs --state crashed --json`;

interface RunsOptions extends Pick<RunQuery, 'state' | 'scale' | 'verdict' | 'limit'> {
  readonly sort: RunOrder;
  readonly out: string;
  readonly json?: boolean;
}

export function addRuns(program: Command, shell: Shell): void {
  const command = program
    .command('runs')
    .usage('[RESULT] [key=value]... [options]')
    .description('the runs there are, broken folders too')
    .argument('[condition...]', 'name of a result; settings the runs must have')
    .addHelpText('after', examples)
    .addOption(new Option('--state <state>', 'only runs in this state').choices(Object.keys(stateColors)))
    .addOption(new Option('--scale <scale>', 'only runs of this scale').choices(['smoke', 'small', 'paper']))
    .addOption(new Option('--verdict <verdict>', 'only runs with this verdict').choices(verdicts))
    .addOption(
      new Option('--sort <order>', 'verdict: fails first; time: longest first').choices(runOrders).default('newest'),
    )
    .option('--limit <n>', 'at most so many', positiveInteger);
  addRoot(command)
    .option('--json', 'as JSON')
    .action((conditions: string[], { out, json, ...options }: RunsOptions) => {
      const all = readCatalogue(out);
      const wanted = readConditions(conditions);
      if (wanted.result !== undefined)
        requireResult(wanted.result, [...Object.keys(shell.results), ...all.map((run) => run.result)]);
      const runs = selectRuns(all, { ...options, ...wanted });
      if (json) {
        shell.out.write(`${writeJson(runs)}\n`);
      } else if (runs.length > 0) {
        shell.out.write(`${runsText(runs, textWidth(shell.out), painter(shell.out, shell.environment), new Date())}\n`);
      } else {
        const why =
          all.length === 0
            ? `no runs in ${out}; name another root with --out DIR`
            : `none of ${all.length} runs is like that`;
        shell.err.write(`${why}\n`);
      }
    });
}

function readConditions(conditions: readonly string[]): Pick<RunQuery, 'result' | 'settings'> {
  const [result, ...others] = conditions.filter((word) => !word.includes('='));
  if (others.length > 0) throw new UserError(`runs of one result or of all: got ${[result, ...others].join(' ')}`);
  const settings = conditions
    .filter((word) => word.includes('='))
    .map((word): [string, string] => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]);
  return { ...(result === undefined ? {} : { result }), settings: new Map(settings) };
}

function requireResult(name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  throw new UserError(`there is no result "${name}"${didYouMean(name, known)}, and no run of one`);
}

const stateColors: Readonly<Record<CatalogueEntry['state'], Color>> = {
  waiting: 'dim',
  running: 'bold',
  finished: 'green',
  failed: 'red',
  interrupted: 'yellow',
  crashed: 'red',
  broken: 'red',
};

/** A row per run; beneath, why some failed or cannot be read. */
function runsText(runs: readonly CatalogueEntry[], width: number, paint: Paint, now: Date): string {
  const columns = [
    { header: 'run' },
    { header: 'result', flexible: true },
    { header: 'scale' },
    { header: 'seeds' },
    { header: 'state', paint: byState(paint) },
    { header: 'verdict', paint: (text: string, cell: string) => verdictColor(paint, text, cell) },
    { header: 'begun' },
    { header: 'time' },
  ];
  const [header, ...lines] = textTable(
    columns,
    runs.map((run) => rowOf(run, now)),
    width,
  );
  const reasons = runs
    .filter((run) => run.reason !== undefined)
    .flatMap(({ id, state, reason = '' }) => wrap(`${id} ${state}: ${shorten(reason.split('\n')[0], 200)}`, width));
  const blocks = [[paint('dim', header), ...lines], ...(reasons.length > 0 ? [reasons] : [])];
  return blocks.map((block) => block.join('\n')).join('\n\n');
}

function byState(paint: Paint): (text: string, cell: string) => string {
  return (text, cell) => {
    const state = Object.keys(stateColors).find((word) => cell.startsWith(word)) as CatalogueEntry['state'] | undefined;
    return state === undefined ? text : paint(stateColors[state], text);
  };
}

function rowOf(run: CatalogueEntry, now: Date): string[] {
  if (!isListed(run)) return [run.id, run.result, '', '', run.state];
  const { config, verdict, seconds, progress } = run;
  const share = progress ? ` ${Math.floor((100 * progress.done) / Math.max(1, progress.total))} %` : '';
  return [
    run.id,
    run.result,
    config.scale,
    String(config.seeds),
    run.state === 'finished' ? run.state : `${run.state}${share}`,
    verdict === undefined ? '' : verdictText(verdict),
    ageText((now.getTime() - Date.parse(config.started)) / 1000),
    seconds === undefined ? '' : durationText(seconds),
  ];
}
