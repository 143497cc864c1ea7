import { PosternError } from "./error.ts";
import { remember } from "./remember.ts";

declare const brand: unique symbol;
/** A serialised web origin, checked: `https://host[:port]` or `http://host[:port]`. */
export type Origin = string & { readonly [brand]: "Origin" };

export interface OriginParts {
  scheme: "https" | "http";
  /** Lower-case ASCII; an IPv6 address stands in brackets. */
  host: string;
  /** The port in force, the scheme's own included. */
  port: number;
}

/** The only characters of an ASCII host name (with `_`, which names in use have), or a bracketed IPv6 address. */
const HOST = /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])$/;

/**
 * The maker of `Origin`. Takes the serialisation of an http(s) tuple origin (HTML Standard, "origin",
 * "serialization") exactly as a browser writes it and nothing that merely parses to it.
 * @throws PosternError `bad_message`
 */
export const parseOrigin = remember((text: string): Origin => {
  const url = tryUrl(text);
  // A URL normalises letter case, ports, IPv4 spellings and Unicode; only what is already normal is equal afterwards.
  const sound =
    url !== undefined &&
    url.origin === text &&
    (url.protocol === "https:" || url.protocol === "http:") &&
    url.hostname.length <= 253 &&
    HOST.test(url.hostname);
  if (!sound) throw new PosternError("bad_message", "The origin is not a serialised http or https origin.");
  // oxlint-disable-next-line typescript/consistent-type-assertions -- the one maker of the branded type
  return text as Origin;
});

export const originParts = remember((origin: Origin): Readonly<OriginParts> => {
  const url = new URL(origin);
  const scheme = url.protocol === "https:" ? "https" : "http";
  const port = url.port === "" ? (scheme === "https" ? 443 : 80) : Number(url.port);
  return { scheme, host: url.hostname, port };
});

/** Whether the host can only be this machine (Secure Contexts, section 3.1: potentially trustworthy by address or name). */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function tryUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
