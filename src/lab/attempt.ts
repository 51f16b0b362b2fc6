/**
 * Which process works on a run. An attempt is a file made exclusively, and numbered: the next one can be made only by one
 * of several, and none ever has to be removed. Whether an attempt's process lives is asked of the system, not of a flag.
 */
import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { writeJson } from './json.ts';
import type { Heartbeat } from './run-record.ts';

export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** The boot of the machine and the start of the process in it, where the system tells (Linux): pids are used again. */
  readonly born?: string;
}

/** Between two heartbeats. */
const heartbeatMilliseconds = 2000;
/** A heartbeat older than this is that of a dead process, for those who cannot see the process itself. */
const silence = 60_000;

export function thisProcess(): ProcessIdentity {
  const born = birth(process.pid);
  return { pid: process.pid, host: hostname(), ...(born ? { born } : {}) };
}

/** Makes `attempt-<number>.json`; false where another process has made it already. */
export function takeAttempt(folder: string, number: number, now: Date): boolean {
  const path = join(folder, `attempt-${number}.json`);
  let file: number;
  try {
    file = openSync(path, 'wx');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeFileSync(file, JSON.stringify({ process: thisProcess(), started: now.toISOString() }, null, 2));
  } catch (error) {
    rmSync(path, { force: true }); // an empty one would look like a process that has just begun
    throw error;
  } finally {
    closeSync(file);
  }
  return true;
}

/**
 * Whether the process of an attempt lives. On its own host the process table decides; elsewhere, and while the attempt's
 * record is still being written, the age of what it last touched.
 */
export function isAlive(folder: string, attempt: number, identity: ProcessIdentity | undefined): boolean {
  if (identity?.host === hostname()) return lives(identity);
  const age = (name: string) => {
    try {
      return Date.now() - statSync(join(folder, name)).mtimeMs;
    } catch {
      return Number.POSITIVE_INFINITY;
    }
  };
  return Math.min(age('heartbeat'), age(`attempt-${attempt}.json`)) < silence;
}

function lives({ pid, born }: ProcessIdentity): boolean {
  if (born !== undefined) return birth(pid) === born;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'; // somebody else's
  }
}

/** Boot and start of a process; undefined where there is no such process or the system does not tell. */
function birth(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 22, counted behind the name, which may hold spaces and brackets: clock ticks from boot to start.
    const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; only its parent has not looked yet.
    return fields[0] === 'Z' ? undefined : `${boot}/${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** Renews `heartbeat` until ended. One that cannot be written is left out: metrics and checkpoints tell of a full disk. */
export function startHeartbeat(folder: string, beat: () => Omit<Heartbeat, 'time'>): { end(): void } {
  const path = join(folder, 'heartbeat');
  const write = () => {
    try {
      writeFileSync(`${path}.part`, writeJson({ time: new Date().toISOString(), ...beat() }, 2));
      renameSync(`${path}.part`, path);
    } catch {
      rmSync(`${path}.part`, { force: true });
    }
  };
  write();
  const timer = setInterval(write, heartbeatMilliseconds);
  return {
    end: () => {
      clearInterval(timer);
      write();
    },
  };
}
