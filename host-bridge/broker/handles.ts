import { randomBytes } from "node:crypto";
import { PosternError } from "#protocol/error.ts";
import type { Entry } from "#protocol/messages.ts";
import type { Origin } from "#protocol/origin.ts";
import type { Login } from "./login.ts";
import type { IndexedEntry } from "./entries-by-host.ts";

declare const brand: unique symbol;
/** 128 random bits in base64url. */
export type Handle = string & { readonly [brand]: "Handle" };

/** What a page is: the asking frame's origin, and the tab's where that is another. */
export interface Page {
  origin: Origin;
  topOrigin: Origin | undefined;
}

/** One that was picked may have no site. */
export type HeldEntry = Omit<IndexedEntry, "site"> & Partial<Pick<IndexedEntry, "site">>;

/** What a handle stands for. */
export interface Held extends Page {
  entry: HeldEntry;
  match: Entry["match"];
  /** Where it was looked up for HTTP authentication: how the server names what it guards, perhaps not at all. */
  realm?: string;
  mintedAt: number;
  /** What a person (or the demo gate) released on this handle, kept for a moment. */
  released: Released | undefined;
  /** What was decrypted for that: other fields of it need a yes, and no other decrypt. */
  read: Read | undefined;
  /** The generation of grants in which something of it was released here: then its password may be replaced. */
  releasedIn: number | undefined;
}

export interface Read {
  /** Without what it may refer to. */
  login: Login;
  generation: number;
}

export interface Released {
  login: Login;
  fields: ReadonlySet<string>;
  generation: number;
  /** Not a second time. */
  isOnce: boolean;
}

const LIFETIME = 10 * 60_000;
/** The oldest go first: a connection can not make the broker remember without end. */
const MAX_HANDLES = 1_000;

export interface Handles {
  mint(held: Pick<Held, "entry" | "match" | "realm" | keyof Page>): Handle;
  /** @throws PosternError `unknown_handle`, `origin_mismatch` */
  resolve(handle: string, page: Page): Held;
}

const ID_BYTES = 16;

/** Draws many at a time: one alone takes a fifth of a look-up. */
function createRandomIds(): () => string {
  let drawn = randomBytes(0);
  return () => {
    if (drawn.length === 0) drawn = randomBytes(64 * ID_BYTES);
    const id = drawn.toString("base64url", 0, ID_BYTES);
    drawn = drawn.subarray(ID_BYTES);
    return id;
  };
}

/** The handles of one connection. @param now milliseconds of a clock that never goes back */
export function createHandles(now: () => number): Handles {
  const handles = new Map<string, Held>();
  const randomId = createRandomIds();

  function mint(held: Pick<Held, "entry" | "match" | "realm" | keyof Page>): Handle {
    // oxlint-disable-next-line typescript/consistent-type-assertions -- the one maker of the branded type
    const handle = randomId() as Handle;
    handles.set(handle, { ...held, mintedAt: now(), released: undefined, read: undefined, releasedIn: undefined });
    const [oldest] = handles.keys();
    if (handles.size > MAX_HANDLES && oldest !== undefined) handles.delete(oldest);
    return handle;
  }

  function resolve(handle: string, page: Page): Held {
    const held = handles.get(handle);
    if (held === undefined || now() - held.mintedAt > LIFETIME) {
      handles.delete(handle);
      throw unknownHandle();
    }
    if (held.origin !== page.origin || held.topOrigin !== page.topOrigin) {
      throw new PosternError(
        "origin_mismatch",
        "The entry was looked up for another page.",
        "Look the entries up again.",
      );
    }
    return held;
  }

  return { mint, resolve };
}

export function unknownHandle(): PosternError {
  return new PosternError("unknown_handle", "This choice is no longer known.", "Look the entries up again.");
}
