/** @file What an operator sees of the node it computes. */
import type { DType } from '../array/dtype.ts';
import { UserError } from '../array/errors.ts';
import { evaluate } from '../array/graph.ts';
import { knownValue, type NDArray } from '../array/ndarray.ts';
import { normalizeAxis, shapeText } from '../array/shape.ts';
import type { Attributes } from './attributes.ts';
import type { ModelGraph } from './parse.ts';

/** Computes the outputs of a node, all or the first ones. */
export type Operator = (call: Call) => NDArray | readonly NDArray[];

/** Most elements of an array whose values shapes, axes and positions are made of. */
const longest = 2 ** 20;

/** What holds for all nodes of a model. */
export interface Setting {
  readonly opset: number;
  /** What 32-bit floats of the file are computed in: float64 where the user gave float64 arrays. */
  readonly float: DType;
  /** Computes a graph inside of a node from the arrays its inputs stand for. */
  run(graph: ModelGraph, inputs: readonly NDArray[]): NDArray[];
}

export class Call {
  readonly attributes: Attributes;
  readonly setting: Setting;
  /** How many outputs the node names, the omitted ones in between included. */
  readonly outputs: number;
  readonly #inputs: readonly (NDArray | undefined)[];

  constructor(inputs: readonly (NDArray | undefined)[], attributes: Attributes, outputs: number, setting: Setting) {
    this.#inputs = inputs;
    this.attributes = attributes;
    this.outputs = outputs;
    this.setting = setting;
  }

  get opset(): number {
    return this.setting.opset;
  }

  /** How many inputs the node names, the omitted ones in between included. */
  get count(): number {
    return this.#inputs.length;
  }

  /** All inputs, none omitted, at least one. */
  get inputs(): readonly NDArray[] {
    return Array.from({ length: Math.max(1, this.#inputs.length) }, (_, i) => this.input(i));
  }

  input(position: number): NDArray {
    const x = this.#inputs[position];
    if (x === undefined) throw new UserError(`needs an input at position ${position}, which is missing`);
    return x;
  }

  optional(position: number): NDArray | undefined {
    return this.#inputs[position];
  }

  /** The numbers of an input that sets shapes, axes or positions: these are fixed when a graph is built. */
  numbers(position: number): readonly number[] {
    return knownNumbers(this.input(position), `input ${position}`);
  }

  /** A list that newer operator sets give as an input and older ones as an attribute; undefined if it is absent. */
  list(name: string, position: number): readonly number[] | undefined {
    if (this.optional(position) !== undefined) return this.numbers(position);
    return this.attributes.has(name) ? this.attributes.ints(name) : undefined;
  }

  /** The attribute `axis` as a non-negative axis of `x`. */
  axis(x: NDArray, fallback?: number): number {
    return normalizeAxis('axis', this.attributes.int('axis', fallback), x.ndim);
  }
}

/** Elements of an array whose values do not depend on the model's inputs. */
export function knownNumbers(x: NDArray, what: string): readonly number[] {
  if (x.node.traced) {
    throw new UserError(
      `${what} (${x}) depends on the values of the model's inputs or parameters, but shapes, axes and positions must be fixed when the graph is built`,
    );
  }
  if (x.size > longest) throw new UserError(`${what} has ${x.size} elements (shape ${shapeText(x.shape)}), too many`);
  const value = knownValue(x);
  return Array.from(value?.data ?? evaluate([x])[0].data);
}

/** Whether the values of an array are fixed when the graph is built. */
export const isKnown = (x: NDArray): boolean =>
  !x.node.traced && (knownValue(x)?.data !== undefined || x.size <= longest);
