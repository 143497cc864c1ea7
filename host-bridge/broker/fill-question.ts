import type { FillQuestion } from "#protocol/generated/consent.ts";
import { originParts } from "#protocol/origin.ts";
import type { Held } from "./handles.ts";
import { registrableDomain } from "./match.ts";
import { siteText } from "./site.ts";

/** What a person is asked about: an entry for a page, perhaps because another one points at it. */
export type Asked = Pick<Held, "origin" | "topOrigin" | "entry" | "match" | "realm"> & { referredBy?: string };

export function fillQuestion(gate: string, asked: Asked, fields: readonly string[], minutes: number): FillQuestion {
  const { origin, topOrigin, entry, match, realm, referredBy } = asked;
  return {
    kind: "fill",
    gate,
    origin,
    registrableDomain: registrableDomain(originParts(origin).host),
    ...(topOrigin === undefined ? {} : { topOrigin }),
    entry: entry.name,
    ...(referredBy === undefined ? {} : { referredBy }),
    site: entry.site === undefined ? "" : siteText(entry.site),
    ...(realm === undefined ? {} : { realm }),
    match,
    fields: [...fields],
    minutes,
  };
}
