import { join } from "node:path";
import { type Explanation, explain } from "#container/explain.ts";
import { imageName } from "#container/images.ts";
import { firefoxSpec, sessionName, vaultSpec } from "#container/launch-spec.ts";
import { nestedSpec } from "#container/nested-spec.ts";
import { profileName } from "#container/profiles.ts";
import type { Store } from "#protocol/generated/control.ts";
import type { Context } from "./context.ts";
import { type DisplayKind, planDisplay } from "./display/choose.ts";
import type { Places } from "./places.ts";
import { print } from "./output.ts";
import { downloadsOf } from "./session/downloads.ts";
import { browserUser } from "./session/world.ts";
import { findSurroundings } from "./surroundings/surroundings.ts";

interface Explained {
  stores: readonly Store[];
  gate: string;
  network: "none" | "internet";
  ephemeral: boolean;
  display: string | undefined;
}

/** Prints what the containers would be given, and why; starts nothing. The compositor is asked what it offers. */
export async function explainSandbox(
  context: Context,
  { stores, gate, network, ephemeral, display }: Explained,
  isJson: boolean,
): Promise<void> {
  const { places, uid, gid } = context;
  const signal = new AbortController().signal;
  const plan = display === undefined ? undefined : await planDisplay(context, display, signal);
  const shown =
    plan !== undefined && display !== undefined
      ? { window: { socket: socketOf(plan.kind, display, places, gate), kind: plan.kind } }
      : {};
  const gates = join(places.runtime, "gates");
  const inside = browserUser({ uid, gid });
  const surroundings = await findSurroundings(context);
  const browser = explain(
    firefoxSpec({
      image: imageName(uid, "firefox"),
      gate,
      user: `${inside.uid}:${inside.gid}`,
      gateDirectory: join(gates, gate),
      gateIdentity: "DEVICE:INODE",
      profile: ephemeral ? "ephemeral" : { volume: profileName(uid, gate) },
      network,
      desktop: surroundings,
      downloads: downloadsOf(surroundings.downloads, gate),
      sound: surroundings.sound === undefined ? undefined : join(places.runtime, "sound", gate),
      headless: display === undefined,
      ...shown,
    }),
  );
  const compositor =
    plan?.kind === "nested" && display !== undefined
      ? explain(
          nestedSpec({
            image: imageName(uid, "firefox"),
            gate,
            session: sessionName(gates),
            user: `${inside.uid}:${inside.gid}`,
            display,
            directory: join(places.runtime, "displays", gate, "nested"),
            environment: context.environment,
          }),
        )
      : undefined;
  const vault = vaultRows(context, stores);
  const around = compositor === undefined ? "" : `\nThe compositor around the browser\n${asText(compositor)}`;
  const text = `The browser\n${asText(browser)}${around}\nThe vault\n${asText(vault)}`;
  print({ browser, compositor, vault }, isJson, () => text);
}

/** The same where no browser of ours is started. */
export function explainVault(context: Context, stores: readonly Store[], isJson: boolean): void {
  const vault = vaultRows(context, stores);
  print({ vault }, isJson, () => `The vault\n${asText(vault)}`);
}

function vaultRows({ places, uid, gid }: Context, stores: readonly Store[]): Explanation[] {
  return explain(
    vaultSpec({
      image: imageName(uid, "vault"),
      user: `${uid}:${gid}`,
      stores,
      gnupg: join(places.runtime, "gnupg"),
      gates: join(places.runtime, "gates"),
      session: join(places.runtime, "vault"),
      config: places.config,
      log: places.log,
      demo: false,
    }),
  );
}

/** The user's own, or the one that would be made. */
function socketOf(kind: DisplayKind, display: string, { runtime }: Places, gate: string): string {
  return kind === "plain" ? display : join(runtime, "displays", gate, "SOCKET");
}

function asText(rows: Explanation[]): string {
  const lines = rows.flatMap(({ row, title, setting, why }) => [
    `${String(row).padStart(4)}  ${title}: ${setting}`,
    `      ${why}`,
  ]);
  return `${lines.join("\n")}\n`;
}
