import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { PosternError } from "#protocol/error.ts";
import { lockDescriptor } from "../descriptors.ts";

/**
 * Makes this the only session process of a run-time directory, until it is disposed of or the process ends: a socket
 * that was looked for and not found may be another's a moment later.
 * @throws PosternError `busy` when there is one already
 */
export async function beOnlySession(runtime: string): Promise<AsyncDisposable> {
  const directory = await open(runtime, constants.O_RDONLY | constants.O_DIRECTORY);
  if (lockDescriptor(directory.fd)) return directory;
  await directory.close();
  throw new PosternError("busy", "Postern is running already.");
}
