/** HTML by tagged template: every value is escaped unless it is itself `Markup`. */

/** Text that is HTML already. */
export interface Markup {
  readonly markup: string;
}

export type Content = Markup | string | number | null | undefined | readonly Content[];

/** `` html`<td>${value}</td>` ``: strings and numbers are escaped, markup and lists of markup are put in as they are. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return { markup: strings.reduce((text, part, i) => text + toMarkup(values[i - 1]) + part) };
}

/** Declares a string to be HTML: only for text the program made itself. */
export function raw(markup: string): Markup {
  return { markup };
}

/** The five characters that mean something in HTML text and attributes, as entities. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function toMarkup(content: Content): string {
  if (content === null || content === undefined) return '';
  if (typeof content === 'string' || typeof content === 'number') return escapeHtml(String(content));
  return isList(content) ? content.map(toMarkup).join('') : content.markup;
}

function isList(content: Content): content is readonly Content[] {
  return Array.isArray(content);
}
