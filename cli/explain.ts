import { join } from "node:path";
import { type Explanation, explain } from "#container/explain.ts";
import { firefoxSpec, vaultSpec } from "#container/launch-spec.ts";
import type { Context } from "./context.ts";
import { print } from "./output.ts";
import { browserUser } from "./session/world.ts";

/** Prints what the two containers would be given, and why; starts nothing. */
export function explainSandbox(
  context: Context,
  store: string,
  gate: string,
  network: "none" | "internet",
  isJson: boolean,
): void {
  const { uid, gid } = context;
  const gates = join(context.places.runtime, "gates");
  const inside = browserUser({ uid, gid });
  const browser = explain(
    firefoxSpec({
      image: "postern/firefox:latest",
      gate,
      user: `${inside.uid}:${inside.gid}`,
      gateDirectory: join(gates, gate),
      gateIdentity: "DEVICE:INODE",
      profile: { volume: `postern-profile-${gate}` },
      network,
      headless: true,
    }),
  );
  const vault = vaultRows(context, store);
  print({ browser, vault }, isJson, () => `The browser\n${asText(browser)}\nThe vault\n${asText(vault)}`);
}

/** The same where no browser of ours is started. */
export function explainVault(context: Context, store: string, isJson: boolean): void {
  const vault = vaultRows(context, store);
  print({ vault }, isJson, () => `The vault\n${asText(vault)}`);
}

function vaultRows({ places, uid, gid }: Context, store: string): Explanation[] {
  return explain(
    vaultSpec({
      image: "postern/vault:latest",
      user: `${uid}:${gid}`,
      store,
      gnupg: join(places.runtime, "gnupg"),
      gates: join(places.runtime, "gates"),
      session: join(places.runtime, "vault"),
      config: places.config,
      log: places.log,
      demo: false,
    }),
  );
}

function asText(rows: Explanation[]): string {
  const lines = rows.flatMap(({ row, title, setting, why }) => [
    `${String(row).padStart(4)}  ${title}: ${setting}`,
    `      ${why}`,
  ]);
  return `${lines.join("\n")}\n`;
}
