import { access, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { followOutput } from "./build-output.ts";
import { IMAGE_LABEL, OWNER_LABEL } from "./contained.ts";
import { debianMirrors } from "./debian-mirrors.ts";
import type { Engine } from "./engine.ts";

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Whether this machine has what it takes to put a Debian together. */
export async function canBootstrap(): Promise<boolean> {
  const { failed } = await execa("mmdebstrap", ["--version"], { reject: false, stdio: "ignore" });
  const hasKeyring = await access(KEYRING).then(
    () => true,
    () => false,
  );
  return !failed && hasKeyring;
}

/**
 * Puts a minimal Debian together from its signed packages, and gives it to the engine.
 * @returns the image's id; the image has no name yet
 * @throws Error when it can not be made or was given up; then there is no image
 */
export async function bootstrapImage(
  engine: Engine,
  suite: string,
  onProgress: (text: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const mirrors = debianMirrors(await aptSources());
  onProgress(`Making a minimal Debian from ${mirrors?.archive ?? "Debian's own mirrors"}`);
  // Debian's keys alone: those that this machine trusts for other vendors do not count here.
  const options = ["--variant=minbase", "--format=tar", `--keyring=${KEYRING}`];
  // Without any, mmdebstrap goes to Debian's own, for the updates as well.
  const sources = mirrors && [`deb ${mirrors.archive} ${suite} main`, `deb ${mirrors.security} ${suite}-security main`];
  const making = execa("mmdebstrap", [...options, suite, "-", ...(sources ?? [])], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    buffer: false,
    // A group of its own: only when all of it is told to end, it takes its temporary folder away.
    detached: true,
  });
  let isRunning = true;
  const stopped = making
    .catch(() => undefined)
    .finally(() => {
      isRunning = false;
    });
  const end = (): void => endGroup(making.pid);
  signal.addEventListener("abort", end, { once: true });
  void tellLines(making.iterable({ from: "stderr" }), onProgress);
  try {
    const changes = `LABEL ${IMAGE_LABEL}=base ${OWNER_LABEL}=${engine.owner}`;
    const id = await followOutput(engine, await engine.importImage(making.stdout, { changes }), () => undefined);
    // The engine takes an archive that breaks off for a small one.
    const isWhole =
      (await making.then(
        () => true,
        () => false,
      )) && !signal.aborted;
    if (isWhole) return id;
    await engine.getImage(id).remove();
    throw new Error("mmdebstrap failed.");
  } finally {
    signal.removeEventListener("abort", end);
    if (isRunning) end();
    await stopped;
  }
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGTERM");
  } catch {
    // It has ended already.
  }
}

async function tellLines(lines: AsyncIterable<string>, onProgress: (text: string) => void): Promise<void> {
  try {
    for await (const line of lines) onProgress(line);
  } catch {
    // The caller learns of the failure itself.
  }
}

/** The texts of the sources that apt is configured with. */
export async function aptSources(): Promise<string[]> {
  const folder = "/etc/apt/sources.list.d";
  const names = await readdir(folder).catch(() => []);
  const sorted = names.toSorted((one, other) => one.localeCompare(other, "en"));
  const paths = ["/etc/apt/sources.list", ...sorted.map((name) => join(folder, name))];
  return await Promise.all(paths.map((path) => readFile(path, "utf8").catch(() => "")));
}
