import { eventually } from "./eventually.ts";
import { type RawClient, codeOf } from "./raw-client.ts";

/** Below the number of requests that may wait at a time. */
const AT_ONCE = 30;

/** Looks all of these origins up, as fast as it is answered. @returns each one's label, `""` for none, or error code */
export async function findAll(client: RawClient, origins: readonly string[]): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  for (let first = 0; first < origins.length; first += AT_ONCE) {
    const some = origins.slice(first, first + AT_ONCE);
    client.received.length = 0;
    for (const [at, origin] of some.entries()) client.send({ id: 1_000 + at, type: "find", origin, use: "form" });
    const isReply = ({ id }: Record<string, unknown>): boolean => typeof id === "number" && id >= 1_000;
    await eventually("the replies", () => client.received.filter(isReply).length === some.length);
    for (const [at, origin] of some.entries()) {
      const reply = client.received.find(({ id }) => id === 1_000 + at) ?? {};
      const label = /"label":"([^"]*)"/.exec(JSON.stringify(reply))?.[1] ?? "";
      answers.set(origin, reply.ok === true ? label : String(codeOf(reply)));
    }
  }
  return answers;
}
