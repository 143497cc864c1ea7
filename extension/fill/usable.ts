import { isSeen } from "./seen.ts";

/** Whether a person could see the field and type into it. What nobody sees gets nothing. */
export function isUsable(input: HTMLInputElement): boolean {
  const isShut = input.readOnly || input.matches(":disabled") || input.closest("[inert], [aria-hidden=true]") !== null;
  return !isShut && isSeen(input);
}
