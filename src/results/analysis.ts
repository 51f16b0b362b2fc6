/**
 * What a result says about a finished network: an analysis measures, and describes what it measured. `deeptheory analyze`
 * runs every analysis that applies and puts what they say on one page, the theory card.
 */
import { constant, type NDArray } from '../array/ndarray.ts';
import { sizeOf } from '../array/shape.ts';
import type { Tree } from '../array/tree.ts';
import { takeRows } from '../data/index.ts';
import * as np from '../numpy/index.ts';
import * as random from '../random/index.ts';
import type { Citation, Figure } from './contract.ts';
import { countText } from './words.ts';

/** A product with a weight matrix or kernel that is a parameter. */
export interface NetworkLayer {
  /** Name of the weight in the file, which is its path in the parameters joined by dots. */
  readonly name: string;
  readonly kind: 'dense' | 'convolution';
  /** Dense: [outputs, inputs], whichever way the file stores it. Convolution: [outputs, inputs / groups, height, width]. */
  readonly weight: NDArray;
  readonly bias?: NDArray;
  /** Names of what goes in and of what comes out, before the bias where that is added apart. */
  readonly input: string;
  readonly output: string;
  /** The operator that is applied to what comes out (after bias, normalization, dropout), e.g. "Relu"; none at the end. */
  readonly followedBy?: string;
  /** What it gives. */
  readonly activated?: string;
}

/** The examples that the analyses see, as the model takes them. */
export interface Sample {
  /** Name of the data set, or path. */
  readonly name: string;
  /** Which examples they are, e.g. "2000 of 10,000 test images, drawn at random". */
  readonly selection: string;
  readonly n: number;
  /** Places of the examples in the data. */
  readonly rows: Int32Array;
  /** n x shape. */
  readonly inputs: Float32Array;
  readonly shape: readonly number[];
  /** Class of each example. */
  readonly labels?: Int32Array;
  readonly classNames?: readonly string[];
  /** n x outputs: what the outputs should be. Of classes with the squared error the one-hot vectors. */
  readonly targets?: Float32Array;
}

export interface Loss {
  readonly name: 'cross-entropy' | 'squared-error' | 'binary-cross-entropy';
  /** In words, with what is averaged over what. */
  readonly formula: string;
  /** Why this one. */
  readonly reason: string;
  /** Mean over a batch, from outputs [batch, outputs] and targets: int32 labels [batch], or floats [batch, outputs]. */
  readonly of: (outputs: NDArray, targets: NDArray) => NDArray;
}

/** A finished network as functions of its parameters, with data and loss. */
export interface FinishedNetwork {
  /** Name of the file. */
  readonly name: string;
  readonly params: Tree;
  /** Number of parameters. */
  readonly size: number;
  /** Numbers that the network gives for one example. */
  readonly outputs: number;
  /** [batch, …] to [batch, outputs]: logits where the loss takes logits. */
  readonly model: (params: Tree, inputs: NDArray) => NDArray;
  /** What `model` took from the file, e.g. "the input of the softmax at the end". */
  readonly outputsAre: string;
  /** In the order of computation. */
  readonly layers: readonly NetworkLayer[];
  /** Values within the network for a batch of inputs, by their names in the file. */
  readonly values: (names: readonly string[]) => (params: Tree, inputs: NDArray) => Record<string, NDArray>;
  /** Multiplications of products and convolutions for one example. */
  readonly work: number;
  /** Numbers that an evaluation makes on its way for one example. */
  readonly elements: number;
  readonly sample: Sample;
  /** What the model gives for it, n x outputs. */
  readonly sampleOutputs: Float32Array;
  /** None without labels or targets. */
  readonly loss?: Loss;
  /** Examples evaluated together. */
  readonly batch: number;
  /** The user asked for this many examples: none are left out to save time. */
  readonly insists: boolean;
}

/** A number with what is known of its uncertainty. */
export interface CardNumber {
  readonly quantity: string;
  /** Null where it could not be had. */
  readonly value: number | null;
  readonly interval?: readonly [number, number];
  /** What the interval is, e.g. "95 %, over 16 probes"; or what the number means. */
  readonly note?: string;
}

/** What an analysis found, for a reader who does not know the theory. */
export interface Finding {
  /** One sentence for the head of the page. */
  readonly headline: string;
  readonly numbers: readonly CardNumber[];
  readonly figures: readonly Figure[];
  /** What the numbers mean, computed from them. */
  readonly reading: readonly string[];
  /** What the reader must not overlook, e.g. that the accuracy is near chance. */
  readonly warnings?: readonly string[];
  /** What was not possible, or only in part, and why. */
  readonly limits: readonly string[];
}

export interface AnalysisContext {
  /** Of `random`, this analysis' own. */
  readonly key: NDArray;
  readonly seed: number;
  readonly progress: (done: number, total: number) => void;
}

export interface Analysis<M = unknown> {
  /** kebab-case. */
  readonly name: string;
  readonly title: string;
  /** What it tells, in a sentence. */
  readonly question: string;
  readonly citations: readonly Citation[];
  /** Why it does not apply to this network; undefined where it does. */
  obstacle(network: FinishedNetwork): string | undefined;
  /** Plain data: numbers, strings, arrays, typed arrays, plain objects. */
  measure(network: FinishedNetwork, context: AnalysisContext): Promise<M>;
  /** A pure function of the measurements. */
  describe(measured: M): Finding;
}

/** Why curvature cannot be had; undefined where it can. */
export function withoutLoss({ loss }: FinishedNetwork): string | undefined {
  return loss === undefined ? 'the data has no labels or targets, so there is no loss' : undefined;
}

/** Examples together with what they should give. A tree; `share` is the batch's part of all examples. */
export type Batch = { readonly inputs: NDArray; readonly targets: NDArray; readonly share: NDArray };

/** Inputs of some examples, [rows, …shape]. */
export function inputsOf({ inputs, shape }: Sample, rows: ArrayLike<number>): NDArray {
  return constant(takeRows(inputs, sizeOf(shape), rows), [rows.length, ...shape]);
}

/** Targets of some examples, as the loss takes them. */
export function targetsOf({ loss, sample, outputs }: FinishedNetwork, rows: ArrayLike<number>): NDArray {
  if (loss?.name === 'cross-entropy') return constant(takeRows(sample.labels!, 1, rows), [rows.length]);
  return constant(takeRows(sample.targets!, outputs, rows), [rows.length, outputs]);
}

/** The first `n` examples of the sample in batches; their shares add up to one. */
export function batchesOf(network: FinishedNetwork, n: number, size = network.batch): Batch[] {
  return Array.from({ length: Math.ceil(n / size) }, (_, b) => {
    const rows = Int32Array.from({ length: Math.min(size, n - b * size) }, (_, i) => b * size + i);
    return {
      inputs: inputsOf(network.sample, rows),
      targets: targetsOf(network, rows),
      share: np.array(rows.length / n, { dtype: 'float32' }),
    };
  });
}

/** The loss over all examples as a sum over batches, for `hessianOperator`. */
export function lossOnBatch({ model, loss }: FinishedNetwork): (params: Tree, batch: Batch) => NDArray {
  return (params, batch) => lossOfOutputs(loss!)(model(params, batch.inputs), batch);
}

/** The same as a function of the outputs, for `gaussNewtonOperator`. */
export function lossOfOutputs(loss: Loss): (outputs: NDArray, batch: Batch) => NDArray {
  return (outputs, { targets, share }) => np.multiply(share, loss.of(outputs, targets));
}

/**
 * How many examples an analysis can see within a budget of multiplications, and in words why not more.
 *
 * @param passes evaluations of the network per example that the analysis makes
 * @param fewest what it needs to say anything
 */
export function affordable(
  { work, elements, sample, insists }: FinishedNetwork,
  passes: number,
  fewest: number,
): { readonly n: number; readonly limits: readonly string[] } {
  const most = Math.max(fewest, Math.floor(budget / (passes * (1 + work + perElement * elements)) / 10) * 10);
  const n = insists ? sample.n : Math.min(sample.n, most);
  if (n === sample.n) return { n, limits: [] };
  return {
    n,
    limits: [
      `On the first ${n} examples of the sample instead of all ${sample.n}, to save time: one example costs ${countText(work)} multiplications. Give --samples N to use N.`,
    ],
  };
}

/**
 * Examples whose own gradients fit into memory together: of convolutions they are computed from all windows.
 *
 * @param gradients of each example
 */
export function examplesTogether({ size, elements }: FinishedNetwork, gradients: number, most: number): number {
  return Math.max(1, Math.min(most, Math.floor(mostNumbers / (gradients * (size + 10 * elements)))));
}

/** About 400 MB. */
const mostNumbers = 1e8;
/** What reading and writing a number costs, in multiplications of a product. */
const perElement = 25;
/** Multiplications: a minute or two on two cores. */
const budget = 2e12;

/** A key of an analysis' own. */
export function keyOf(seed: number, name: string): NDArray {
  let hash = 0;
  for (const letter of name) hash = (hash * 31 + letter.charCodeAt(0)) >>> 0;
  return random.foldIn(random.key(seed), hash);
}
