import { ageOfImage } from "#container/image-age.ts";
import { PosternError } from "#protocol/error.ts";
import type { SessionEvent } from "#protocol/generated/control.ts";

/** A browser's image that is too old is not started. @throws PosternError `internal` */
export function requireFresh(packages: Date, now: number): void {
  const { days, state } = ageOfImage(packages, now);
  if (state !== "stale") return;
  const message = `${agedText(days)}: it was not started.`;
  throw new PosternError("internal", message, "Make a new one with: postern up --rebuild");
}

/** What is said of one that is in use and getting old; nothing of a fresh one. */
export function ageWarning(packages: Date, now: number): Extract<SessionEvent, { event: "warning" }> | undefined {
  const { days, state } = ageOfImage(packages, now);
  if (state === "fresh") return undefined;
  const hint = "Make a new one with: postern down, then: postern up --rebuild";
  return { event: "warning", message: `${agedText(days)}.`, hint };
}

function agedText(days: number): string {
  return `The browser's image is ${days} days old, and its Firefox lacks what was mended since`;
}
