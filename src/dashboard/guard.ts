/**
 * Who may ask the dashboard, and for what: a page of this machine, opened by its user, that reads. Another site in the same
 * browser may send requests here too, and may make its own name point here (DNS rebinding): the headers tell.
 */
import type { IncomingMessage } from 'node:http';

export interface Refusal {
  readonly status: 400 | 403 | 405;
  readonly why: string;
}

/** Why a request is refused; undefined where it is not. `port` is the one the dashboard listens on. */
export function refusal({ method, url = '', headers }: IncomingMessage, port: number): Refusal | undefined {
  const own = ['127.0.0.1', '[::1]', 'localhost'].map((name) => `${name}:${port}`);
  // A browser leaves out the port of http.
  if (port === 80) own.push(...own.map((name) => name.replace(':80', '')));
  const { host, origin } = headers;
  if (host === undefined || !own.includes(host.toLowerCase())) {
    return { status: 403, why: `the dashboard answers to ${own[0]} and ${own[2]} only` };
  }
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, why: 'the dashboard only shows: GET and HEAD' };
  if (origin !== undefined && !own.some((name) => origin === `http://${name}`)) {
    return { status: 403, why: 'another site may not ask the dashboard' };
  }
  if (!sameSite(headers)) return { status: 403, why: 'another site may not ask the dashboard' };
  const path = url.split('?', 1)[0];
  // No address of the dashboard has a step upwards, a percent sign or a backslash, so none can be meant well.
  if (!path.startsWith('/') || /\.\.|[%\\]|\/\/|[^\x21-\x7e]/.test(path)) {
    return { status: 400, why: 'there is no such address' };
  }
  return undefined;
}

/** A link from elsewhere that opens the dashboard in a tab is fine: the page it stood on sees nothing of it. */
function sameSite(headers: IncomingMessage['headers']): boolean {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return true;
  return headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
}

const common = {
  'Cache-Control': 'no-store',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** Of the dashboard's own pages: its script and style sheet, and nothing from elsewhere. */
export const pageHeaders: Readonly<Record<string, string>> = {
  ...common,
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
};

/** Of a report: a document of a run's folder, which the dashboard did not write. No script, and an origin of its own. */
export const reportHeaders: Readonly<Record<string, string>> = {
  ...common,
  'Content-Security-Policy':
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};
