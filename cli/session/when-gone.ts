import type { Container } from "#container/containers.ts";
import { writeNote } from "../output.ts";

/**
 * A container that ends by itself takes what belonged to it along, and the next `up` starts another.
 * @param isKept whether the session's log may hold what it wrote last
 */
export function whenGone({ name, exited }: Container, isKept: boolean, tidy: () => Promise<void>): void {
  exited
    .then(async ({ code, lastLines }) => {
      const lines = isKept ? lastLines.map((line) => `  ${line}\n`).join("") : "";
      writeNote(`postern: ${name} ended with ${code}\n${lines}`);
      await tidy();
    })
    .catch(() => undefined);
}
