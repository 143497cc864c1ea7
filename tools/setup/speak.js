/**
 * An error that a person is to see: what is wrong, and what to do next.
 * @param {string} message
 * @param {string} hint
 */
export function failure(message, hint) {
  return Object.assign(new Error(message), { hint });
}

/** @param {string} text */
export function say(text) {
  process.stderr.write(`postern: ${text}\n`);
}

/** @param {unknown} error */
export function complain(error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`postern: error: ${message}\n`);
  if (error instanceof Error && "hint" in error) process.stderr.write(`postern: hint: ${String(error.hint)}\n`);
}
