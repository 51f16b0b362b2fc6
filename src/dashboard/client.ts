/**
 * What the dashboard's pages do in the browser: they follow the run folders. Parts that the server draws (`data-live`) are
 * asked for again and replaced where they have changed; curves are drawn here, from the metrics as they come.
 */
import { followCurves } from './curves.ts';

/** Between two questions. */
const period = 2000;

/** Replaces what has changed, and leaves what the user has ticked or is about to press. */
async function refresh(): Promise<void> {
  const response = await fetch(location.href);
  if (!response.ok) return; // e.g. the run was removed; what is shown was true
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  for (const part of document.querySelectorAll('[data-live]')) {
    const next = fresh.getElementById(part.id);
    if (next === null || next.innerHTML === part.innerHTML) continue;
    for (const box of part.querySelectorAll<HTMLInputElement>('input:checked')) {
      const same = next.querySelector<HTMLInputElement>(`input[value="${CSS.escape(box.value)}"]`);
      if (same) same.checked = true;
    }
    const focused = part.contains(document.activeElement) ? selectorOf(document.activeElement!) : undefined;
    part.replaceChildren(...next.childNodes);
    if (focused) part.querySelector<HTMLElement>(focused)?.focus();
  }
}

/** By what a link or a box is found again. */
function selectorOf(element: Element): string | undefined {
  for (const name of ['href', 'value']) {
    const value = element.getAttribute(name);
    if (value !== null) return `${element.localName}[${name}="${CSS.escape(value)}"]`;
  }
  return undefined;
}

const connection = document.getElementById('connection')!;
const curves = document.getElementById('curves');
const update = curves ? followCurves(curves) : async () => {};

async function follow(): Promise<void> {
  if (!document.hidden) {
    try {
      await Promise.all([refresh(), update()]);
      connection.textContent = '';
    } catch (error) {
      // fetch rejects with a TypeError where nobody answers.
      connection.textContent =
        error instanceof TypeError ? 'No answer from deeptheory serve; trying again' : String(error);
    }
  }
  setTimeout(follow, period);
}

void follow();
