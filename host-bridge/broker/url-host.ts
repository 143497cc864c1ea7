import type { Field } from "./entry-text.ts";
import { registrableDomain } from "#wire/registrable-domain.ts";
import { parseSite } from "./site.ts";

/** The keys under which entries name what they are for. */
const URL_KEYS = new Set(["url", "uri", "website", "site", "link", "launch", "http"]);

/** The host that an entry says it is for, where it names some and none of them is of the same site as this one. */
export function disagreeingHost(fields: readonly Field[], host: string): string | undefined {
  const hosts = fields.filter(({ key }) => URL_KEYS.has(key)).flatMap(({ value }) => hostOf(value) ?? []);
  const domain = registrableDomain(host);
  return hosts.some((each) => registrableDomain(each) === domain) ? undefined : hosts[0];
}

/** With or without a scheme, a wildcard in front, and whatever stands behind; a mail address is no host's. */
function hostOf(text: string): string | undefined {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const url = URL.parse(hasScheme ? text : `https://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  if (!hasScheme && url.username !== "") return undefined;
  return parseSite(url.hostname.replace(/^\*\./, ""))?.host;
}
