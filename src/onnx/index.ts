/** @module Array graphs as ONNX files, and ONNX files as functions of arrays. */
export { exportOnnx } from './export.ts';
export { importOnnx, type OnnxModel } from './import.ts';
export { type Lowered, lower } from './lower.ts';
export { encodeModel, type OnnxGraph, type OnnxNode, type OnnxTensor, type OnnxValue, opset } from './model.ts';
export type { ModelNode, ModelValue } from './parse.ts';
export type { ExternalData } from './tensor.ts';
