/** The theory card as a page: one self-contained HTML file, readable without JavaScript. */
import { citationText } from '../lab/citation.ts';
import type { Environment } from '../lab/environment.ts';
import { drawFigure } from '../lab/figure.ts';
import { html, type Markup } from '../lab/html.ts';
import { numberText } from '../lab/number-text.ts';
import { environmentSection, figureSection, heading, page } from '../lab/report.ts';
import { typeset } from '../lab/typeset.ts';
import type { CardNumber, Finding, FinishedNetwork } from '../results/analysis.ts';
import { type Section, warningsOf } from './section.ts';

export interface CardContents {
  readonly network: FinishedNetwork;
  readonly sections: readonly Section[];
  /** ISO date. */
  readonly started: string;
  readonly environment: Environment;
  /** How to make it again. */
  readonly command: string;
}

export function cardPage({ network, sections, started, environment, command }: CardContents): string {
  const { name, sample, loss } = network;
  const when = `${started.slice(0, 10)} ${started.slice(11, 16)} UTC`;
  const warnings = warningsOf(sections);
  let figures = 0;
  const body = html`
<header>
  <p class="kicker">theory card · ${when}</p>
  <h1>${name}</h1>
  <p class="lead">What the theory of deep learning says about this network on ${sample.name}.</p>
  ${warnings.map((text) => html`<p class="warning"><strong>Look at this first.</strong> ${typeset(text)}</p>`)}
</header>
${heading(2, 'section', 'In short')}
<table class="grid">
<tbody>${sections.map(summaryRow)}</tbody>
</table>
<p class="meta">${sample.name}: ${typeset(sample.selection)} ${loss === undefined ? 'No loss.' : typeset(`Loss: ${loss.name}, ${loss.formula}; chosen because ${loss.reason}.`)} Outputs: ${network.outputsAre}.</p>
${sections.map((section) => {
  const first = figures + 1;
  figures += section.outcome.state === 'measured' ? section.outcome.finding.figures.length : 0;
  return sectionMarkup(section, first);
})}
${heading(2, 'section', 'How this card was made')}
<pre>${command}</pre>
${environmentSection(environment, 3)}
<footer>Written by deeptheory ${environment.deeptheory}. All numbers, and what they were computed from, are in <code>card.json</code> beside this file.</footer>`;
  return page(`Theory card of ${name}`, body);
}

function summaryRow({ analysis, outcome }: Section): Markup {
  const text =
    outcome.state === 'measured'
      ? typeset(outcome.finding.headline)
      : html`<span class="badge ${outcome.state === 'failed' ? 'broken' : 'not-applicable'}">${outcome.state}</span> ${outcome.reason}`;
  return html`<tr><td><a href="#${analysis.name}">${analysis.title}</a></td><td>${text}</td></tr>`;
}

function sectionMarkup({ analysis, outcome }: Section, firstFigure: number): Markup {
  const { name, title, question, citations } = analysis;
  const content =
    outcome.state === 'measured'
      ? findingMarkup(name, outcome.finding, firstFigure)
      : html`<p><span class="badge ${outcome.state === 'failed' ? 'broken' : 'not-applicable'}">${outcome.state}</span> ${outcome.reason}</p>`;
  const sources = citations.map((paper) => {
    const text = citationText(paper);
    return paper.arxiv
      ? html`<li><a href="https://arxiv.org/abs/${paper.arxiv}">${text}</a></li>`
      : html`<li>${text}</li>`;
  });
  return html`<section id="${name}">
${heading(2, 'section', title)}
<p class="question">${typeset(question)}</p>
${content}
${citations.length === 0 ? undefined : html`<p class="meta">It rests on</p><ul class="sources">${sources}</ul>`}
</section>`;
}

function findingMarkup(
  name: string,
  { reading, figures, numbers, warnings = [], limits }: Finding,
  first: number,
): Markup {
  return html`
${warnings.map((text) => html`<p class="warning">${typeset(text)}</p>`)}
<ul class="reading">${reading.map((text) => html`<li>${typeset(text)}</li>`)}</ul>
${figures.map((figure, i) => figureSection(drawFigure(figure, name), first + i, 3))}
<table class="grid numbers">
<thead><tr><th scope="col">Quantity</th><th scope="col">Value</th><th scope="col">Interval</th><th scope="col">Note</th></tr></thead>
<tbody>${numbers.map(numberRow)}</tbody>
</table>
${limits.length === 0 ? undefined : html`<p class="meta">What this does not say</p><ul class="limits">${limits.map((text) => html`<li>${typeset(text)}</li>`)}</ul>`}`;
}

function numberRow({ quantity, value, interval, note }: CardNumber): Markup {
  const known = interval?.every(Number.isFinite) ? `${text(interval[0])} to ${text(interval[1])}` : '';
  return html`<tr><td>${typeset(quantity)}</td><td class="value">${value === null ? '–' : typeset(text(value))}</td><td class="value">${typeset(known)}</td><td class="doc">${typeset(note ?? '')}</td></tr>`;
}

/** Whole numbers whole, with their thousands set apart. */
const text = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) >= 10_000 ? value.toLocaleString('en') : numberText(value);
