import { expect, it } from 'vitest';
import { html, raw } from './html.ts';

it('escapes values and keeps markup', () => {
  const name = `<script>alert("it's")</script> & more`;
  expect(html`<p title="${name}">${name}</p>`.markup).not.toMatch(/<script|"it|'s| & /);
  expect(html`<ul>${[1, 2].map((n) => html`<li>${n}</li>`)}</ul>`.markup).toBe('<ul><li>1</li><li>2</li></ul>');
  expect(html`${raw('<br>')}${undefined}${null}${'<'}`.markup).toBe('<br>&#60;');
});
