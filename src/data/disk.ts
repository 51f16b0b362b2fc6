/** Writing to disk with errors that say what to do. */
import { UserError } from '../array/errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
};

/** Runs a step that writes to disk; its failure becomes the user's to mend. */
export async function onDisk<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `${path}: could not be written (${diskReason(error)}); free or choose a folder with DEEPTHEORY_DATA.`,
    );
  }
}

function diskReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const known = 'code' in error && typeof error.code === 'string' ? REASONS[error.code] : undefined;
  return known ?? error.message;
}
