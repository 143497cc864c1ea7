import { join } from "node:path";
import { type Container, startContainer } from "#container/containers.ts";
import type { Engine } from "#container/engine.ts";
import { NESTED_SOCKET, type NestedInput, nestedSpec } from "#container/nested-spec.ts";
import { PosternError } from "#protocol/error.ts";
import { socketAnswers } from "../socket-answers.ts";

/** A compositor inside the user's own, whose clients reach nothing outside it. */
export interface Nested extends AsyncDisposable {
  socket: string;
  /** Aborted when it has ended, by itself or because its window was closed. */
  ended: AbortSignal;
}

const READY_DEADLINE = 20_000;

/**
 * Starts cage, in a container, with its window on the user's compositor.
 * @throws PosternError `internal` when it does not come up; the signal's reason
 */
export async function openNested(engine: Engine, input: NestedInput, signal: AbortSignal): Promise<Nested> {
  await using parts = new AsyncDisposableStack();
  const container = parts.use(await startContainer(engine, nestedSpec(input), signal));
  const ended = endOf(container);
  const socket = join(input.directory, NESTED_SOCKET);
  try {
    await socketAnswers(socket, AbortSignal.any([ended, signal, AbortSignal.timeout(READY_DEADLINE)]));
  } catch {
    signal.throwIfAborted();
    await parts.disposeAsync();
    throw notUp((await container.exited).lastLines);
  }
  const kept = parts.move();
  return { socket, ended, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function endOf({ exited }: Container): AbortSignal {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  exited.then(end, end);
  return ending.signal;
}

function notUp(lastLines: string[]): PosternError {
  const last = lastLines.findLast((line) => line.trim() !== "");
  return new PosternError(
    "internal",
    `The nested compositor for the window, cage, did not start${last === undefined ? "." : `: ${last}`}`,
    "Build the image again: postern down; postern up --rebuild. Without a window: postern up --headless",
  );
}
