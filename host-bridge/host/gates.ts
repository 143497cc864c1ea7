import type { Stats } from "node:fs";
import { lstat } from "node:fs/promises";
import type { Socket } from "node:net";
import { join } from "node:path";
import { PosternError } from "#protocol/error.ts";
import { PROXY_GATE } from "#protocol/names.ts";
import { connectSocket } from "#wire/socket.ts";

/** The one gate that a sandbox has, at a path that nothing else can be put at. @throws PosternError `no_broker` */
export async function connectSandboxGate(path: string): Promise<Socket> {
  return await connectSocket(path).catch(() => {
    throw noBroker("Start it outside the browser's sandbox with: postern up");
  });
}

/**
 * A gate of the user's own session. The run-time directory may lie where others can write, and the vault may write
 * below it: whatever on the way is a link, or not the user's alone, is not spoken to.
 * @throws PosternError `no_broker` when nobody listens; `internal` when somebody else might
 */
export async function connectOwnGate(runtime: string, gate: string, uid: number): Promise<Socket> {
  const gates = join(runtime, "gates");
  const directory = join(gates, gate);
  for (const path of [runtime, gates, directory]) {
    const found = await look(path, gate);
    if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0) throw notOwn();
  }
  const path = join(directory, "bridge.sock");
  const found = await look(path, gate);
  if (!found.isSocket() || found.uid !== uid) throw notOwn();
  return await connectSocket(path).catch(() => {
    throw notServing(gate);
  });
}

async function look(path: string, gate: string): Promise<Stats> {
  return await lstat(path).catch((error: unknown) => {
    const isAbsent = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw isAbsent ? notServing(gate) : notOwn();
  });
}

function noBroker(hint: string): PosternError {
  return new PosternError("no_broker", "Postern is not running for this browser.", hint);
}

function notServing(gate: string): PosternError {
  const hint =
    gate === PROXY_GATE
      ? "Let such browsers in by [gates.proxy] in config.toml, then: postern up --vault"
      : "Start it with: postern up --vault";
  return noBroker(hint);
}

function notOwn(): PosternError {
  return new PosternError(
    "internal",
    "Somebody else could listen at the place of Postern's gate.",
    "See what is wrong there with: postern doctor",
  );
}
