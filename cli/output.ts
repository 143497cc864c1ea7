import { PosternError } from "#protocol/error.ts";
import { jsonLine, printableLines } from "./printable.ts";

/** Exit codes: fine, found something, could not. */
export const EXIT_FOUND = 1;
const EXIT_FAILED = 2;

/** What to do where nothing better is known. */
const LOOK = "The session's log may say more: tail ~/.local/state/postern/session.log; then try again: postern up";

/** Text on standard output. Every text of a command's goes through here or `writeNote`, where a terminal obeys nothing of it. */
export function writeText(text: string): void {
  process.stdout.write(printableLines(text));
}

/** Text on standard error: of the session process, that is its log. */
export function writeNote(text: string): void {
  process.stderr.write(printableLines(text));
}

/** Tells what went wrong and what to do, on standard error; sets the exit code. */
export function reportError(error: unknown): void {
  process.exitCode = EXIT_FAILED;
  if (error instanceof PosternError) {
    writeNote(`postern: error: ${error.message}\n`);
    writeNote(`postern: hint: ${error.hint ?? LOOK}\n`);
    return;
  }
  writeNote(`postern: error: Something unforeseen went wrong: ${String(error)}\n`);
  writeNote("postern: hint: This is a defect in Postern; please report it with what you did.\n");
}

/** Tells what does not stand in the way, and what to do about it, on standard error. */
export function reportWarning(message: string, hint: string): void {
  writeNote(`postern: warning: ${message}\npostern: hint: ${hint}\n`);
}

/** One JSON object on standard output, or text for people. */
export function print(value: object, isJson: boolean, asText: () => string): void {
  if (isJson) process.stdout.write(jsonLine(value));
  else writeText(asText());
}

/** A duration for people. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
