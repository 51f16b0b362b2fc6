/**
 * @module Arrays in the files of other programs: safetensors, npy, npz. From bytes to bytes, without a file system, so
 * that it works in a browser, too.
 */
export { encodeNpy, parseNpy } from './npy.ts';
export { encodeNpz, parseNpz } from './npz.ts';
export { encodeSafetensors, parseSafetensors, type Safetensors } from './safetensors.ts';
