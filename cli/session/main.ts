import { realpathSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { PosternError } from "#protocol/error.ts";
import { placesOf } from "../places.ts";
import { passStore } from "../stores.ts";
import { runService } from "./run-service.ts";
import { runSession } from "./session.ts";
import { writeNote } from "../output.ts";

// Started by `postern up`, detached, and what it writes goes to session.log; or by systemd, with --service.
const { values } = parseArgs({ options: { service: { type: "boolean" } } });
const uid = process.getuid?.() ?? 0;
const gid = process.getgid?.() ?? 0;
const stop = new AbortController();
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, () => stop.abort());

// On a full disk the session's log can not be written, which must not end what runs.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

const world = {
  environment: process.env,
  home: homedir(),
  uid,
  gid,
  places: placesOf(process.env, homedir(), uid, tmpdir()),
  bundles: dirname(realpathSync(process.argv[1] ?? "")),
  now: Date.now,
};

const running =
  values.service === true
    ? runService(world, { store: passStore(world), gnupg: process.env.GNUPGHOME }, stop)
    : runSession(world, stop);

running.catch((error: unknown) => {
  // Two that start at once are no fault: the later one leaves.
  if (values.service !== true && error instanceof PosternError && error.code === "busy") return;
  writeNote(`postern: error: ${error instanceof PosternError ? error.message : String(error)}\n`);
  if (error instanceof PosternError && error.hint !== undefined) writeNote(`postern: hint: ${error.hint}\n`);
  process.exitCode = 2;
});
