import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { PosternError } from "#protocol/error.ts";
import type { Container } from "./containers.ts";
import type { Engine } from "./engine.ts";
import { execStream } from "./exec.ts";
import { networkRules } from "./network-rules.ts";
import { ownAddresses } from "./own-addresses.ts";

/** How often this machine's addresses are looked at, in milliseconds. */
const LOOK_EVERY = 1_000;
/** After so many looks the rules are renewed though nothing has changed: a third of what they hold for. */
const MOST_LOOKS = 5;
const ANSWER_DEADLINE = 10_000;

/** Takes each line for rules, `\n` for a line's end in them, and says what became of them. Without more, closes all. */
const APPLY = `while read -r rules; do
  if printf '%b\\n' "$rules" | nft -f -; then echo done; else echo failed; fi
done
exec nft flush set inet postern lease`;

/**
 * Puts the rules of a browser's network in force and renews them, at once when this machine's addresses change, until
 * it is disposed of. When that fails later, they lapse and the network is closed.
 * @param guard a container in the browser's network namespace that may administer it
 * @param gateways addresses of the engine, in whichever namespace it has them
 * @param lapsed told once, when they are renewed no more
 * @throws PosternError `internal` when the kernel does not take them
 */
export async function keepRules(
  engine: Engine,
  guard: Container,
  gateways: readonly string[],
  lapsed: () => void,
): Promise<AsyncDisposable> {
  const { stream } = await execStream(engine, guard, ["/bin/sh", "-c", APPLY]);
  const answers = createInterface({ input: stream })[Symbol.asyncIterator]();
  const ending = new AbortController();
  let [last, looks] = ["", 0];

  async function renew(): Promise<void> {
    const rules = await rulesNow(gateways);
    looks += 1;
    if (rules === last && looks < MOST_LOOKS) return;
    stream.write(`${rules.replaceAll("\n", String.raw`\n`)}\n`);
    const { value } = await Promise.race([answers.next(), tooLate(ending.signal)]);
    if (value !== "done") throw notClosed();
    [last, looks] = [rules, 0];
  }

  async function keep(): Promise<void> {
    for (;;) {
      await wait(LOOK_EVERY, undefined, { signal: ending.signal });
      await renew();
    }
  }

  async function end(): Promise<void> {
    ending.abort();
    stream.end();
    if (!stream.closed) await once(stream.resume(), "close");
  }

  try {
    await renew();
  } catch (error) {
    stream.destroy();
    throw error;
  }
  void keep().catch(() => {
    stream.destroy();
    if (!ending.signal.aborted) lapsed();
  });
  return { [Symbol.asyncDispose]: end };
}

async function rulesNow(gateways: readonly string[]): Promise<string> {
  const timeToLive = await readFile("/proc/sys/net/ipv4/ip_default_ttl", "utf8");
  return networkRules([...new Set([...(await ownAddresses()), ...gateways])], Number(timeToLive));
}

async function tooLate(signal: AbortSignal): Promise<never> {
  await wait(ANSWER_DEADLINE, undefined, { signal, ref: false });
  throw notClosed();
}

function notClosed(): PosternError {
  const message = "This machine's addresses could not be closed to the browser, so it was not started.";
  const hint = "The kernel needs nf_tables (modprobe nf_tables). Without the internet: postern up --network none";
  return new PosternError("internal", message, hint);
}
