import { getDomain } from "tldts";
import { remember } from "#protocol/remember.ts";

/**
 * One label more than the public suffix, private suffixes included (Public Suffix List); the host itself when it has none,
 * as an address.
 */
export const registrableDomain = remember((host: string): string => {
  return getDomain(host, { allowPrivateDomains: true, extractHostname: false, validateHostname: false }) ?? host;
});
