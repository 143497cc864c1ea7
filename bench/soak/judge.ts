import type { Endurance } from "./run-soak.ts";

/** A heap breathes; what leaks grows with every request. */
const BREATH_MB = 10;

/** What is wrong, in words; empty when all is as it was. */
export function judgeEndurance(all: readonly Endurance[]): string[] {
  return all.flatMap(({ process, before, after }) => [
    ...(after.mb > before.mb + BREATH_MB ? [`${process} grew from ${text(before.mb)} to ${text(after.mb)} MB`] : []),
    ...(after.descriptors > before.descriptors
      ? [`${process} has ${after.descriptors} descriptors open, and had ${before.descriptors}`]
      : []),
    ...(after.zombies > 0 ? [`${process} has not waited for ${after.zombies} of its children`] : []),
    ...(after.children > before.children
      ? [`${process} has ${after.children} children, and had ${before.children}`]
      : []),
  ]);
}

/** What was measured, for people. */
export function enduranceText(all: readonly Endurance[]): string {
  const lines = all.map(({ process, before, after }) => {
    const [from, to] = [before, after].map(({ mb, descriptors }) => `${text(mb)} MB, ${descriptors} descriptors`);
    return `${process}: ${from} when warm; ${to} at the end; ${after.zombies} zombies\n`;
  });
  return lines.join("");
}

function text(mb: number): string {
  return mb.toFixed(1);
}
