import assert from "node:assert/strict";
import { eventually } from "./eventually.ts";

/** The root of a process that is shut in: the folder of one that has ended, where nothing is, and nothing can be put. */
const SHUT_IN = /^user:\[\d+\] \/proc\/\d+\/fdinfo$/;

/**
 * Each of Firefox's content processes has an empty root and a user namespace that is not the container's. One that
 * is just starting has its root still to be taken away, so that is waited for.
 * @param sh runs a line of shell in the container, and gives what it prints
 */
export async function assertShutIn(sh: (line: string) => Promise<string>): Promise<void> {
  let listed = "";
  const isShutIn = async (): Promise<boolean> => {
    listed = await sh(`readlink /proc/1/ns/user; for p in /proc/[0-9]*; do
      tr '\\0' ' ' < $p/cmdline | grep -q '^/usr/lib/firefox.* -isForBrowser' || continue
      echo "$(readlink $p/ns/user) $(readlink $p/root)"; done`);
    const [outside = "", ...processes] = listed.trim().split("\n");
    return processes.length > 0 && processes.every((line) => SHUT_IN.test(line) && !line.startsWith(outside));
  };
  await eventually("every content process is shut in", isShutIn).catch(() => assert.fail(listed));
}
