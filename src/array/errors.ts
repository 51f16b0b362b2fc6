/** A mistake in what the user gave (name, setting, file, shape). Shown as one message, without a stack; exit code 2. */
export class UserError extends Error {
  override name = 'UserError';
}
