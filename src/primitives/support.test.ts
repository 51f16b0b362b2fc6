/** @file Measures what docs/primitives.md says, and fails when the page is out of date (`npx vitest run support -u` rewrites it). */
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { DType } from '../array/dtype.ts';
import { topological } from '../array/graph.ts';
import type { Primitive } from '../array/primitive.ts';
import { configure } from '../runtime/index.ts';
import { runtimeAgrees, seed, trialOf } from './forward.fixture.ts';
import { everyType, type OpRecord, primitiveRecords } from './records.fixture.ts';

afterAll(() => configure({ runtime: 'node', threads: 'auto' }));

const runtimes = ['node', 'web'] as const;

/** Whether a runtime gives the reference's values for some cases of an operation. */
async function computes(record: OpRecord, dtype: DType, runtime: 'node' | 'web'): Promise<boolean> {
  configure({ runtime, threads: 1 });
  const cases = fc.sample(record.cases, { seed, numRuns: 4 });
  const trials = cases.map((one, n) => trialOf(record, one, dtype, n));
  return runtimeAgrees(trials, record.tolerance).then(
    () => true,
    () => false,
  );
}

/** The primitives in the graphs of an operation. */
function primitivesOf(record: OpRecord): Map<string, Primitive> {
  const found = new Map<string, Primitive>();
  for (const [n, one] of fc.sample(record.cases, { seed, numRuns: 12 }).entries()) {
    for (const node of topological(trialOf(record, one, record.dtypes[0], n).outputs)) {
      if (node.operands.length > 0) found.set(node.primitive.name, node.primitive);
    }
  }
  return found;
}

const derivatives = { smooth: 'yes', forward: 'yes', zero: 'zero', none: '–' } as const;

async function row(name: string, records: readonly OpRecord[]): Promise<string> {
  const primitives = new Map(records.flatMap((r) => [...primitivesOf(r)]));
  const cells: string[] = [];
  for (const dtype of everyType) {
    const able = records.filter((r) => r.dtypes.includes(dtype));
    const works: string[] = [];
    for (const runtime of runtimes) {
      const results: boolean[] = [];
      for (const record of able) results.push(await computes(record, dtype, runtime));
      if (results.every(Boolean)) works.push(runtime);
    }
    cells.push(able.length === 0 ? '–' : works.length === 0 ? 'none' : works.join(', '));
  }
  const linear = [...primitives.values()].every((p) => p.transpose !== null);
  const names = [...primitives.keys()].sort().join(', ');
  const jvp = linear ? 'yes' : (records.map((r) => derivatives[r.derivative]).find((d) => d !== '–') ?? '–');
  return `| ${[name, names, jvp, linear ? 'yes' : '–', 'yes', ...cells].join(' | ')} |`;
}

const preamble = `# Primitives of the array language

Measured by \`src/primitives/support.test.ts\`, which fails when this page is out of date; \`npx vitest run
src/primitives/support.test.ts -u\` rewrites it. \`node\` is onnxruntime-node on the CPU, \`web\` is onnxruntime-web
(WebAssembly); an entry says that the runtime gave the reference evaluator's values.

- **jvp**: "zero" where the derivative vanishes wherever it exists.
- **transpose**: the operation is linear in some operands and can be run backwards; other operations are differentiated in
  reverse through their jvp.
- **batch**: has a rule for \`vmap\`.
`;

test('docs/primitives.md is what the runtimes do', async () => {
  const groups = new Map<string, OpRecord[]>();
  for (const record of primitiveRecords) {
    const name = record.name.split(' ')[0];
    groups.set(name, [...(groups.get(name) ?? []), record]);
  }
  const header = ['function', 'primitives', 'jvp', 'transpose', 'batch', ...everyType];
  const lines = [`| ${header.join(' | ')} |`, `|${' --- |'.repeat(header.length)}`];
  for (const [name, records] of groups) lines.push(await row(name, records));
  const page = `${preamble}\n${lines.join('\n')}\n`;
  await expect(page).toMatchFileSnapshot('../../docs/primitives.md');
}, 60_000);
