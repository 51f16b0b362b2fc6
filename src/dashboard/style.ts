/** What the dashboard adds to the report's style sheet: the same colours and tables, set for a screen. */
export const dashboardStyle = `
:root {
  --running: #2456a6; --running-wash: #e2ebf9;
  --series-1: #2a6fc9; --series-2: #c8541b; --series-3: #1f8a5b; --series-4: #8a4fc4; --series-5: #b0770b; --series-6: #c2397f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --running: #9cc2ff; --running-wash: #1b2c4a;
    --series-1: #6aa9ff; --series-2: #ff9a5c; --series-3: #5fcf98; --series-4: #c39bf5; --series-5: #e6b84f; --series-6: #ff86bd;
  }
}
.dashboard { font-family: var(--sans); font-size: 0.95rem; line-height: 1.5; font-variant-numeric: tabular-nums lining-nums; padding-top: 1.1rem; }
.dashboard > nav, .dashboard main { max-width: 72rem; margin-left: auto; margin-right: auto; }
.dashboard > nav { display: flex; flex-wrap: wrap; gap: 0.3rem 1.4rem; align-items: baseline; border-bottom: 1px solid var(--line); padding-bottom: 0.7rem; margin-bottom: 2rem; }
.dashboard > nav a { color: var(--soft); text-decoration: none; padding: 0.15rem 0; }
.dashboard > nav a[aria-current] { color: var(--ink); font-weight: 600; box-shadow: 0 2px var(--accent); }
.dashboard > nav a:hover { color: var(--ink); }
.brand { font-weight: 700; letter-spacing: -0.01em; }
#connection { margin-left: auto; color: var(--fails); font-size: 0.85rem; }
.skip { position: absolute; left: -100rem; } .skip:focus { left: 1rem; top: 0.5rem; background: var(--paper); padding: 0.3rem 0.6rem; z-index: 1; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
.dashboard h1 { font-size: clamp(1.4rem, 3.4vw, 1.8rem); margin: 0.2rem 0 0.5rem; }
.dashboard .section { font-size: 1.1rem; margin: 2.6rem 0 0.9rem; }
.dashboard p { max-width: 60rem; }
.dashboard .kicker a { color: inherit; }
.name, code { font-family: var(--mono); font-size: 0.86em; color: var(--soft); } code { overflow-wrap: anywhere; }
.badge { line-height: 1.1; }
.badge.state-running { color: var(--running); background: var(--running-wash); }
.badge.state-running::before { content: ''; display: inline-block; width: 0.5em; height: 0.5em; margin-right: 0.4em; border-radius: 50%; background: currentColor; animation: pulse 2s infinite; }
.badge.state-failed, .badge.state-crashed { color: var(--fails); background: var(--fails-wash); }
.badge.state-interrupted { color: var(--open); background: var(--open-wash); }
.badge.state-waiting, .badge.state-finished { color: var(--apart); background: var(--apart-wash); }
@keyframes pulse { 50% { opacity: 0.25; } }
@media (prefers-reduced-motion: reduce) { .badge.state-running::before { animation: none; } }
button, .button, select { font: inherit; font-size: 0.88rem; color: var(--ink); background: var(--wash); border: 1px solid var(--line); border-radius: 0.4rem; padding: 0.28rem 0.75rem; cursor: pointer; text-decoration: none; }
button:hover, .button:hover { border-color: var(--accent); }
.button { color: var(--accent); font-weight: 600; }
input[type='checkbox'] { width: 1.05rem; height: 1.05rem; margin: 0.15rem 0; accent-color: var(--accent); }
.filter { display: flex; gap: 0.6rem; align-items: center; margin: 1.2rem 0; font-size: 0.88rem; }
time { white-space: nowrap; } .scroll { overflow-x: auto; }
.dashboard tbody th { color: inherit; font-size: inherit; font-weight: 500; vertical-align: top; }
.dashboard thead th { border-bottom: 1px solid var(--ink); }
.dashboard .number { white-space: nowrap; }
.runs td, .runs tbody th { border-bottom: 1px solid var(--line); padding-top: 0.6rem; padding-bottom: 0.6rem; }
.runs tbody tr:hover { background: var(--wash); }
.outcome-cell { width: 38%; }
.progress progress { width: min(16rem, 70%); height: 0.5rem; vertical-align: middle; appearance: none; border: 0; border-radius: 1rem; overflow: hidden; background: var(--line); }
.progress progress::-webkit-progress-bar { background: var(--line); }
.progress progress::-webkit-progress-value { background: var(--accent); transition: width 0.6s; }
.progress progress::-moz-progress-bar { background: var(--accent); }
.progress .count { font-size: 0.82rem; margin-left: 0.4rem; }
.progress .stage { font-size: 0.82rem; color: var(--soft); }
.error { color: var(--fails); overflow-wrap: anywhere; white-space: pre-wrap; }
.actions { margin: 1rem 0; } .pages { display: flex; gap: 1.2rem; margin: 1.5rem 0; font-size: 0.9rem; } .pages > span:not(:nth-child(2)) { color: var(--soft); opacity: 0.5; }
.chip { display: inline-block; font-size: 0.78rem; font-weight: 600; line-height: 1.2; padding: 0.18em 0.5em; border-radius: 0.3em; text-decoration: none; white-space: nowrap; }
.chip.holds { color: var(--holds); background: var(--holds-wash); } .chip.fails { color: var(--fails); background: var(--fails-wash); }
.chip.inconclusive { color: var(--open); background: var(--open-wash); } .chip.not-applicable { color: var(--apart); background: var(--apart-wash); }
a.chip:hover { text-decoration: underline; }
.chips { display: flex; flex-wrap: wrap; gap: 0.3rem; margin-top: 0.45rem; }
.tally { display: flex; flex-wrap: wrap; gap: 0.4rem; align-items: baseline; margin: 1.2rem 0; }
.matrix td, .matrix tbody th { border-bottom: 1px solid var(--line); padding-top: 0.75rem; padding-bottom: 0.75rem; }
.matrix tbody th { width: 30%; font-weight: 500; } .matrix td { width: 23%; } .matrix td > a { text-decoration: none; }
.key { display: grid; grid-template-columns: max-content 1fr; gap: 0.35rem 0.8rem; margin: 1.8rem 0 0; font-size: 0.85rem; color: var(--soft); } .key dd { margin: 0; } .key .chip { min-width: 1.7em; text-align: center; }
:target .head > * { background: var(--wash); }
.compare tbody th { width: 17rem; color: var(--soft); font-weight: 400; padding-left: 0.7rem; border-left: 3px solid transparent; } .compare td { min-width: 11rem; overflow-wrap: anywhere; }
.compare tr:not(.group) > * { border-bottom: 1px solid var(--line); }
.compare .group th { color: var(--ink); font-weight: 600; padding-top: 1.6rem; border-bottom: 1px solid var(--line); padding-left: 0; border-left: 0; }
.compare .differs th { border-left-color: var(--accent); color: var(--ink); } .compare .differs td { font-weight: 500; }
.compare ul { margin: 0.35rem 0 0; padding: 0; list-style: none; font-size: 0.85rem; font-weight: 400; color: var(--soft); } .compare .id { font-weight: 600; color: var(--ink); }
.dashboard .settings { max-width: none; } .dashboard .settings th { font-family: var(--sans); border-top: 1px solid var(--line); }
#curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr)); gap: 1.6rem; }
.chart { margin: 0; border: 1px solid var(--line); border-radius: 0.5rem; padding: 0.8rem 0.9rem; min-width: 0; }
.chart-head { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; margin-bottom: 0.5rem; } .chart-title { font-weight: 600; }
.scale-button { font-size: 0.76rem; padding: 0.1rem 0.5rem; }
.chart-place { min-width: 0; } .chart .u-legend { font-size: 0.8rem; text-align: left; width: 100%; } .chart .u-legend th, .chart .u-legend td { padding: 0.1rem 0.3rem 0.1rem 0; border: 0; color: var(--ink); } .chart .u-legend tr { margin-right: 0.8rem; }
.chart .u-legend .u-series:first-child { display: none; } .chart .u-legend .u-series th::after { content: ''; } .chart .u-select { background: color-mix(in srgb, var(--accent) 15%, transparent); }
.flagged { color: var(--fails); font-size: 0.82rem; margin: 0.4rem 0 0; } .flagged:empty { display: none; }
@media (max-width: 48rem) {
  .dashboard .settings th { display: inline; border: 0; padding: 0 0.6rem 0 0; }
  .runs, .runs tbody, .runs td, .runs tbody th, .matrix, .matrix tbody, .matrix tr, .matrix td, .matrix tbody th { display: block; width: auto; border: 0; padding: 0.1rem 0; }
  .runs thead, .matrix thead { display: none; }
  .runs tr { position: relative; display: block; padding: 0.8rem 0 0.8rem 2rem; border-bottom: 1px solid var(--line); } .runs td:first-child { position: absolute; left: 0; }
  .runs td br { display: none; } .runs td:nth-child(n + 5) { display: inline; font-size: 0.85rem; color: var(--soft); } .runs td:nth-child(n + 6):not(:empty)::before { content: ' · '; } .runs td:nth-child(5) .meta::before { content: ', '; }
  .matrix tr { padding: 0.9rem 0; border-bottom: 1px solid var(--line); }
  .matrix td { padding: 0.35rem 0; } .matrix td::before { content: attr(data-label) ' '; display: inline-block; min-width: 4rem; font-size: 0.8rem; color: var(--soft); }
  .compare tr { display: flex; flex-wrap: wrap; gap: 0 0.8rem; border-bottom: 1px solid var(--line); padding: 0.4rem 0; } .compare tr.group { padding-top: 1.6rem; }
  .compare tr:not(.group) > * { border-bottom: 0; padding: 0.1rem 0; } .compare tbody th { width: auto; flex: 1 0 100%; } .compare tbody tr:not(.group) th { padding-left: 0; border-left: 0; } .compare tbody tr.differs th { padding-left: 0.5rem; border-left: 3px solid var(--accent); } .compare .group th { padding: 0; border: 0; }
  .compare td, .compare thead th + th { flex: 1 1 8rem; min-width: 8rem; } .compare thead th:first-child { display: none; }
}
`;
