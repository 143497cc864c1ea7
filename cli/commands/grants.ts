import { type Grant, isGrantsResult, isRevokeResult } from "#protocol/generated/control.ts";
import { parseWith } from "#protocol/messages.ts";
import type { Context } from "../context.ts";
import { orderAbout } from "../order-about.ts";
import { print } from "../output.ts";
import { table } from "../printable.ts";

const HEADINGS = ["GATE", "ENTRY", "ORIGIN", "FIELDS", "UNTIL"];

/** Shows every yes that lasts and is in force. */
export async function grants(context: Context, gate: string | undefined, options: { json?: true }): Promise<void> {
  const found = parseWith(isGrantsResult, "grants", await orderAbout(context, "grants", gate));
  print(found, options.json === true, () =>
    found.grants.length === 0 ? "No approval is in force.\n" : table([HEADINGS, ...found.grants.map(asRow)]),
  );
}

/** Ends them. */
export async function revoke(context: Context, gate: string | undefined, options: { json?: true }): Promise<void> {
  const found = parseWith(isRevokeResult, "revoke", await orderAbout(context, "revoke", gate));
  print(found, options.json === true, () => `Ended ${found.revoked} approval${found.revoked === 1 ? "" : "s"}.\n`);
}

function asRow({ gate, entry, origin, topOrigin, fields, until }: Grant): string[] {
  const page = topOrigin === undefined ? origin : `${origin} in ${topOrigin}`;
  const end = new Date(until);
  // Within a day, always: a yes lasts minutes.
  return [gate, entry, page, fields.join(", "), Number.isNaN(end.getTime()) ? until : end.toTimeString().slice(0, 5)];
}
