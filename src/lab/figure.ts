/**
 * Figures as SVG text, without a browser. Axes and text take the page's colour and background (`currentColor`,
 * `--plot-background`), so that a figure reads in light and dark; every class and id carries the panel's own name, so
 * that many figures share one page.
 */
import * as Plot from '@observablehq/plot';
import type { Figure } from '../results/contract.ts';
import { numberText } from './number-text.ts';
import { plotDocument } from './plot-document.ts';

/** A panel drawn once per width that the page may give it. */
export interface DrawnPanel {
  readonly title?: string;
  /** Legends and plot, as HTML. */
  readonly wide: string;
  /** The same for a telephone; absent where the wide one is narrow enough. */
  readonly narrow?: string;
}

export interface DrawnFigure extends Omit<Figure, 'panels'> {
  readonly panels: readonly DrawnPanel[];
}

/** Pixels. One panel takes the width of the text; several stand side by side, three to a row, one on a telephone. */
const textWidth = 680;
const panelWidth = 316;

/** Draws every panel. `scope` (e.g. the result's name) keeps names apart when several results share a page. */
export function drawFigure(figure: Figure, scope: string): DrawnFigure {
  const alone = figure.panels.length === 1;
  const panels = figure.panels.map(({ title, plot }, i) => {
    const name = `${scope}-${figure.id}-${i}`.replace(/[^A-Za-z0-9-]/g, '-');
    const draw = (width: number, suffix: string) => drawPlot(plot, width, `p-${name}${suffix}`);
    if (!alone) return { title, wide: draw(panelWidth, '') };
    return { title, wide: draw(textWidth, ''), narrow: draw(panelWidth, '-n') };
  });
  return { ...figure, panels };
}

/** One plot as HTML. What the figure's author set is kept; size, margins and type are ours where nothing was set. */
function drawPlot(options: Plot.PlotOptions, width: number, className: string): string {
  const drawn = Plot.plot({
    width,
    height: Math.round(width * (width > 500 ? 0.5 : 0.75)),
    marginLeft: 52,
    marginBottom: 40,
    marginTop: 28,
    ...options,
    ...plainTicks(options, 'x'),
    ...plainTicks(options, 'y'),
    style: { fontSize: '12px', fontFamily: 'inherit', ...styleObject(options.style) },
    className,
    document: plotDocument(),
  });
  nameSwatches(drawn, className, options.color?.label);
  return ownIds(drawn.outerHTML, className);
}

// On log axes Plot writes 0.5 as "500m", which here reads like a unit.
function plainTicks(options: Plot.PlotOptions, axis: 'x' | 'y'): Plot.PlotOptions {
  return options[axis]?.type === 'log'
    ? { [axis]: { tickFormat: (tick: number) => numberText(tick), ...options[axis] } }
    : {};
}

// Plot labels its colour ramps but not its swatches.
function nameSwatches(drawn: Element, className: string, label: string | null | undefined): void {
  const swatches = drawn.querySelector(`.${className}-swatches`);
  if (!label || !swatches?.parentNode) return;
  const name = swatches.ownerDocument.createElement('div');
  name.className = 'legend-label';
  name.textContent = label;
  swatches.parentNode.insertBefore(name, swatches);
}

function styleObject(style: Plot.PlotOptions['style']): Partial<CSSStyleDeclaration> {
  if (typeof style === 'string') throw new Error('a figure sets `style` as an object, not as text');
  return style ?? {};
}

// Plot numbers its ids through the whole process; renumbered by panel, the same figure always gives the same text.
function ownIds(text: string, className: string): string {
  const names = new Map<string, string>();
  return text.replace(/\bplot-(clip|pattern)-\d+\b/g, (id, kind: string) => {
    const name = names.get(id) ?? `${className}-${kind}-${names.size}`;
    names.set(id, name);
    return name;
  });
}
