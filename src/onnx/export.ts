/** @file Functions of arrays as ONNX files. */
import { UserError } from '../array/errors.ts';
import { namedLeaves } from '../array/named-tree.ts';
import { input, type NDArray, sharingNodes } from '../array/ndarray.ts';
import { flatten, type Tree, unflatten } from '../array/tree.ts';
import { prepare } from '../transforms/prepare.ts';
import { lowerGraph } from './lower.ts';
import { encodeModel, type FileAttribute, type OnnxGraph, type OnnxTensor, opset, rawBytes } from './model.ts';
import { parametersKey } from './parameters.ts';

/**
 * A function as an ONNX file (operator set 21) that any ONNX runtime loads. Shapes are those of the given arrays, batch
 * included: they are static in this language. Parameters are initializers of the file, named by their paths
 * (`layers.0.weight`); constants of the function are initializers, too.
 *
 * Inputs that are trees of arrays are named by their paths, a plain array is called `input` (`input0`, `input1`, … of
 * several); outputs likewise, a plain array is called `output`. `importOnnx` gives the same function and parameters.
 *
 * @param f takes the parameters and inputs; must not depend on anything else that changes
 * @param params a tree of arrays
 * @param inputs arrays, or trees of them, whose shapes and dtypes the inputs of the file have
 * @throws UserError if two inputs, outputs or parameters have one name
 */
export async function exportOnnx<P extends Tree, A extends readonly Tree[]>(
  f: (params: P, ...inputs: A) => Tree,
  params: P,
  ...inputs: A
): Promise<Uint8Array> {
  const parameters = [...namedLeaves(params, 'params')];
  const fed = inputs.flatMap((tree, i) => [...namedLeaves(tree, inputs.length === 1 ? 'input' : `input${i}`)]);
  const given = [...parameters, ...fed];
  const unknowns = given.map(([, x]) => input(x));
  const { structure } = flatten([params, ...inputs], 'the arguments');
  const results = sharingNodes(() => {
    const [p, ...xs] = unflatten(structure, unknowns) as unknown as [P, ...A];
    return namedLeaves(f(p, ...xs), 'output');
  });
  const outputs = [...results.values()];
  const lowered = lowerGraph(unknowns, prepare(outputs));

  const names = [...given.map(([name]) => name), ...results.keys()];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new UserError(
      `exportOnnx: ${JSON.stringify(twice)} names two of the parameters, inputs and outputs; give one another key`,
    );
  }
  const graph = renamed(
    lowered.graph,
    renaming([...lowered.inputNames.slice(0, given.length), ...lowered.outputNames], names),
  );
  const count = parameters.length;
  const stored = [...parameters.map(([, x]) => x), ...lowered.constants];
  const values = [...graph.inputs.slice(0, count), ...graph.inputs.slice(given.length)];
  const initializers = await Promise.all(values.map(({ name }, i) => tensorOf(name, stored[i])));
  return encodeModel(
    {
      ...graph,
      initializers: [...initializers, ...graph.initializers],
      inputs: graph.inputs.slice(count, given.length),
    },
    opset,
    { [parametersKey]: JSON.stringify(parameters.map(([name]) => name)) },
  );
}

async function tensorOf(name: string, x: NDArray): Promise<OnnxTensor> {
  return { name, dtype: x.dtype, shape: x.shape, bytes: rawBytes(await x.data(), x.dtype) };
}

/** What to call each name of the lowered graph: the wanted ones as wanted, others as they are unless that is taken. */
function renaming(from: readonly string[], to: readonly string[]): (name: string) => string {
  const wanted = new Map(from.map((name, i) => [name, to[i]]));
  const taken = new Set(to);
  return (name) => {
    const known = wanted.get(name);
    if (known !== undefined || name === '') return known ?? name;
    let free = name;
    while (taken.has(free)) free += '_';
    taken.add(free);
    wanted.set(name, free);
    return free;
  };
}

function renamed(graph: OnnxGraph, name: (name: string) => string): OnnxGraph {
  const attribute = (value: FileAttribute): FileAttribute =>
    typeof value === 'object' && 'nodes' in value ? renamed(value, name) : value;
  const ofValue = <V extends { readonly name: string }>(value: V): V => ({ ...value, name: name(value.name) });
  return {
    nodes: graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(name),
      outputs: node.outputs.map(name),
      attributes: Object.fromEntries(Object.entries(node.attributes).map(([key, value]) => [key, attribute(value)])),
    })),
    initializers: graph.initializers.map(ofValue),
    inputs: graph.inputs.map(ofValue),
    outputs: graph.outputs.map(ofValue),
  };
}
