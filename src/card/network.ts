/** An ONNX file and data as a finished network: which values are its outputs, its loss, its layers, what it costs. */
import { UserError } from '../array/errors.ts';
import { topological } from '../array/graph.ts';
import { namedLeaves } from '../array/named-tree.ts';
import { input, type NDArray } from '../array/ndarray.ts';
import { sizeOf } from '../array/shape.ts';
import { treeLeaves } from '../array/tree.ts';
import { batches, takeRows } from '../data/index.ts';
import { didYouMean } from '../lab/suggest.ts';
import { binaryCrossEntropy, crossEntropy, meanSquaredError } from '../nn/index.ts';
import * as np from '../numpy/index.ts';
import type { ModelNode, OnnxModel } from '../onnx/index.ts';
import type { ContractParams } from '../primitives/contract.ts';
import type { FinishedNetwork, Loss, NetworkLayer, Sample } from '../results/analysis.ts';
import { jit } from '../runtime/index.ts';
import type { RawData } from './data.ts';
import { exampleShape, modelInputs, type Preprocessing } from './inputs.ts';

export interface NetworkRequest {
  readonly name: string;
  /** Value of the graph with the outputs; default the only output. */
  readonly output?: string;
  readonly loss?: Loss['name'];
  /** Examples to judge by; default at most 2000. */
  readonly samples?: number;
  readonly batch: number;
  readonly seed: number;
  readonly preprocessing: Preprocessing;
}

const usualSamples = 2000;

/** The model of a file, or with values within its graph as outputs. */
export type OpenModel = (outputs?: readonly string[]) => OnnxModel;

/**
 * @param open reads the ONNX file
 * @param onBatch told how many examples the model has been applied to, of how many
 * @throws UserError when the file is no model, the data does not fit it, or its outputs are not finite
 */
export async function openNetwork(
  open: OpenModel,
  data: RawData,
  request: NetworkRequest,
  onBatch: (done: number, total: number) => void = () => {},
): Promise<FinishedNetwork> {
  const file = open();
  const declared = exampleShape(onlyInput(file));
  const n = Math.min(data.n, request.samples ?? usualSamples);
  const rows = n < data.n ? [...batches(data.n, n, request.seed, 0)][0] : Int32Array.from({ length: n }, (_, i) => i);
  // In random order, also where all are taken: analyses that see only the first ones must not see one class.
  const order = n < data.n ? rows : [...batches(n, n, request.seed, 0)][0];
  const inputs = modelInputs(data, order, declared, request.preprocessing);

  const end = endOf(file, request.output);
  const K = outputsPerExample(open, file, end.name, inputs.shape);
  const loss = lossFor(data, K, end, request.loss);
  const raw = loss?.name !== 'squared-error' && loss !== undefined && end.before !== undefined;
  const view = viewOf(open, file, raw ? end.before! : end.name);
  const sample = sampleOf(data, order, inputs, K, loss, n);
  const { model } = view;
  const { work, elements } = workOf(file, model, inputs.shape);
  const compiled = jit(model);
  const sampleOutputs = new Float32Array(n * K);
  const width = sizeOf(inputs.shape);
  for (let at = 0; at < n; at += request.batch) {
    const count = Math.min(request.batch, n - at);
    const values = inputs.values.subarray(at * width, (at + count) * width);
    const x = np.array(values, { shape: [count, ...inputs.shape] });
    sampleOutputs.set((await compiled(file.params, x).data()) as Float32Array, at * K);
    onBatch(at + count, n);
  }
  checkFinite(sampleOutputs, K);
  // A softmax that the file spells out in other operators.
  const isProbability = loss?.name === 'cross-entropy' && !raw && areProbabilities(sampleOutputs, K);
  if (isProbability) sampleOutputs.set(sampleOutputs.map((p) => Math.log(Math.max(p, least))));
  const logits: typeof model = isProbability ? (params, x) => np.log(np.maximum(model(params, x), least)) : model;
  return {
    name: request.name,
    params: file.params,
    size: treeLeaves(file.params).reduce((sum, { size }) => sum + size, 0),
    outputs: K,
    model: logits,
    outputsAre: raw
      ? `the input of the ${end.type} at the end (logits)`
      : isProbability
        ? `the logarithm of the output "${end.name}", which gives probabilities`
        : `the output "${end.name}"`,
    layers: layersOf(file),
    values: (names) => {
      const inner = open(names);
      return (params, x) => inner.apply(params, { [file.inputs[0].name]: x });
    },
    work,
    elements,
    sample: { ...sample, inputs: inputs.values, shape: inputs.shape },
    sampleOutputs,
    ...(loss === undefined ? {} : { loss }),
    batch: request.batch,
    insists: request.samples !== undefined,
  };
}

function onlyInput({ inputs, params }: OnnxModel) {
  if (inputs.length !== 1) {
    const names = inputs.map(({ name }) => `"${name}"`).join(', ');
    throw new UserError(`the model has ${inputs.length} inputs (${names}); a theory card needs a model with one`);
  }
  const leaves = treeLeaves(params);
  if (leaves.length === 0)
    throw new UserError('the model has no parameters (float initializers), so nothing was learned');
  const dtypes = [...new Set(leaves.map(({ dtype }) => dtype))];
  if (dtypes.length > 1) throw new UserError(`the parameters of the model are of several types (${dtypes.join(', ')})`);
  return inputs[0];
}

interface End {
  /** The value that is the model's output. */
  readonly name: string;
  /** Softmax or Sigmoid that gives it, and what goes into that. */
  readonly type?: string;
  readonly before?: string;
}

/** Operators that leave the numbers as they are. */
const copies = new Set(['Identity', 'Cast', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Dropout']);

function endOf({ outputs, nodes }: OnnxModel, wanted: string | undefined): End {
  const names = outputs.map(({ name }) => name);
  const inner = nodes.flatMap((node) => node.outputs);
  if (wanted !== undefined && !inner.includes(wanted)) {
    throw new UserError(
      `--output ${wanted}: the model computes no such value${didYouMean(wanted, inner)}; its outputs are ${names.join(', ')}`,
    );
  }
  if (wanted === undefined && names.length > 1) {
    throw new UserError(
      `the model has ${names.length} outputs (${names.join(', ')}); say which are the logits: --output NAME`,
    );
  }
  const name = wanted ?? names[0];
  const by = new Map<string, ModelNode>(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  let node = by.get(name);
  while (node !== undefined && copies.has(node.type)) node = by.get(node.inputs[0]);
  if (node?.type === 'Softmax' || node?.type === 'Sigmoid') return { name, type: node.type, before: node.inputs[0] };
  return { name };
}

/** A value of the graph as [batch, outputs]. */
function viewOf(open: OpenModel, file: OnnxModel, name: string): { readonly model: FinishedNetwork['model'] } {
  const { apply, inputs } = file.outputs.length === 1 && file.outputs[0].name === name ? file : open([name]);
  return {
    model: (params, x) => {
      const y = apply(params, { [inputs[0].name]: x })[name];
      return y.ndim === 2 ? y : np.reshape(y, [x.shape[0], y.size / x.shape[0]]);
    },
  };
}

function outputsPerExample(open: OpenModel, file: OnnxModel, name: string, shape: readonly number[]): number {
  // Two examples, so that a size of 1 is not taken for the batch.
  const x = input(np.zeros([2, ...shape]));
  const y = (file.outputs.some((output) => output.name === name) ? file : open([name])).apply(file.params, {
    [file.inputs[0].name]: x,
  })[name];
  if (y.ndim < 1 || y.shape[0] !== 2) {
    throw new UserError(
      `the output "${name}" has shape [${y.shape.join(', ')}] for two examples; its first axis must be the batch`,
    );
  }
  return y.size / 2;
}

function lossFor(data: RawData, K: number, { type }: End, wanted: Loss['name'] | undefined): Loss | undefined {
  const { labels, targets, classNames, targetSize } = data;
  if (labels === undefined && targets === undefined) {
    if (wanted !== undefined) throw new UserError(`--loss ${wanted} needs labels or targets; ${data.name} has none`);
    return undefined;
  }
  if (labels === undefined) {
    if (wanted !== undefined && wanted !== 'squared-error') {
      throw new UserError(`--loss ${wanted} needs classes; the targets of ${data.name} are numbers`);
    }
    if (targetSize !== K)
      throw new UserError(`${data.name} has ${targetSize} targets per example, the model ${K} outputs`);
    return squaredError('the targets are numbers');
  }
  const classes = classNames?.length ?? labels.reduce((most, label) => Math.max(most, label), 0) + 1;
  const isBinary = K === 1 && classes === 2;
  // Without names a class may be missing in the data.
  const fits = classNames === undefined ? classes <= K : classes === K;
  const asNumber = K === 1 && wanted === 'squared-error';
  if (!fits && !isBinary && !asNumber) {
    throw new UserError(
      `${data.name} has ${classes} classes, the model ${K} ${K === 1 ? 'output' : 'outputs'}; is it the data it was trained on? (--output NAME picks another value of the model)`,
    );
  }
  const name = wanted ?? (isBinary ? 'binary-cross-entropy' : 'cross-entropy');
  const reason =
    wanted === undefined ? `the data has classes and the model ${K} ${K === 1 ? 'output' : 'outputs'}` : 'as asked for';
  if (name === 'squared-error') return squaredError(reason);
  if (name === 'binary-cross-entropy') {
    if (K !== 1) throw new UserError(`--loss binary-cross-entropy needs one output, the model has ${K}`);
    const from = type === 'Sigmoid' ? 'the input of its sigmoid' : 'its output';
    return {
      name,
      reason,
      formula: `mean over examples of log(1 + e^-z) for class 1 and log(1 + e^z) for class 0, z ${from}`,
      of: binaryCrossEntropy,
    };
  }
  if (K === 1) throw new UserError('--loss cross-entropy needs at least two outputs, the model has 1');
  return { name, reason, formula: 'mean over examples of −log softmax(outputs)[class]', of: crossEntropy };
}

const squaredError = (reason: string): Loss => ({
  name: 'squared-error',
  reason,
  formula: 'mean over examples and outputs of (output − target)²',
  of: meanSquaredError,
});

function sampleOf(
  data: RawData,
  rows: Int32Array,
  { remarks }: { readonly remarks: readonly string[] },
  K: number,
  loss: Loss | undefined,
  n: number,
): Omit<Sample, 'inputs' | 'shape'> {
  const { labels: all, targets, classNames } = data;
  const labels = all === undefined ? undefined : takeRows(all, 1, rows);
  const some = n < data.n ? `${n} of ${data.n} examples, drawn at random` : `all ${n} examples`;
  const base = { name: data.name, selection: [`${some}.`, ...remarks].join(' '), n, rows };
  if (labels === undefined) return targets === undefined ? base : { ...base, targets: takeRows(targets, K, rows) };
  const names = classNames ?? Array.from({ length: Math.max(K, 2) }, (_, i) => `class ${i}`);
  const classes = { ...base, labels, classNames: names };
  if (loss?.name === 'cross-entropy') return classes;
  const numbers = new Float32Array(n * K);
  labels.forEach((label, i) => {
    if (K === 1) numbers[i] = label;
    else numbers[i * K + label] = 1;
  });
  return { ...classes, targets: numbers };
}

/** Probabilities below this are taken for it, so that their logarithm exists. */
const least = 1e-30;

function areProbabilities(outputs: Float32Array, K: number): boolean {
  for (let at = 0; at < outputs.length; at += K) {
    let sum = 0;
    for (let k = at; k < at + K; k++) {
      if (outputs[k] < 0) return false;
      sum += outputs[k];
    }
    if (Math.abs(sum - 1) > 1e-3) return false;
  }
  return true;
}

function checkFinite(outputs: Float32Array, K: number): void {
  const at = outputs.findIndex((v) => !Number.isFinite(v));
  if (at < 0) return;
  const wrong = new Set<number>();
  outputs.forEach((v, i) => {
    if (!Number.isFinite(v)) wrong.add(Math.floor(i / K));
  });
  throw new UserError(
    `the outputs of the model are not finite: ${outputs[at]} for example ${Math.floor(at / K)}, and ${wrong.size} of ${outputs.length / K} examples in all; did its training diverge, or is the preprocessing wrong (--scale, --mean, --std)?`,
  );
}

/** Multiplications of products and convolutions for one example, and how many numbers are made on the way. */
function workOf(
  { params }: OnnxModel,
  model: FinishedNetwork['model'],
  shape: readonly number[],
): { work: number; elements: number } {
  const y = model(params, input(np.zeros([1, ...shape])));
  let [total, elements] = [0, 0];
  for (const { primitive, operands, params: settings, outputs } of topological([y])) {
    if (operands.length > 0) elements += outputs.reduce((sum, { size }) => sum + size, 0);
    if (primitive.name === 'contract') {
      const { a, b } = settings as ContractParams;
      const sizes = new Map<string, number>();
      [...a].forEach((letter, i) => void sizes.set(letter, operands[0].shape[i]));
      [...b].forEach((letter, i) => void sizes.set(letter, operands[1].shape[i]));
      total += [...sizes.values()].reduce((product, size) => product * size, 1);
    } else if (primitive.name === 'convolution') {
      const [, kernel] = operands;
      total += (outputs[0].size * kernel.size) / kernel.shape[0];
    }
  }
  return { work: total, elements };
}

/** What may stand between a product and its activation. */
const between = new Set(['Add', 'BatchNormalization', 'Identity', 'Dropout', 'Reshape', 'Flatten', 'Squeeze']);

const activations = new Set([
  ...['Relu', 'LeakyRelu', 'PRelu', 'ThresholdedRelu', 'Elu', 'Selu', 'Celu', 'Gelu', 'Mish', 'Erf', 'Clip'],
  ...['Sigmoid', 'HardSigmoid', 'HardSwish', 'Tanh', 'Softplus', 'Softsign', 'Softmax', 'Sign'],
]);

function layersOf({ nodes, params }: OnnxModel): NetworkLayer[] {
  const leaves = namedLeaves(params, 'params');
  const readers = new Map<string, ModelNode[]>();
  for (const node of nodes) for (const name of node.inputs) readers.set(name, [...(readers.get(name) ?? []), node]);
  return nodes.flatMap((node): NetworkLayer[] => {
    const found = layerAt(node, leaves);
    if (found === undefined) return [];
    let [output] = node.outputs;
    let bias = found.bias;
    for (;;) {
      const [next, ...others] = readers.get(output) ?? [];
      if (next === undefined || others.length > 0) break;
      if (activations.has(next.type)) {
        return [{ ...found, bias, followedBy: next.type, activated: next.outputs[0] }];
      }
      if (!between.has(next.type)) break;
      if (next.type === 'Add') {
        const other = leaves.get(next.inputs.find((name) => name !== output) ?? '');
        // Of something computed: a residual connection ends the layer.
        if (other === undefined) break;
        bias ??= other;
      }
      [output] = next.outputs;
    }
    return [{ ...found, bias }];
  });
}

function layerAt(
  { type, inputs, outputs, attributes }: ModelNode,
  leaves: ReadonlyMap<string, NDArray>,
): NetworkLayer | undefined {
  const place = ['Gemm', 'Conv'].includes(type)
    ? 1
    : type === 'MatMul'
      ? inputs.findIndex((name) => leaves.has(name))
      : -1;
  const weight = leaves.get(inputs[place] ?? '');
  if (weight === undefined) return undefined;
  const common = { name: inputs[place], input: inputs[1 - place], output: outputs[0] };
  const bias = leaves.get(inputs[2] ?? '');
  if (type === 'Conv') return { ...common, kind: 'convolution', weight, ...(bias ? { bias } : {}) };
  if (weight.ndim !== 2) return undefined;
  const isStored = type === 'Gemm' ? attributes.int('transB', 0) === 1 : place === 0;
  return { ...common, kind: 'dense', weight: isStored ? weight : np.transpose(weight), ...(bias ? { bias } : {}) };
}
