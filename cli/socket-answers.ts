import { lstat } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { connectSocket } from "#wire/socket.ts";

const LOOK_AGAIN_AFTER = 50;

/** Resolves when somebody listens on a socket of that path, which is no link to something else. @throws the limit's reason */
export async function socketAnswers(path: string, limit: AbortSignal): Promise<void> {
  for (;;) {
    limit.throwIfAborted();
    const isThere = await lstat(path).then(
      (found) => found.isSocket(),
      () => false,
    );
    const socket = isThere ? await connectSocket(path).catch(() => undefined) : undefined;
    if (socket !== undefined) return void socket.destroy();
    await wait(LOOK_AGAIN_AFTER, undefined, { signal: limit });
  }
}
