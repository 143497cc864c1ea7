import { PosternError } from "#protocol/error.ts";
import { type Origin, originParts, parseOrigin } from "#protocol/origin.ts";
import { registrableDomain } from "#wire/registrable-domain.ts";
import type { FrameLook, Written, WriteOrder } from "../fill/frame-orders.ts";

/** The browser's tabs, as far as `activeTab` lets the extension reach into them. */
export interface Tabs {
  /** The address of the tab's page by the browser itself; undefined when the extension may not know it. */
  addressOf(tab: number): Promise<string | undefined>;
  /** What can be filled in each frame that can be reached. @throws Error when not even the page itself can be */
  look(tab: number, site: string): Promise<ReachedFrame[]>;
  /** Sends values to one frame. @throws Error when it has gone */
  write(tab: number, frame: number, order: WriteOrder): Promise<Written>;
}

export interface ReachedFrame extends FrameLook {
  /** 0 is the page itself. */
  frame: number;
}

export interface TabLook {
  origin: Origin;
  /** The registrable domain of that. */
  site: string;
  /** The page and those frames in it that share its origin all the way up. */
  own: ReachedFrame[];
  /** Whether there are frames of other origins, which are not filled. */
  hasForeign: boolean;
}

/**
 * The page of a tab, its origin told by the browser and by the page's own frame alike.
 * @throws PosternError
 */
export async function lookAtTab(tabs: Tabs, tab: number): Promise<TabLook> {
  const origin = originOf(await tabs.addressOf(tab));
  const site = registrableDomain(originParts(origin).host);
  const frames = await reach(tabs, tab, site);
  const page = frames.find(({ frame }) => frame === 0);
  if (page?.origin !== origin) throw unreachable();
  const own = frames.filter((frame) => frame.origin === origin && frame.amongItsOwn);
  return { origin, site, own, hasForeign: own.some(({ holdsForeignFrame }) => holdsForeignFrame) };
}

function originOf(address: string | undefined): Origin {
  if (address === undefined) throw unreachable();
  const { protocol, origin } = new URL(address);
  if (protocol !== "https:" && protocol !== "http:") throw unreachable();
  return parseOrigin(origin);
}

async function reach(tabs: Tabs, tab: number, site: string): Promise<ReachedFrame[]> {
  try {
    return await tabs.look(tab, site);
  } catch {
    throw unreachable();
  }
}

function unreachable(): PosternError {
  const hint = "Only web pages can be filled, whose address begins with https: or http:";
  return new PosternError("internal", "Postern can not work on this page.", hint);
}
