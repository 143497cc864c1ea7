import assert from "node:assert/strict";
import type { RawClient } from "./raw-client.ts";

/** Looks up the page's entries and gives the handle of the first. */
export async function findFirst(client: RawClient, id: number, origin: string): Promise<string> {
  const reply = await client.ask({ id, type: "find", origin, use: "form" });
  const handle = /"handle":"([\w-]{22})"/.exec(JSON.stringify(reply.result))?.[1];
  assert.ok(handle, JSON.stringify(reply));
  return handle;
}
