/** What a run ran on: enough to explain a figure that comes out differently elsewhere. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configure, type Device, runtimeVersion, type Threads } from '../runtime/index.ts';

export interface Environment {
  readonly deeptheory: string;
  /** Commit of the source tree, with `-dirty` where it was changed; absent for an installed package. */
  readonly commit?: string;
  readonly runtime: string;
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly threads: Threads;
  readonly device: Device;
  readonly seed: number;
}

/** @throws UserError where the device is not there: before anything is computed. */
export async function describeEnvironment(threads: Threads, device: Device, seed: number): Promise<Environment> {
  configure({ device });
  const commit = sourceCommit();
  return {
    deeptheory: packageVersion(),
    ...(commit ? { commit } : {}),
    runtime: await runtimeVersion(),
    node: process.versions.node,
    platform: `${platform()} ${release()} ${arch()}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    threads,
    device,
    seed,
  };
}

// Two levels up from src/lab and from dist/lab alike.
const packageRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  return version;
}

function sourceCommit(): string | undefined {
  // Without this test, git would answer for the project that has deeptheory in its node_modules.
  if (!existsSync(join(packageRoot, '.git'))) return undefined;
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: packageRoot,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5000,
    });
  try {
    const commit = git('rev-parse', '--short=12', 'HEAD').trim();
    return git('status', '--porcelain', '--untracked-files=no') === '' ? commit : `${commit}-dirty`;
  } catch {
    return undefined; // no git on this machine
  }
}
