import type { Container } from "./containers.ts";
import type { Engine } from "./engine.ts";
import { execute } from "./exec.ts";
import { PosternError } from "#protocol/error.ts";

const GONE = { State: { Running: false } };
const OPEN = "/usr/libexec/postern/postern-open";

/**
 * Waits until a browser that was started with a window has it.
 * @throws PosternError `internal` when the browser ends instead; the signal's reason
 */
export async function windowIsOpen(engine: Engine, container: Container, signal: AbortSignal): Promise<void> {
  await tell(engine, container, [OPEN], signal);
}

/**
 * Opens an address in a tab of that window.
 * @param address http or https, and never read as an option: it is an option's value
 */
export async function openTab(
  engine: Engine,
  container: Container,
  address: string,
  signal: AbortSignal,
): Promise<void> {
  await tell(engine, container, [OPEN, address], signal);
}

async function tell(engine: Engine, container: Container, command: string[], signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const exited = container.exited.then(({ lastLines }) => {
    throw ended(lastLines);
  });
  exited.catch(() => undefined);
  const told = execute(engine, container, command);
  told.catch(() => undefined);
  try {
    const { exitCode } = await Promise.race([told, exited, aborted]);
    if (exitCode === 0) return;
    // What runs in a container ends with it, and may be told of first.
    const { State } = await engine
      .getContainer(container.id)
      .inspect()
      .catch(() => GONE);
    if (!State.Running) await Promise.race([exited, aborted]);
    throw notTold(container);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function ended(lastLines: string[]): PosternError {
  const last = lastLines.findLast((line) => line.trim() !== "");
  return new PosternError(
    "internal",
    `Firefox ended without a window${last === undefined ? "." : `: ${last}`}`,
    "Its last messages are in session.log, in ~/.local/state/postern; without a window: postern up --headless",
  );
}

function notTold({ name }: Container): PosternError {
  return new PosternError(
    "internal",
    `The Firefox in ${name} does not answer.`,
    "See whether its window asks something; or end it and begin anew: postern down",
  );
}
