import { PosternError } from "#protocol/error.ts";
import { isGateName } from "#protocol/generated/control.ts";

/** The first descriptor that is handed over; the others follow it (sd_listen_fds(3)). */
const FIRST = 3;

/**
 * Listening sockets that whoever started this process has handed over, as systemd does: descriptors by the names of
 * their gates.
 * @throws PosternError `bad_message` when a name is no gate's
 */
export function passedSockets(environment: NodeJS.ProcessEnv, pid: number): Map<string, number> {
  const { LISTEN_PID, LISTEN_FDS = "0", LISTEN_FDNAMES = "" } = environment;
  // Meant for another process, which did not keep them to itself.
  if (LISTEN_PID !== String(pid)) return new Map();
  const names = LISTEN_FDNAMES.split(":");
  const count = Number(LISTEN_FDS);
  const passed = new Map(names.slice(0, count).map((name, index) => [name, FIRST + index]));
  const isSound = passed.size === names.length && passed.size === count && names.every((name) => isGateName(name));
  if (isSound || count === 0) return passed;
  throw new PosternError(
    "bad_message",
    "A socket was handed over without a gate's name, or two with the same.",
    "Name the gate in the socket's unit, for example: FileDescriptorName=session",
  );
}
