import type { Container } from "#container/containers.ts";

/** A container that ends by itself takes what belonged to it along, and the next `up` starts another. */
export function whenGone({ name, exited }: Container, tidy: () => Promise<void>): void {
  exited
    .then(async ({ code, lastLines }) => {
      process.stderr.write(`postern: ${name} ended with ${code}\n${lastLines.map((line) => `  ${line}\n`).join("")}`);
      await tidy();
    })
    .catch(() => undefined);
}
