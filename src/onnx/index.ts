/** @module Array graphs as ONNX files. */
export { type Lowered, lower } from './lower.ts';
export { encodeModel, type OnnxGraph, type OnnxNode, type OnnxTensor, type OnnxValue, opset } from './model.ts';
