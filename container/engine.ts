import Dockerode from "dockerode";
import { PosternError } from "#protocol/error.ts";

/** The engine as one user of this machine uses it: others may, too. */
export interface Engine extends Dockerode {
  /** The user's number. What is made here bears it, and nothing else is found, mounted or removed. */
  readonly owner: number;
}

const DEFAULT_SOCKET = "/var/run/docker.sock";
const PING_DEADLINE = 10_000;

/**
 * The container engine of this machine, asked once whether it answers. DOCKER_HOST may name another Unix socket;
 * not another machine, since what the containers are given lies here.
 * @param owner whose the containers, networks, volumes and images are
 * @throws PosternError `internal`: no engine, not running, or not open to this user
 */
export async function connectEngine(
  environment: NodeJS.ProcessEnv,
  owner: number = process.getuid?.() ?? 0,
): Promise<Engine> {
  const socketPath = socketOf(environment.DOCKER_HOST ?? "");
  try {
    await new Dockerode({ socketPath, timeout: PING_DEADLINE }).ping();
  } catch (error) {
    throw explain(error, socketPath);
  }
  return Object.assign(new Dockerode({ socketPath }), { owner });
}

function socketOf(dockerHost: string): string {
  if (dockerHost === "") return DEFAULT_SOCKET;
  const [, path] = /^unix:\/\/(\/.+)$/.exec(dockerHost) ?? [];
  if (path !== undefined) return path;
  throw new PosternError(
    "internal",
    "DOCKER_HOST does not name a Unix socket.",
    "Postern needs the engine of this machine: unset DOCKER_HOST, or set it to unix:///PATH",
  );
}

function explain(error: unknown, socketPath: string): PosternError {
  const cause = error instanceof Error && "code" in error ? error.code : "";
  if (cause === "ENOENT") {
    const hint = "Install one with: apt-get install docker.io, and start it; for another socket set DOCKER_HOST.";
    return new PosternError("internal", `There is no container engine at ${socketPath}.`, hint);
  }
  if (cause === "EACCES") {
    const hint =
      "Let root add you (that is as good as root): usermod --append --groups docker USER; or set DOCKER_HOST to a rootless engine.";
    return new PosternError("internal", `You may not use the container engine at ${socketPath}.`, hint);
  }
  const hint = "Start it with: systemctl start docker (without systemd: dockerd, as root).";
  return new PosternError("internal", `The container engine at ${socketPath} does not answer.`, hint);
}
