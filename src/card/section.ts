/** What became of an analysis: a section of the card. */
import type { Analysis, Finding } from '../results/analysis.ts';

/** What became of one analysis. */
export interface Section {
  readonly analysis: Pick<Analysis, 'name' | 'title' | 'question' | 'citations'>;
  readonly outcome:
    | { readonly state: 'measured'; readonly finding: Finding; readonly measured: unknown; readonly seconds: number }
    | { readonly state: 'does not apply'; readonly reason: string }
    | { readonly state: 'failed'; readonly reason: string };
}

/** Warnings of all sections. */
export function warningsOf(sections: readonly Section[]): string[] {
  return sections.flatMap(({ outcome }) => (outcome.state === 'measured' ? (outcome.finding.warnings ?? []) : []));
}
