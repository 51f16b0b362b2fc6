/** The settings of an experiment for the terminal. */
import { settingsTable, settingText, type WithSettings } from '../lab/settings.ts';
import { textTable } from './text-table.ts';

export function settingsText(experiment: WithSettings, width: number): string {
  const columns = [
    { header: 'setting' },
    { header: 'smoke', narrow: 12 },
    { header: 'small', narrow: 12 },
    { header: 'paper', narrow: 12 },
    { header: 'meaning', flexible: true },
  ];
  const rows = settingsTable(experiment).map(({ name, values, allowed, doc }) => [
    name,
    settingText(values.smoke),
    settingText(values.small),
    settingText(values.paper),
    `${doc} (${allowed})`,
  ]);
  return `${textTable(columns, rows, width).join('\n')}\n`;
}
