import type { Configuration } from "#protocol/generated/config.ts";
import { isGateName, isStoreName } from "#protocol/generated/control.ts";
import { isLoginKey } from "#protocol/login-keys.ts";
import { originParts, parseOrigin } from "#protocol/origin.ts";

interface Rule {
  fits: (value: string) => boolean;
  text: string;
}

const HOST = { fits: isHost, text: "must be a host as in an origin: lower-case, xn-- for other letters, no port" };
const GATE = { fits: (name: string) => isGateName(name), text: "must be lower-case letters, digits and -, 32 at most" };
const STORE = {
  fits: (name: string) => isStoreName(name),
  text: "must be a letter, then lower-case letters, digits and -, 32 at most, and not localhost",
};
const STORE_PATH = { fits: (path: string) => /^~?\//.test(path), text: "must begin with / or ~/" };
const CUSTOM = {
  fits: (name: string) => !isLoginKey(name),
  text: "must not mean the user name, the password or a code",
};

/** What the schema can not say of a configuration: the first key that is wrong, and how; empty for none. */
export function brokenRule({ gates = {}, aliases = {}, stores = {} }: Configuration): string {
  const problems = [
    ...broken(HOST, "aliases", keysOf(aliases)),
    ...Object.entries(aliases).flatMap(([host, others]) => broken(HOST, `aliases.${host}`, others)),
    ...broken(STORE, "stores", keysOf(stores)),
    ...broken(STORE_PATH, "stores", stores),
    ...broken(GATE, "gates", keysOf(gates)),
    ...Object.entries(gates).flatMap(([gate, { http = [], custom = [] }]) => [
      ...broken(HOST, `gates.${gate}.http`, http),
      ...broken(CUSTOM, `gates.${gate}.custom`, custom),
    ]),
  ];
  return problems[0] ?? "";
}

function broken({ fits, text }: Rule, path: string, values: Record<string, string> | readonly string[]): string[] {
  return Object.entries(values).flatMap(([key, value]) => (fits(value) ? [] : [`${path}.${key} ${text}`]));
}

function keysOf(table: object): Record<string, string> {
  return Object.fromEntries(Object.keys(table).map((key) => [key, key]));
}

function isHost(text: string): boolean {
  try {
    return originParts(parseOrigin(`https://${text}`)).host === text;
  } catch {
    return false;
  }
}
