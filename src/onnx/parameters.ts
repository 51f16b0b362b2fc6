/** @file Which initializers of a file are parameters of the model: what training changes. */
import { isFloat } from '../array/dtype.ts';
import { UserError } from '../array/errors.ts';
import type { Model, ModelGraph } from './parse.ts';

/** Inputs that set how an operator works, or hold statistics; by position. */
const settings: Readonly<Record<string, readonly number[]>> = {
  BatchNormalization: [3, 4],
  Clip: [1, 2],
  Dropout: [1, 2],
  OneHot: [2],
  Pad: [2],
  Pow: [1],
  Resize: [1, 2],
  Upsample: [1],
};

/** Operators whose result is their first input as it is. */
const copies: ReadonlySet<string> = new Set(['Identity', 'Cast', 'CastLike']);

/** Entry of a file's metadata with the names of its parameters, a JSON list, as `exportOnnx` writes it. */
export const parametersKey = 'deeptheory.parameters';

/**
 * Names of the initializers that are parameters. Files say so if they were written here. Of others: float initializers
 * with at least one axis (exporters store the numbers of formulas as scalars), unless they are only read as settings or
 * as the running statistics of batch normalization.
 */
export function parameterNames({ graph, metadata }: Model): string[] {
  const names = [...graph.initializers.keys()];
  const listed = listedNames(metadata.get(parametersKey));
  if (listed !== undefined) return names.filter((name) => listed.has(name));
  const trained = new Set(graph.outputs.map(({ name }) => name));
  collectUses(graph, trained);
  return names.filter((name) => {
    const { dtype, ndim, size } = graph.initializers.get(name)!;
    return isFloat(dtype) && ndim > 0 && size > 0 && trained.has(name);
  });
}

function listedNames(text: string | undefined): ReadonlySet<unknown> | undefined {
  if (text === undefined) return undefined;
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list)) return new Set(list);
  } catch {}
  throw new UserError(`importOnnx: the metadata entry ${parametersKey} is no list of names`);
}

/** Adds the names whose values enter the computation, from the last node to the first. */
function collectUses(graph: ModelGraph, trained: Set<string>): void {
  for (const { type, inputs, outputs, attributes } of [...graph.nodes].reverse()) {
    for (const inner of attributes.graphs) {
      for (const { name } of inner.outputs) trained.add(name);
      collectUses(inner, trained);
    }
    inputs.forEach((name, position) => {
      if (settings[type]?.includes(position)) return;
      if (copies.has(type) && !trained.has(outputs[0])) return;
      trained.add(name);
    });
  }
}
