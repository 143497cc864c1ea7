import { join } from "node:path";
import type { Engine } from "#container/engine.ts";
import { fillHeadless } from "#container/headless-fill.ts";
import { PosternError } from "#protocol/error.ts";
import { ensurePrivateDirectory } from "../places.ts";
import type { Browser } from "./browser.ts";
import type { Vault } from "./vault.ts";
import type { World } from "./world.ts";

interface Filling {
  engine: Engine;
  vault: Vault;
  browser: Browser;
  target: { page: string } | { servePort: number };
  onProgress: (text: string) => void;
}

/**
 * Fills a page in a headless browser.
 * @returns the names of its fields, and the path of a picture
 * @throws PosternError like `fillHeadless`; `no_broker` when the vault ended meanwhile; the signal's reason
 */
export async function fillPage(
  { places, uid }: World,
  { engine, vault, browser, target, onProgress }: Filling,
  signal: AbortSignal,
): Promise<{ filled: string[]; screenshot: string }> {
  const screenshots = join(places.state, "screenshots");
  await ensurePrivateDirectory(screenshots, uid);
  const screenshot = join(screenshots, `${browser.gate}.png`);
  const ended = new AbortController();
  // It takes its browsers along: said first, or it would look as if the browser had failed.
  vault.container.exited.then(() => ended.abort(vaultEnded())).catch(() => undefined);
  const either = AbortSignal.any([signal, ended.signal]);
  try {
    const { container } = browser;
    return await fillHeadless({ engine, container, target, screenshot, signal: either, onProgress });
  } catch (error) {
    either.throwIfAborted();
    // Its connection ends before its container does, and the browser may be the first to tell.
    if (!vault.control.isConnected()) throw vaultEnded();
    throw error;
  }
}

function vaultEnded(): PosternError {
  return new PosternError("no_broker", "The vault ended.", "Start it again with: postern up");
}
