import { once } from "node:events";
import { readFile, readdir, readlink, rename } from "node:fs/promises";
import { createServer } from "node:net";

/** A listening socket as a number, to hand over to a child, as a service manager does. To be connected to when it is disposed of. */
export async function listeningDescriptor(path: string): Promise<AsyncDisposable & { descriptor: number }> {
  const draft = `${path}.new`;
  const server = createServer((socket) => socket.destroy());
  server.listen(draft);
  await once(server, "listening");
  // Node removes its path when it closes; the child's is to stay.
  await rename(draft, path);
  const table = await readFile("/proc/net/unix", "utf8");
  const inode = new RegExp(`(\\d+) ${draft}$`, "m").exec(table)?.[1];
  for (const name of await readdir("/proc/self/fd")) {
    const target = await readlink(`/proc/self/fd/${name}`).catch(() => "");
    if (target !== `socket:[${inode}]`) continue;
    return { descriptor: Number(name), [Symbol.asyncDispose]: async () => void server.close() };
  }
  throw new Error(`${path}: no descriptor`);
}
