/** The report's style sheet: a page of a paper, in light, dark and print, from a telephone to a wide screen. */
export const reportStyle = `
:root {
  color-scheme: light dark;
  --paper: #fffefb; --ink: #1d1c1a; --soft: #66625c; --line: #dedad2; --wash: #f5f2eb; --accent: #2456a6;
  --holds: #1d6b3f; --holds-wash: #e3f2e6; --fails: #a3231c; --fails-wash: #fbe6e2;
  --open: #7d5700; --open-wash: #faefd2; --apart: #5b5b63; --apart-wash: #ececef;
  --plot-background: var(--paper);
  --text: Charter, 'Bitstream Charter', 'Sitka Text', Cambria, 'Iowan Old Style', 'Source Serif 4', Georgia, serif;
  --sans: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #161618; --ink: #e8e5df; --soft: #a29d95; --line: #37363a; --wash: #202023; --accent: #8cb4f5;
    --holds: #8fd6a4; --holds-wash: #17301f; --fails: #ff9d92; --fails-wash: #401b18;
    --open: #eac26a; --open-wash: #372a0e; --apart: #b6b6c0; --apart-wash: #2c2c31;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; padding: clamp(1.5rem, 5vw, 4.5rem) clamp(1rem, 4vw, 3rem); background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.6 var(--text); font-variant-numeric: oldstyle-nums; overflow-wrap: break-word;
}
main { max-width: 62rem; margin: 0 auto; }
h1, h2, h3, h4 { line-height: 1.2; text-wrap: balance; }
h1, .title { font-size: clamp(1.7rem, 4.5vw, 2.5rem); font-weight: 600; letter-spacing: -0.012em; margin: 0.35rem 0 0.9rem; max-width: 26em; }
.result .title { font-size: clamp(1.5rem, 3.6vw, 2rem); }
.section { font-size: 1.3rem; font-weight: 600; margin: 3.2rem 0 1rem; }
.figure-title { font-size: 1.05rem; font-weight: 600; margin: 0 0 0.3rem; }
p { margin: 0 0 0.9rem; max-width: 42rem; text-wrap: pretty; }
a { color: var(--accent); text-underline-offset: 0.15em; }
.kicker, .meta, th, .badge, .label, figure, .strip-legend, dl, .settings, footer { font-family: var(--sans); font-variant-numeric: tabular-nums lining-nums; }
.kicker { font-size: 0.8rem; color: var(--soft); letter-spacing: 0.02em; margin: 0; }
.lead { font-size: 1.15rem; line-height: 1.55; }
.meta { font-size: 0.85rem; color: var(--soft); }
.outcome { display: flex; flex-wrap: wrap; gap: 0.4rem 0.8rem; align-items: baseline; margin: 1.4rem 0 0.3rem; font-family: var(--sans); font-size: 0.95rem; }
.badge { display: inline-block; font-size: 0.76rem; font-weight: 600; line-height: 1; padding: 0.32em 0.62em 0.36em; border-radius: 0.3em; white-space: nowrap; }
.badge.holds { color: var(--holds); background: var(--holds-wash); }
.badge.fails, .badge.broken { color: var(--fails); background: var(--fails-wash); }
.badge.inconclusive { color: var(--open); background: var(--open-wash); }
.badge.not-applicable { color: var(--apart); background: var(--apart-wash); }
table { border-collapse: collapse; width: 100%; }
th { font-size: 0.76rem; font-weight: 500; color: var(--soft); text-align: left; vertical-align: bottom; }
td, th { padding: 0.36rem 1.1rem 0.36rem 0; vertical-align: top; }
td:last-child, th:last-child { padding-right: 0; }
.claims { font-size: 0.95rem; line-height: 1.4; }
.claims thead th { border-bottom: 1px solid var(--ink); }
.claims td { font-variant-numeric: tabular-nums lining-nums; }
.claims .head > * { padding-top: 1.15rem; border-top: 1px solid var(--line); color: var(--ink); font: inherit; }
.claims tbody:first-of-type .head > * { border-top: 0; }
.claims .statement { font-size: 1.05rem; font-weight: 600; }
.claims .id { font-family: var(--sans); font-size: 0.8rem; font-weight: 600; color: var(--soft); margin-right: 0.5em; }
.claims .source { color: var(--soft); font-size: 0.9rem; white-space: nowrap; }
.claims .head .badge, .claims td.verdict { white-space: nowrap; }
.claims .number { white-space: nowrap; }
.claims .range { color: var(--soft); font-size: 0.87em; white-space: nowrap; }
.claims tr.control td, .claims tr.remark td { color: var(--soft); }
.claims tr.remark td { padding-top: 0.4rem; font-size: 0.9rem; }
.claims tr.remark ul { margin: 0; padding: 0; list-style: none; }
.claims tr.remark .why { color: var(--ink); }
.claims tr.setting td { color: var(--soft); padding-top: 0.6rem; padding-bottom: 0; font-size: 0.9rem; }
.claims tr.control td:first-child { padding-left: 1rem; }
.claims tbody tr:last-child td { padding-bottom: 1.1rem; }
.word.holds { color: var(--holds); } .word.fails { color: var(--fails); } .word.inconclusive { color: var(--open); }
.strip { display: block; overflow: visible; }
.strip .allowed { fill: var(--holds-wash); }
.strip .predicted { stroke: var(--soft); stroke-dasharray: 2 2; }
.strip .interval { stroke: var(--ink); stroke-width: 1.5; opacity: 0.55; }
.strip circle { fill: var(--accent); fill-opacity: 0.8; }
.strip-legend { font-size: 0.78rem; color: var(--soft); margin: 0.9rem 0 0; }
.figure { margin: 0 0 3rem; break-inside: avoid; }
.figure > p { margin-bottom: 1.1rem; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, min(316px, 100%)); gap: 1.6rem 22px; }
.panels.alone { display: block; }
sup, sub { line-height: 0; font-size: 0.72em; }
.panel { display: flex; flex-direction: column; }
.panel > div { margin-top: auto; }
.panel { font-family: var(--sans); font-variant-numeric: tabular-nums lining-nums; }
.panel .label { font-size: 0.85rem; font-weight: 600; margin: 0 0 0.4rem; }
.panel figure { margin: 0; }
.panel svg { display: block; max-width: 100%; height: auto; --plot-background: var(--paper); }
.panel svg text, .panel [class*='-swatches'] { font-size: 12px; }
.panel .legend-label { font-size: 12px; font-weight: 700; }
.panel [class*='-swatches'] svg { display: inline-block; }
.panel [class$='-ramp'] { margin-bottom: 0.6rem; }
.narrow { display: none; }
.pairs { display: grid; grid-template-columns: max-content 1fr; gap: 0.3rem 1.6rem; font-size: 0.88rem; line-height: 1.45; margin: 0; }
.pairs dt { color: var(--soft); } .pairs dd { margin: 0; overflow-wrap: anywhere; }
.settings { font-size: 0.88rem; line-height: 1.45; max-width: 46rem; }
.settings td { border-top: 1px solid var(--line); } .settings td.value { font-family: var(--mono); font-size: 0.92em; overflow-wrap: anywhere; }
.settings td.doc { color: var(--soft); }
pre { font: 0.82rem/1.5 var(--mono); background: var(--wash); border: 1px solid var(--line); border-radius: 0.4rem; padding: 0.9rem 1.1rem; margin: 1rem 0 0; overflow-x: auto; user-select: all; -webkit-user-select: all; }
.overview { margin-top: 2rem; }
.overview td { border-top: 1px solid var(--line); padding-top: 0.55rem; padding-bottom: 0.55rem; }
.overview .name { font-family: var(--mono); font-size: 0.85rem; }
.overview .meta { white-space: nowrap; }
.result { border-top: 2px solid var(--ink); margin-top: 5rem; padding-top: 1.6rem; }
.grid { font-size: 0.92rem; line-height: 1.45; } .grid td { border-top: 1px solid var(--line); } .grid td.value { font-family: var(--mono); font-size: 0.88rem; white-space: nowrap; }
details { border-top: 1px solid var(--line); padding: 0.5rem 0; } summary { cursor: pointer; font-size: 0.95rem; } summary .badge { margin-left: 0.6em; }
section[id] > .section { border-top: 2px solid var(--ink); padding-top: 1.4rem; }
.question { color: var(--soft); font-style: italic; }
.warning { max-width: 46rem; padding: 0.7rem 1rem; border-left: 3px solid var(--open); background: var(--open-wash); }
.reading, .limits, .sources { max-width: 46rem; padding-left: 1.2rem; } .reading { margin: 0 0 2rem; } .reading li { margin-bottom: 0.5rem; }
.limits, .sources { margin: 0 0 1.2rem; font-size: 0.9rem; line-height: 1.45; color: var(--soft); } .numbers + .meta { margin-top: 1.4rem; } .meta:has(+ ul) { margin-bottom: 0.3rem; }
.numbers td.doc { color: var(--soft); font-size: 0.88rem; }
footer { margin-top: 4rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: 0.8rem; color: var(--soft); }

@media screen and (max-width: 64rem) {
  .strip { width: 105px; } td, th { padding-right: 0.85rem; }
}
@media screen and (max-width: 48rem) {
  .panels { grid-template-columns: 1fr; } .panel svg[class^='p-']:not([class$='-ramp']) { width: 100%; }
  .wide { display: none; } .narrow { display: block; }
  .claims, .claims tbody, .claims tr, .claims td, .claims th { display: block; width: auto; }
  .claims thead { display: none; }
  .claims td, .claims th { padding: 0.08rem 0; }
  .claims tbody { border-top: 1px solid var(--line); padding: 1rem 0 0.8rem; }
  .claims .head > * { border: 0; padding-top: 0; } .claims .head .verdict { margin: 0.35rem 0 0.5rem; }
  .claims tr.control td:first-child { padding-left: 0; } .claims tbody tr:last-child td { padding-bottom: 0.08rem; }
  .claims tr.check, .claims tr.control { margin: 0.6rem 0; padding-left: 0.8rem; border-left: 2px solid var(--line); }
  .claims td[data-label]:not(:empty)::before { content: attr(data-label) ' '; font: 0.76rem var(--sans); color: var(--soft); display: inline-block; min-width: 5.6rem; }
  .claims td:empty { display: none; } .claims td.values::before { vertical-align: top; } .strip { display: inline-block; vertical-align: middle; width: 150px; }
  .pairs { grid-template-columns: 1fr; gap: 0 0; } .pairs dd { margin-bottom: 0.5rem; }
  .settings thead { display: none; } .settings tr { display: block; padding: 0.5rem 0; border-top: 1px solid var(--line); }
  .settings td { display: inline; border: 0; padding: 0 0.6rem 0 0; } .settings td.doc { display: block; }
  .overview thead { display: none; } .overview tr { display: block; padding: 0.6rem 0; border-top: 1px solid var(--line); }
  .overview { margin-top: 2rem; }
.overview td { display: block; border: 0; padding: 0.05rem 0; }
}
@media print {
  :root { color-scheme: light; --paper: #fff; --ink: #000; --soft: #555; --line: #ccc; --wash: #fff; --accent: #1d4a94;
    --holds: #1d6b3f; --holds-wash: #e3f2e6; --fails: #a3231c; --fails-wash: #fbe6e2; --open: #7d5700; --open-wash: #faefd2; --apart: #555; --apart-wash: #eee; }
  html { font-size: 9.5pt; } body { padding: 0; } td, th { padding-right: 0.8rem; } .strip { width: 110px; } .section { margin-top: 2rem; }
  .figure { margin-bottom: 1.6rem; } .figure > p { margin-bottom: 0.7rem; max-width: none; } pre { white-space: pre-wrap; }
  /* Small enough for two figures a page. */
  .panels:not(.alone) { grid-template-columns: repeat(2, minmax(0, 21rem)); gap: 1rem 1.6rem; }
  .panels:has(> :nth-child(3):last-child) { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .panel svg[class^='p-']:not([class$='-ramp']) { width: 100%; } .panels.alone .panel svg { max-width: 36rem; } body { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; } h1, h2, h3, h4 { break-after: avoid; } tbody, .panel, pre { break-inside: avoid; }
  .result { break-before: page; border: 0; margin: 0; }
  @page { margin: 18mm 16mm; }
}
`;
