/** ONNX files on disk, with what they keep in files beside them. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { UserError } from '../array/errors.ts';
import { importOnnx } from '../onnx/index.ts';
import type { OpenModel } from './network.ts';

/** @throws UserError when there is no such file, or it is no ONNX model that is supported */
export function openModelFile(path: string): OpenModel {
  if (!existsSync(path)) throw new UserError(`${path}: no such file; analyze takes the path of an ONNX model`);
  if (!statSync(path).isFile()) throw new UserError(`${path}: expected an ONNX file, found a folder`);
  const bytes = readFileSync(path);
  const external = (location: string) => {
    const beside = resolve(dirname(path), location);
    if (relative(dirname(resolve(path)), beside).startsWith('..') || !existsSync(beside)) {
      throw new UserError(`${path}: its weights are in "${location}", which is not beside it; copy that file there`);
    }
    return readFileSync(beside);
  };
  return (outputs) => {
    try {
      return importOnnx(bytes, { external, ...(outputs === undefined ? {} : { outputs }) });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new UserError(`${path}: ${error.message.replace(/^importOnnx: /, '')}`, { cause: error });
    }
  };
}
