/**
 * The functions of a result's method, read from the declarations beside the code that runs: `index.d.ts` and its
 * neighbours in the package, the sources themselves in a checkout. Nothing is written down twice.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface MethodFunction {
  readonly name: string;
  /** `(outputs: NDArray, frequencies: readonly number[]) => NDArray`, as declared. */
  readonly signature: string;
  /** First sentence of its documentation. */
  readonly doc: string;
}

const resultsFolder = fileURLToPath(new URL('../results/', import.meta.url));

export interface Method {
  /** What to import from. */
  readonly module: string;
  readonly functions: readonly MethodFunction[];
}

/** The exported functions of a result in the order of its index; undefined where the declarations are not there. */
export function methodOf(result: string, folder = resultsFolder): Method | undefined {
  const group = readdirSync(folder).find((name) => existsSync(join(folder, name, result)));
  if (group === undefined) return undefined;
  const home = join(folder, group, result);
  const index = declarations(join(home, 'index'));
  if (index === undefined) return undefined;
  const functions = [...index.matchAll(/export \{([^}]*)\} from '([^']*)'/g)].flatMap(([, names, module]) => {
    const text = declarations(join(home, module.replace(/\.[jt]s$/, ''))) ?? '';
    return names
      .split(',')
      .map((name) => name.trim())
      .flatMap((name) => functionOf(text, name));
  });
  return { module: `deeptheory/results/${group}/${result}`, functions };
}

function declarations(path: string): string | undefined {
  const file = [`${path}.d.ts`, `${path}.ts`].find((candidate) => existsSync(candidate));
  return file === undefined ? undefined : readFileSync(file, 'utf8');
}

/** The function of that name, or nothing where the name is not a function's. */
function functionOf(text: string, name: string): MethodFunction[] {
  if (!/^\w+$/.test(name)) return []; // a type
  const found = new RegExp(`export (?:declare )?(?:async )?function ${name}\\b`).exec(text);
  if (found === null) return [];
  const start = found.index + found[0].length;
  const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(text.slice(0, found.index));
  return [{ name, signature: signatureAt(text, start), doc: firstSentence(comment?.[1] ?? '') }];
}

/** From behind the name to the end of the return type, in one line. */
function signatureAt(text: string, start: number): string {
  let depth = 0;
  let end = start;
  let inReturn = false;
  for (; end < text.length; end++) {
    const character = text[end];
    if (
      depth === 0 &&
      (character === ';' || (character === '{' && inReturn && !/[:|&]\s*$/.test(text.slice(start, end))))
    )
      break;
    if ('([{<'.includes(character)) depth++;
    // The > of => closes nothing.
    else if (')]}'.includes(character) || (character === '>' && text[end - 1] !== '=')) depth--;
    if (depth === 0 && character === ')') inReturn = true;
  }
  const line = text
    .slice(start, end)
    .replaceAll(/\/\*\*?[\s\S]*?\*\//g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return line.replaceAll(/,? ([)}])/g, ' $1').replaceAll(/\( | \)/g, (space) => space.trim());
}

function firstSentence(comment: string): string {
  const text = comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, ''))
    .join('\n')
    .split(/\n\s*(?:\n|@)/)[0]
    .replaceAll(/\s+/g, ' ')
    .trim();
  return /^.*?[.!?](?= [A-Z(]|$)/.exec(text)?.[0] ?? text;
}
