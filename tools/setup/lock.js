import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { say } from "./speak.js";

/**
 * Runs one set-up at a time in this folder. The lock is held by a helper whose standard input is ours, so it is let go
 * however we end. Where there is no flock (util-linux), there is no lock.
 * @param {string} root
 * @param {() => Promise<void>} work
 */
export async function withLock(root, work) {
  mkdirSync(join(root, "build"), { recursive: true });
  const file = join(root, "build/set-up.lock");
  const helper = spawn("flock", [file, "sh", "-c", "echo locked; cat"], { stdio: ["pipe", "pipe", "ignore"] });
  const waiting = setTimeout(() => say("Another set-up is at work in this folder; waiting for it."), 1000);
  await Promise.race([once(helper.stdout, "data"), once(helper, "error"), once(helper, "exit")]);
  clearTimeout(waiting);
  try {
    await work();
  } finally {
    helper.stdin.end();
  }
}
