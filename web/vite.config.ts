import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { runtimeVersion } from '../src/index.ts';
import { train } from './training.ts';

/** Threads need a page that is cross-origin isolated. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

const here = fileURLToPath(new URL('.', import.meta.url));

/** The page is built with what Node computes, to compare with. */
export default defineConfig(async () => {
  const { losses, milliseconds } = await train();
  const expected = { runtime: await runtimeVersion(), losses, milliseconds };
  return {
    root: here,
    base: './',
    define: { expected: JSON.stringify(expected) },
    build: { outDir: '../dist-web', emptyOutDir: true, target: 'es2022' },
    optimizeDeps: { exclude: ['onnxruntime-web'] },
    server: { host: '127.0.0.1', headers },
    preview: { host: '127.0.0.1', headers },
  };
});
