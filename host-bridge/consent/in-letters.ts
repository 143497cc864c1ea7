import { domainToASCII, domainToUnicode } from "node:url";

/**
 * An origin whose host is written in ASCII for one in another script (`xn--…`), as people read it; undefined where that
 * is the same, or where the two do not stand for each other (RFC 5891, section 4).
 */
export function inLetters(origin: string): string | undefined {
  if (!URL.canParse(origin)) return undefined;
  const { hostname } = new URL(origin);
  const host = domainToUnicode(hostname);
  if (host === hostname || domainToASCII(host) !== hostname) return undefined;
  return origin.replace(hostname, () => host);
}
