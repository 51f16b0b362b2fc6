/** @file Values of graphs by the compiled ONNX model, for comparison with the reference evaluators. */
import { hostData, type NDArray } from '../array/ndarray.ts';
import type { HostArray } from '../array/primitive.ts';
import { type ArrayFunction, graphOf } from '../array/testing.fixture.ts';
import { compile } from './compile.ts';

export async function runCompiled(
  inputs: readonly NDArray[],
  outputs: readonly NDArray[],
  values: readonly HostArray[],
): Promise<HostArray[]> {
  const results = await compile(inputs, outputs, 'the graph under test')(values.map(({ data }) => ({ data })));
  const data = await Promise.all(results.map(hostData));
  return outputs.map((y, i) => ({ shape: y.shape, dtype: y.dtype, data: data[i] }));
}

/** Values of a function by ONNX Runtime. */
export async function computeAt(f: ArrayFunction, xs: readonly HostArray[]): Promise<HostArray[]> {
  const { inputs, outputs } = graphOf(f, xs);
  return runCompiled(inputs, outputs, xs);
}
