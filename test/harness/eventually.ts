import { setTimeout as wait } from "node:timers/promises";

/**
 * The first answer that is not undefined or false, asked again for up to `limit` milliseconds: the longer it has taken,
 * the less often, since asking may mean to start a program.
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  limit = 30_000,
): Promise<T> {
  const start = performance.now();
  let passed = 0;
  while (passed < limit) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await wait(Math.min(5 + passed / 20, 100));
    passed = performance.now() - start;
  }
  throw new Error(`${what}: not within ${limit} ms`);
}
