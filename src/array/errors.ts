/** A mistake in what the user gave (name, setting, file, shape). Shown as one message, without a stack; exit code 2. */
export class UserError extends Error {
  override name = 'UserError';
}

const libraryUrl = new URL('..', import.meta.url);
const libraryRoot =
  libraryUrl.protocol === 'file:'
    ? decodeURIComponent(libraryUrl.pathname).replace(/^\/(?=[A-Za-z]:)/, '')
    : libraryUrl.href;

/**
 * An operation was given arrays it cannot combine. The message ends with the first line of the stack that lies outside
 * the library: the caller's line.
 */
export class ShapeError extends UserError {
  constructor(operation: string, problem: string) {
    super(`${operation}: ${problem}`);
    const line = callerLine(this.stack ?? '');
    if (line !== undefined) this.message += ` (at ${line})`;
  }
}

function callerLine(stack: string): string | undefined {
  for (const frame of stack.split('\n').slice(1)) {
    const place = /\(?((?:file:\/\/|https?:\/\/|\/|[A-Za-z]:\\)[^()]*:\d+:\d+)\)?$/.exec(frame)?.[1];
    if (place === undefined || frame.includes('node:') || place.includes('/node_modules/')) continue;
    const path = place.startsWith('file://') ? place.slice('file://'.length) : place;
    if (!path.startsWith(libraryRoot) || path.includes('.test.')) return path;
  }
  return undefined;
}
