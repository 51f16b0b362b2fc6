/** The claims of a report as one table: a group of rows per claim, a row per check, the control beneath. */

import type { Verdict } from '../results/contract.ts';
import { measuredText, mustText } from './check-text.ts';
import { html, type Markup } from './html.ts';
import { predictionText } from './number-text.ts';
import { strip } from './strip.ts';
import { typeset } from './typeset.ts';
import type { CheckVerdict, ClaimVerdict } from './verdict.ts';

/** `scope` (the result's name) keeps anchors apart on a page of several results; `badge` draws a verdict. */
export function claimsTable(
  scope: string,
  claims: readonly ClaimVerdict[],
  badge: (verdict: Verdict) => Markup,
): Markup {
  return html`<table class="claims">
<thead><tr><th scope="col">Quantity</th><th scope="col">Predicted</th><th scope="col">Must be</th><th scope="col">Measured</th><th scope="col">n</th><th scope="col">Values</th><th scope="col">Verdict</th></tr></thead>
${claims.map((claim) => claimRows(scope, claim, badge))}
</table>
<p class="strip-legend">Measured: the mean over n seeds with its 95 % Student-t interval [a, b], or, where every seed must satisfy the claim, with the smallest and largest value (a … b). Values: one dot per seed, the interval as a bar, the prediction dashed, the range that the claim allows shaded. The control is a setting where the effect must be absent.</p>`;
}

function claimRows(scope: string, claim: ClaimVerdict, badge: (verdict: Verdict) => Markup): Markup {
  return html`<tbody id="${scope}-${claim.id}">
<tr class="head"><th scope="rowgroup" colspan="6"><span class="id">${claim.id}</span><span class="statement">${typeset(claim.statement)}</span> <span class="source">${claim.source}</span></th><td class="verdict">${badge(claim.verdict)}</td></tr>
${claim.checks.map((check) => checkRow(check, 'check'))}
<tr class="setting"><td colspan="7">Control: ${typeset(claim.control.setting)}</td></tr>
${claim.control.checks.map((check) => checkRow(check, 'control'))}
${remarks(claim)}
</tbody>`;
}

function checkRow(check: CheckVerdict, kind: 'check' | 'control'): Markup {
  const [mean, range] = measuredText(check).split(/ (?=[[(])/);
  return html`<tr class="${kind}"><td>${typeset(check.quantity)}</td><td class="number" data-label="predicted">${typeset(predictionText(check.predicted))}</td><td class="number" data-label="must be">${typeset(mustText(check))}</td><td data-label="measured"><span class="number">${typeset(mean)}</span>${range ? html` <span class="range">${typeset(range)}</span>` : undefined}</td><td data-label="n">${check.n}</td><td class="values" data-label="values">${strip(check)}</td><td class="verdict" data-label="verdict"><span class="word ${check.verdict}">${check.verdict}</span></td></tr>`;
}

function remarks(claim: ClaimVerdict): Markup {
  // A claim that does not apply has its reason among the assumptions.
  const told = claim.verdict === 'holds' || claim.verdict === 'not-applicable';
  const verdict = claim.verdict === 'fails' ? 'Fails' : 'Inconclusive';
  const why = told ? [] : [html`<li class="why">${verdict}: ${claim.reason}.</li>`];
  const assumptions = claim.assumptions.map(
    ({ statement, found, holds }) =>
      html`<li>${holds ? '✓ Assumed' : '✗ Assumed, but not met'}: ${statement} (${found})</li>`,
  );
  const lines = [...why, ...assumptions];
  return lines.length > 0 ? html`<tr class="remark"><td colspan="7"><ul>${lines}</ul></td></tr>` : html``;
}
