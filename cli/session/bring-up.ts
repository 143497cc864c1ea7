import { renewBaseImage } from "#container/base-image.ts";
import { connectEngine } from "#container/engine.ts";
import { openTab, windowIsOpen } from "#container/window.ts";
import { ensureImage } from "#container/images.ts";
import { PosternError } from "#protocol/error.ts";
import type { SessionEvent, SessionOrder, UpResult } from "#protocol/generated/control.ts";
import { isLoopback } from "#protocol/origin.ts";
import { planDisplay } from "../display/choose.ts";
import { ageWarning, requireFresh } from "./aged-image.ts";
import { type Browser, type Network, startBrowser } from "./browser.ts";
import { fillPage } from "./fill-page.ts";
import type { Running } from "./session.ts";
import { createSteps } from "./steps.ts";
import { useVault } from "./use-vault.ts";
import { whenGone } from "./when-gone.ts";
import type { World } from "./world.ts";

type Up = Extract<SessionOrder, { type: "up" }>;

/** Where the project's own login page is served, in the browser's container and nowhere else. */
const LOGIN_PAGE_PORT = 8_000;
const LOGIN_PAGE = `http://localhost:${LOGIN_PAGE_PORT}/`;
const NEW_TAB = "about:newtab";

/** The steps of `up`, each told with its time; what runs already is used. */
export async function bringUp(
  world: World,
  running: Running,
  order: Up,
  signal: AbortSignal,
  tell: (event: SessionEvent) => void,
): Promise<UpResult> {
  const { step, onProgress } = createSteps(signal, tell);
  const { gate, demo, terminal, page, rebuild: anew, surroundings } = order;
  const display = order.headless ? undefined : order.display;
  // Minutes before the images are built, and not after.
  if (display !== undefined && !running.browsers.has(gate)) await planDisplay(world, display, signal);
  const engine = await step("engine", () => connectEngine(world.environment));
  // Started by their ids: a tag may have come to name another image since it was looked at.
  const building = { engine, files: world.bundles, onProgress, signal, anew };
  const image = (kind: "vault" | "firefox") => ensureImage({ ...building, kind });
  if (anew) {
    if (running.vault !== undefined) throw keepsImage();
    await step("base image", () => renewBaseImage(building));
  }
  const vaultImage = await step("vault image", () => image("vault"));
  const firefoxImage = await step("browser image", () => image("firefox"));

  const isFirst = running.vault === undefined;
  const vault = await step("vault", () => useVault(world, engine, running, vaultImage.id, order, signal));
  const isLocal = page === undefined || isLoopback(new URL(page).hostname);
  const needed = isLocal && display === undefined ? "none" : "internet";
  const network = order.network ?? needed;
  const found = running.browsers.get(gate);
  const browser = await step("browser", async () => {
    if (found !== undefined) {
      if ((found.display === undefined) !== (display === undefined)) throw otherDisplay(found);
      // What a person opens in a window is not known beforehand.
      const isNeeded = order.network !== undefined || (needed === "internet" && display === undefined);
      if (found.network !== network && isNeeded) throw otherNetwork(gate, found.network);
      if (order.ephemeral && !found.ephemeral) throw notEphemeral(gate);
      return found;
    }
    requireFresh(firefoxImage.packages, world.now());
    const { ephemeral } = order;
    const shown = {
      ...(page === undefined && demo ? { page: LOGIN_PAGE } : {}),
      ...(page === undefined ? {} : { page }),
      ...(demo ? { loginPagePort: LOGIN_PAGE_PORT } : {}),
    };
    const window = display === undefined ? undefined : { display, shown };
    const wanted = { image: firefoxImage, gate, network, ephemeral, surroundings, window };
    const started = await startBrowser(world, engine, vault, wanted, signal);
    running.browsers.set(gate, started);
    whenGone(started.container, !started.ephemeral, async () => {
      if (running.browsers.get(gate) === started) running.browsers.delete(gate);
      await started[Symbol.asyncDispose]();
    });
    return started;
  });

  const warning = ageWarning(browser.packages, world.now());
  if (warning !== undefined) tell(warning);
  const packages = browser.packages.toISOString();
  const attached = isFirst && vault.needsTerminal;
  const common = { engine: "docker", route: "socket", gate, packages, attached } as const;
  if (browser.display !== undefined) {
    const opened = page ?? (demo ? LOGIN_PAGE : undefined);
    await step("window", async () => {
      const { container } = browser;
      if (found === undefined) await windowIsOpen(engine, container, signal);
      else await openTab(engine, container, opened ?? NEW_TAB, signal);
    });
    const result = { ...common, display: browser.display, wasOpen: found !== undefined };
    return opened === undefined ? result : { ...result, page: opened };
  }

  if (terminal !== undefined) tell({ event: "prompts" });
  const target = page === undefined ? { servePort: LOGIN_PAGE_PORT } : { page };
  const filling = { engine, vault, browser, target, onProgress };
  const { filled, screenshot } = await step("fill", () => fillPage(world, filling, signal));
  return { ...common, filled, screenshot };
}

function keepsImage(): PosternError {
  const message = "Postern is up, and what runs keeps the image that it was started from.";
  return new PosternError("busy", message, "End it first with: postern down, then try again: postern up --rebuild");
}

function notEphemeral(gate: string): PosternError {
  const message = `The browser of the gate ${gate} runs with a profile that is kept.`;
  return new PosternError("busy", message, "End it first with: postern down");
}

function otherDisplay({ gate, display }: Browser): PosternError {
  const has = display === undefined ? "without a window" : "in a window";
  const message = `The browser of the gate ${gate} runs ${has}.`;
  return new PosternError("busy", message, "End it first with: postern down; or use another gate: postern up NAME");
}

function otherNetwork(gate: string, network: Network): PosternError {
  const message = `The browser of the gate ${gate} runs with the network ${network}.`;
  return new PosternError("busy", message, "End it first with: postern down");
}
