/** The first line of ONNX Runtime's message, without the places in its source. */
export function errorLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.split('\n').find((part) => part.trim() !== '') ?? text;
  return line.replace(/^.* was false\. /, '').trim();
}
