import type { DType, TypedArray } from './dtype.ts';
import type { NDArray } from './ndarray.ts';
import type { Shape } from './shape.ts';

/** Shape and dtype, all that is known of an array before it is computed. */
export interface Aval {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** An array in host memory, as the reference evaluator sees it. */
export interface HostArray extends Aval {
  readonly data: TypedArray;
}

/** A tangent or cotangent; `null` is an exact zero that is never stored. */
export type Tangent = NDArray | null;

/**
 * One operation of the array language with ALL its rules side by side. Every field must be present, so "no rule" is a
 * compile error and a deliberate gap is an explicit `null`.
 */
export interface Primitive<P = unknown> {
  readonly name: string;
  /** Shapes and dtypes of the outputs; throws a ShapeError that names the operation. */
  infer(operands: readonly Aval[], params: P): readonly Aval[];
  /** Reference evaluation, in float64 arithmetic rounded to the output's dtype. Used for folding and in tests. */
  evaluate(operands: readonly HostArray[], params: P, outputs: readonly Aval[]): readonly TypedArray[];
  /** Tangents of the outputs; called only if some operand's tangent is not null. */
  jvp(
    operands: readonly NDArray[],
    tangents: readonly Tangent[],
    params: P,
    outputs: readonly NDArray[],
  ): readonly Tangent[];
  /** For primitives linear in some operands: cotangents of the operands marked linear, given the outputs'. */
  readonly transpose:
    | ((
        cotangents: readonly Tangent[],
        operands: readonly NDArray[],
        linear: readonly boolean[],
        params: P,
      ) => readonly Tangent[])
    | null;
  /** The same operation where the operands marked batched carry an extra axis 0; so must every output. */
  batch(operands: readonly NDArray[], batched: readonly boolean[], params: P, size: number): readonly NDArray[];
  /** ONNX nodes that compute the outputs from the named inputs. */
  lower(context: Lowering, inputs: readonly string[], params: P, node: LoweredNode): readonly string[];
  /** A cheaper equal expression (of each output, where there are several), tried when a node is built. */
  simplify?(operands: readonly NDArray[], params: P): NDArray | readonly NDArray[] | undefined;
  /** What a node that only serves the transformations is made of: `normalize` puts it in the node's place. */
  inline?(operands: readonly NDArray[], params: P): readonly NDArray[];
  /** Whether it is evaluated on constants while the graph is built. Default: if they are small; false: never. */
  readonly folds?: boolean | 'always';
  /** Identity of the parameters for sharing equal nodes; `undefined` forbids sharing. Default: their JSON. */
  key?(params: P): string | undefined;
}

/** Shapes and dtypes around the node that is being lowered. */
export interface LoweredNode {
  readonly operands: readonly Aval[];
  readonly outputs: readonly Aval[];
  /** Which outputs anything reads; the others need no name. */
  readonly used: readonly boolean[];
}

/** ONNX element types that lowering uses; wider than DType because indices and shapes are int64. */
export type OnnxDType = DType | 'int64' | 'uint32';

export type Attribute = number | string | readonly number[] | { readonly float: number };

/** What a lowering rule may do: add nodes and constants to the ONNX graph under construction. */
export interface Lowering {
  /** Channels in a block of the runtime's layout for direct convolution (com.microsoft.nchwc); 1: it has none. */
  readonly channelBlock: number;
  /** Adds a node with one output and returns the output's name. The type is "domain:name" outside of ONNX's own domain. */
  op(type: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>): string;
  /** Adds a node with `count` outputs and returns their names. */
  ops(
    type: string,
    inputs: readonly string[],
    count: number,
    attributes?: Readonly<Record<string, Attribute>>,
  ): readonly string[];
  /** A constant tensor; equal ones are shared. */
  constant(values: readonly number[], shape: Shape, dtype: OnnxDType): string;
  /** `Cast` to an element type. */
  cast(input: string, to: OnnxDType): string;
  /** `Reshape`, or the input itself where the shape is already right. */
  reshape(input: string, from: Shape, to: Shape): string;
  /** Lowers a sub-graph as the body of `Scan`; see transforms/scan.ts. */
  scan(body: ScanBody): readonly string[];
  /** Lowers a sub-graph as the body of `Loop`; see transforms/while.ts. */
  loop(body: LoopBody): readonly string[];
  /** Lowers two sub-graphs as the branches of `If`; see transforms/cond.ts. */
  branch(condition: string, branches: Branches): readonly string[];
}

/** A sub-graph reads the outer values `names` as `inputs`. */
export interface Branches {
  readonly inputs: readonly NDArray[];
  readonly names: readonly string[];
  readonly onTrue: readonly NDArray[];
  readonly onFalse: readonly NDArray[];
}

/** Inputs are constants, then the carry; the first carried value is the predicate that lets another step happen. */
export interface LoopBody {
  readonly inputs: readonly NDArray[];
  readonly outputs: readonly NDArray[];
  readonly constants: readonly string[];
  readonly carry: readonly string[];
}

export interface ScanBody {
  readonly inputs: readonly NDArray[];
  readonly outputs: readonly NDArray[];
  /** Outer names: values that the body reads unchanged, initial states, and arrays consumed along axis 0. */
  readonly constants: readonly string[];
  readonly carry: readonly string[];
  readonly slices: readonly string[];
  readonly length: number;
  readonly reverse: boolean;
}
