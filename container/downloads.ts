import { PosternError } from "#protocol/error.ts";
import { MIB, contained, limitMemory } from "./contained.ts";
import { type Container, startContainer } from "./containers.ts";
import type { Engine } from "./engine.ts";
import { type ContainerSpec, DOWNLOADS } from "./launch-spec.ts";

// Nothing runs from the folder of downloads, inside the browser's container: no program, no device, no other user's
// rights. The engine's mounts can not say so, and a volume's options are not heeded for a folder. So a container of our
// own, which does this one thing, joins the browser's namespace of mounts and sets the three options there. It has the
// capabilities for that (to look at another user's process, to enter its root, to administer mounts); the browser's
// container has none, so nothing in it can undo it. Until it is done, the browser waits before its first line: what the
// container of our own meets in there is the image, which is read-only, and what the engine has mounted.

interface CloserInput {
  image: string;
  gate: string;
  session: string;
  /** The browser's container. */
  browser: string;
}

/**
 * Nothing is done where the browser has ended meanwhile: that is for others to notice.
 * @throws PosternError `internal` when the kernel or the engine does not allow it; the signal's reason
 */
export async function closeDownloads(
  engine: Engine,
  browser: Container,
  input: Omit<CloserInput, "browser">,
  signal: AbortSignal,
): Promise<void> {
  const isClosed = await run(engine, closerSpec({ ...input, browser: browser.id }), signal).catch(() => false);
  signal.throwIfAborted();
  if (isClosed || !(await isRunning(engine, browser))) return;
  const message = "The folder of downloads could not be closed to programs, so the browser was not started.";
  throw new PosternError("internal", message, "The engine's own log says why: journalctl --unit docker");
}

async function run(engine: Engine, spec: ContainerSpec, signal: AbortSignal): Promise<boolean> {
  await using closer = await startContainer(engine, spec, signal);
  return (await closer.exited).code === 0;
}

async function isRunning(engine: Engine, { id }: Container): Promise<boolean> {
  const found = await engine
    .getContainer(id)
    .inspect()
    .catch(() => undefined);
  return found?.State.Running === true;
}

function closerSpec({ browser, ...input }: CloserInput): ContainerSpec {
  const spec = contained({ kind: "closer", ...input, user: "0:0", seccomp: "guard" });
  const { HostConfig: host } = spec;
  return {
    ...spec,
    Entrypoint: ["/usr/bin/nsenter", "--target", "1", "--mount", "--"],
    Cmd: closingCommand(DOWNLOADS),
    HostConfig: {
      ...host,
      // Docker's own profile for AppArmor refuses every mount.
      SecurityOpt: [...host.SecurityOpt, "apparmor=unconfined"],
      NetworkMode: "none",
      PidMode: `container:${browser}`,
      // It comes into the browser's processes, which have a first one already.
      Init: false,
      CapAdd: ["SYS_ADMIN", "SYS_CHROOT", "SYS_PTRACE"],
      PidsLimit: 8,
      ...limitMemory(64 * MIB),
    },
  };
}

/** Without the options that others may have noted for the folder: mount(8) keeps its notes where the browser can write. */
export function closingCommand(folder: string): string[] {
  const alone = ["--no-mtab", "--options-mode=ignore"];
  return ["/usr/bin/mount", ...alone, "-o", "remount,bind,nosuid,nodev,noexec", folder];
}
