import { ageOfImage } from "#container/image-age.ts";
import { type SessionStatusResult, isSessionStatusResult } from "#protocol/generated/control.ts";
import { parseWith } from "#protocol/messages.ts";
import type { Context } from "../context.ts";
import { EXIT_FOUND, print } from "../output.ts";
import { connectSession } from "../session-client.ts";
import { storesText } from "../stores.ts";

export async function status({ places, uid }: Context, options: { json?: true }): Promise<void> {
  const isJson = options.json === true;
  using session = await connectSession(places, uid);
  const answer = await session?.ask({ type: "status" });
  const found = answer === undefined ? undefined : parseWith(isSessionStatusResult, "status", answer);
  if (found === undefined || found.stores.length === 0) {
    process.exitCode = EXIT_FOUND;
    print({ running: false }, isJson, () => "Postern is not running. Start it with: postern up\n");
    return;
  }
  print({ running: true, ...found }, isJson, () => asText(found));
}

function asText({ version, stores, demo, entries, gates, containers }: SessionStatusResult): string {
  const lines = [
    `Postern ${version}`,
    `Store   ${storesText(stores)}${demo ? " (the demo store: nobody is asked)" : ""}, ${entries} ${entries === 1 ? "entry" : "entries"}`,
    ...gates.map(
      ({ gate, state, connections, grants }) =>
        `Gate    ${gate}: ${state}, ${connections} connected, ${grants} approval${grants === 1 ? "" : "s"} in force`,
    ),
    ...containers.map(
      ({ name, image, packages }) =>
        `Runs    ${name} (image ${image.replace(/^sha256:(.{12}).*/, "$1")}${packages === undefined ? "" : `, ${age(packages)}`})`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}

/** @param packages when they were fetched, as ISO 8601 has it */
export function age(packages: string): string {
  const { days, state } = ageOfImage(new Date(packages), Date.now());
  const counted = days === 0 ? "made today" : `${days} ${days === 1 ? "day" : "days"} old`;
  return state === "fresh" ? counted : `${counted}: make a new one with postern up --rebuild`;
}
