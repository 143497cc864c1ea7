import { setTimeout as wait } from "node:timers/promises";

/** The first answer that is not undefined or false, asked again for up to `limit` milliseconds. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  limit = 30_000,
): Promise<T> {
  const deadline = performance.now() + limit;
  while (performance.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await wait(5);
  }
  throw new Error(`${what}: not within ${limit} ms`);
}
