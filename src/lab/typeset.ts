/** Plain text as it is printed: a true minus sign, powers and indices raised and lowered, signs of comparison. */
import { html, type Markup, raw } from './html.ts';

/** `-3.2e-7` becomes −3.2 × 10⁻⁷, `k^-(d+1)` k⁻⁽ᵈ⁺¹⁾, `A_i` Aᵢ, and `k >= 2` k ≥ 2. */
export function typeset(text: string): Markup {
  const escaped = html`${text}`.markup;
  return raw(
    escaped
      .replace(/(?<![\w.])(-?\d+(?:\.\d+)?)e(-?\d+)/g, '$1 × 10<sup>$2</sup>')
      .replace(/(?<=[\w)])\^(-?(?:\w+|\([^()]*\)))/g, '<sup>$1</sup>')
      // Of a single letter only: names such as step_size are words.
      .replace(/(?<![A-Za-z_])([A-Za-z])_([A-Za-z]|\d+)(?!\w)/g, '$1<sub>$2</sub>')
      .replace(/&#60;=/g, '≤')
      .replace(/&#62;=/g, '≥')
      .replace(/(?<![\w])-(?=[\d∞(])/g, '−')
      .replace(/ - /g, ' − ')
      // An equation stays on its line.
      .replace(/ = /g, '\u00a0=\u00a0'),
  );
}
