import type { FillQuestion } from "#protocol/generated/consent.ts";
import type { ConsentQueue } from "./consent-queue.ts";
import { type Asked, fillQuestion, siteFor } from "./fill-question.ts";
import type { FilledSites } from "./filled-sites.ts";
import type { ReadEntry } from "./read-login.ts";
import { siteText } from "./site.ts";
import { disagreeingHost } from "./url-host.ts";

interface Effects {
  gate: string;
  consent: ConsentQueue;
  filled: FilledSites;
}

const MAX_NAMED = 4;

/**
 * Has a person confirm an entry that may have been moved under another site's name: no yes from before covers that,
 * and no gate is without it. What was confirmed, or gave no cause for it, is remembered.
 * @returns the sites that it may have been moved from
 * @throws PosternError as a question may end, or `internal`
 */
export async function confirmSite(
  { gate, consent, filled }: Effects,
  asked: Asked,
  fields: readonly string[],
  { login, digests }: ReadEntry,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const own = siteFor(asked.entry, asked.origin);
  const site = siteText(own);

  function doubt(): FillQuestion["elsewhere"] {
    if (filled.isKnown(digests, site)) return undefined;
    const [first, ...others] = filled.elsewhere(digests, site);
    if (first !== undefined) return { by: "filled", sites: [first, ...others.slice(0, MAX_NAMED - 1)] };
    const told = disagreeingHost(login.fields, own.host);
    return told === undefined ? undefined : { by: "url", sites: [told] };
  }

  const elsewhere = doubt();
  if (elsewhere !== undefined) {
    const question = { ...fillQuestion(gate, asked, fields, 0), elsewhere };
    await consent.request(question, () => doubt() === undefined, signal);
  }
  await filled.remember(digests, site);
  return elsewhere?.sites ?? [];
}
