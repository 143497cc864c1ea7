import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { PosternError } from "#protocol/error.ts";
import { connectSocket } from "#wire/socket.ts";
import { type Places, requirePrivateDirectory } from "../places.ts";

/**
 * Looks at every directory and socket of Postern's own as somebody could have left or put them there.
 * @returns how many sockets there are
 * @throws PosternError `internal` naming the first that is not as it should be
 */
export async function checkSockets(places: Places, uid: number): Promise<string> {
  for (const directory of [places.state, places.log]) await requirePrivateDirectory(directory, uid);
  const { runtime } = places;
  if (!(await requirePrivateDirectory(runtime, uid))) return "none yet";
  const gates = await readdir(join(runtime, "gates")).catch(() => []);
  const paths = ["session.sock", ...gates.map((gate) => join("gates", gate, "bridge.sock"))];
  const found = await Promise.all(paths.map((path) => checkSocket(join(runtime, path), uid)));
  const count = found.filter(Boolean).length;
  return count === 0 ? `none open below ${runtime}` : `${count} below ${runtime}`;
}

/** False when there is none. */
async function checkSocket(path: string, uid: number): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return false;
  if (!found.isSocket()) throw wrong(path, "is not a socket");
  if (found.uid !== uid) throw wrong(path, "belongs to another user");
  if ((found.mode & 0o007) !== 0) throw wrong(path, "is open to every user");
  const socket = await connectSocket(path).catch(() => undefined);
  if (socket === undefined) throw wrong(path, "is left over: nobody listens on it");
  socket.destroy();
  return true;
}

function wrong(path: string, what: string): PosternError {
  return new PosternError(
    "internal",
    `${path} ${what}.`,
    "Take everything down and start anew: postern down; postern up",
  );
}
