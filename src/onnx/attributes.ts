/** @file The attributes of a node, read by name and kind. */
import { type AttributeProto, AttributeProto_AttributeType, type GraphProto } from 'onnx-buf';
import { saturate, toInt32 } from '../array/elements.ts';
import { UserError } from '../array/errors.ts';
import type { NDArray } from '../array/ndarray.ts';
import type { ModelGraph } from './parse.ts';
import { arrayOfTensor, type ExternalData } from './tensor.ts';

const kind = AttributeProto_AttributeType;
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** What is asked for without a default must be there. */
export class Attributes {
  readonly #found = new Map<string, AttributeProto>();
  readonly #external: ExternalData | undefined;
  readonly #graphs = new Map<string, ModelGraph>();

  constructor(
    attributes: readonly AttributeProto[],
    external: ExternalData | undefined,
    parse: (graph: GraphProto) => ModelGraph,
  ) {
    this.#external = external;
    for (const attribute of attributes) {
      this.#found.set(attribute.name, attribute);
      if (attribute.g !== undefined) this.#graphs.set(attribute.name, parse(attribute.g));
    }
  }

  has(name: string): boolean {
    return this.#found.has(name);
  }

  int(name: string, fallback?: number): number {
    return this.#read(name, kind.INT, fallback, ({ i }) => toInt32(i, saturate));
  }

  float(name: string, fallback?: number): number {
    return this.#read(name, kind.FLOAT, fallback, ({ f }) => f);
  }

  string(name: string, fallback?: string): string {
    return this.#read(name, kind.STRING, fallback, ({ s }) => text(s));
  }

  ints(name: string, fallback?: readonly number[]): readonly number[] {
    return this.#read(name, kind.INTS, fallback, ({ ints }) => ints.map((i) => toInt32(i, saturate)));
  }

  floats(name: string, fallback?: readonly number[]): readonly number[] {
    return this.#read(name, kind.FLOATS, fallback, ({ floats }) => floats);
  }

  strings(name: string, fallback?: readonly string[]): readonly string[] {
    return this.#read(name, kind.STRINGS, fallback, ({ strings }) => strings.map(text));
  }

  tensor(name: string): NDArray {
    return this.#read(name, kind.TENSOR, undefined, ({ t }) => {
      if (t === undefined) throw new UserError(`the attribute ${name} holds no tensor`);
      return arrayOfTensor(t, `the attribute ${name}`, this.#external);
    });
  }

  graph(name: string): ModelGraph {
    const graph = this.#graphs.get(name);
    if (graph === undefined) throw new UserError(`needs the attribute ${name}, a graph`);
    return graph;
  }

  get graphs(): Iterable<ModelGraph> {
    return this.#graphs.values();
  }

  #read<T>(
    name: string,
    wanted: AttributeProto_AttributeType,
    fallback: T | undefined,
    value: (attribute: AttributeProto) => T,
  ): T {
    const attribute = this.#found.get(name);
    if (attribute === undefined) {
      if (fallback === undefined) throw new UserError(`needs the attribute ${name}, which is missing`);
      return fallback;
    }
    // Files of the first versions leave the kind out.
    if (attribute.type !== wanted && attribute.type !== kind.UNDEFINED) {
      throw new UserError(
        `the attribute ${name} should be ${kind[wanted]}, found ${kind[attribute.type] ?? attribute.type}`,
      );
    }
    return value(attribute);
  }
}
