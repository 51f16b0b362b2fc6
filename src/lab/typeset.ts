/** Plain text numbers in print: a true minus sign, and powers of ten raised. */
import { html, type Markup, raw } from './html.ts';

/** `-3.2e-7` becomes −3.2 × 10⁻⁷. */
export function typeset(text: string): Markup {
  const escaped = html`${text}`.markup;
  return raw(
    escaped
      .replace(/(?<![\w.])(-?\d+(?:\.\d+)?)e(-?\d+)/g, '$1 × 10<sup>$2</sup>')
      .replace(/(?<![\w])-(?=[\d∞])/g, '−'),
  );
}
