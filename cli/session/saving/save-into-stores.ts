import type { Session } from "#consent/consent-server.ts";
import { PosternError } from "#protocol/error.ts";
import type { Store } from "#protocol/generated/control.ts";
import { createWriter } from "./save-entry.ts";

type Write = Session["write"];

/**
 * Writes each entry into its own store: of several, the one that its name begins with. People are asked by that whole
 * name.
 * @param environment of pass: built from nothing, as gpg's own
 * @param now milliseconds since the epoch
 */
export async function createStoresWriter(
  stores: readonly Store[],
  state: string,
  environment: Record<string, string>,
  now: () => number,
): Promise<Write> {
  const writers = new Map<string | undefined, Write>();
  for (const { name, path: store } of stores) {
    writers.set(name, await createWriter({ store, name, state }, environment, now));
  }
  const only = writers.get(undefined);
  if (only !== undefined) return only;

  return async (ask, order, signal) => {
    const { entry } = order.question;
    const [name, ...inside] = entry.split("/");
    const write = inside.length > 0 ? writers.get(name) : undefined;
    if (write === undefined) throw new PosternError("entry_invalid", "The entry's name begins with no store's.");
    const askByWholeName: typeof ask = (question, until) =>
      ask("entry" in question ? { ...question, entry } : question, until);
    const question = { ...order.question, entry: inside.join("/") };
    return await write(askByWholeName, { ...order, question }, signal);
  };
}
