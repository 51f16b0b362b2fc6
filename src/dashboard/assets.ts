/** The files that the dashboard's pages load: these and no others. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reportStyle } from '../lab/report-style.ts';
import { dashboardStyle } from './style.ts';

export interface Asset {
  readonly type: string;
  readonly read: () => string;
}

/** A script of this folder, as it is compiled. */
const script = (name: string): Asset => asset('text/javascript', fileURLToPath(new URL(name, import.meta.url)));
const uplot = dirname(createRequire(import.meta.url).resolve('uplot'));

/** By address. */
export const assets: Readonly<Record<string, Asset>> = {
  '/style.css': { type: 'text/css', read: () => `${reportStyle}${dashboardStyle}` },
  '/client.js': script('client.js'),
  '/curves.js': script('curves.js'),
  '/uplot.js': asset('text/javascript', join(uplot, 'uPlot.iife.min.js')),
  '/uplot.css': asset('text/css', join(uplot, 'uPlot.min.css')),
};

function asset(type: string, path: string): Asset {
  return { type, read: () => readFileSync(path, 'utf8') };
}
