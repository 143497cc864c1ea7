import type { FillQuestion } from "#protocol/generated/consent.ts";
import { type Origin, originParts } from "#protocol/origin.ts";
import type { Held } from "./handles.ts";
import { registrableDomain } from "#wire/registrable-domain.ts";
import { type Site, siteText } from "./site.ts";

/** What a person is asked about: an entry for a page, perhaps because another one points at it. */
export type Asked = Pick<Held, "origin" | "topOrigin" | "entry" | "match" | "realm"> & { referredBy?: string };

/** Whose an entry is: its name says it, or the page it was picked for. */
export function siteFor(entry: Held["entry"], origin: Origin): Site {
  return entry.site ?? { host: originParts(origin).host };
}

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
