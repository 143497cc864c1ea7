import { existsSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { lastLines, runLogged } from "./run.js";
import { failure } from "./speak.js";
import { asRoot, hasControlGroups, hasSystemd, systemEnvironment } from "./world.js";
/** @import { World } from "./world.js" */
/** @typedef {"answers" | "forbidden" | "silent"} EngineState */

const DEFAULT_SOCKET = "/var/run/docker.sock";
const PING_LIMIT = 10_000;
const START_LIMIT = 60_000;
/** Looks in a row that find no daemon, after which there will be none. */
const MAX_ABSENT = 50;
const LOOK_AGAIN_AFTER = 200;
/** Where the engine and the containerd that it starts leave their process ids. */
const DAEMON_PID = "/var/run/docker.pid";
const PID_FILES = [DAEMON_PID, "/var/run/docker/containerd/containerd.pid"];
const DAEMON_LOG = "/var/log/dockerd.log";

/**
 * Judged by the socket alone: a client on PATH says nothing about the engine.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<EngineState>}
 */
export async function askEngine({ DOCKER_HOST = "" }) {
  if (DOCKER_HOST === "") return ping(DEFAULT_SOCKET);
  const [, named] = /^unix:\/\/(\/.+)$/.exec(DOCKER_HOST) ?? [];
  if (named === undefined) {
    const hint = "Postern needs the engine of this machine: unset DOCKER_HOST, or set it to unix:///PATH";
    throw failure("DOCKER_HOST does not name a Unix socket.", hint);
  }
  const state = await ping(named);
  if (state === "answers") return state;
  throw failure(`The engine at ${named}, which DOCKER_HOST names, does not answer.`, "Start it, or unset DOCKER_HOST.");
}

/**
 * What starts the engine. Without an init system it is started directly, out of reach of this terminal's signals.
 * @returns {string[]}
 */
export function engineCommand() {
  if (hasSystemd()) return ["systemctl", "start", "docker"];
  const first = hasControlGroups() ? "" : "cgroupfs-mount; ";
  return ["sh", "-c", `${first}setsid dockerd > ${DAEMON_LOG} 2>&1 < /dev/null &`];
}

/**
 * Starts the engine, unless its installation has, and waits until it answers. It stays when we are gone.
 * @param {World} world
 */
export async function startEngine(world) {
  if (!runsFrom(DAEMON_PID)) {
    const options = { log: join(world.root, "build/engine.log"), environment: systemEnvironment(world), folder: "/" };
    // An engine that was killed leaves its number. Another process may have it by now, and then it would not start.
    const stale = hasSystemd() ? [] : PID_FILES.filter((file) => existsSync(file) && !runsFrom(file));
    if (stale.length > 0) {
      await runLogged("Clearing up after an earlier engine", [...asRoot(world), "rm", "--force", ...stale], options);
    }
    await runLogged("Starting Docker Engine", [...asRoot(world), ...engineCommand()], options);
  }
  const deadline = performance.now() + START_LIMIT;
  // It is seen only once the shell has made way for it.
  let absent = 0;
  while (absent < MAX_ABSENT && performance.now() < deadline) {
    await wait(LOOK_AGAIN_AFTER);
    const state = await ping(DEFAULT_SOCKET);
    if (state === "answers") return;
    if (state === "forbidden") throw forbidden();
    absent = runsFrom(DAEMON_PID) ? 0 : absent + 1;
  }
  throw silent();
}

/** For a user who is neither root nor in the engine's group. */
export function forbidden() {
  const hint =
    "Let root add you to its group, which is as good as root (sudo usermod -aG docker $USER), and log in again; " +
    "or run a rootless engine and set DOCKER_HOST.";
  return failure("You may not use the Docker Engine of this machine.", hint);
}

function silent() {
  const hint = hasSystemd() ? "See: journalctl -u docker" : `${DAEMON_LOG} ends with:\n${lastLines(DAEMON_LOG)}`;
  return failure("Docker Engine does not come up.", hint);
}

/**
 * Whether the process of a pid file is there, and is what the file says.
 * @param {string} file
 */
function runsFrom(file) {
  try {
    const name = readFileSync(`/proc/${readFileSync(file, "utf8").trim()}/comm`, "utf8").trim();
    return name === (file === DAEMON_PID ? "dockerd" : "containerd");
  } catch {
    return false;
  }
}

/**
 * @param {string} socketPath
 * @returns {Promise<EngineState>}
 */
function ping(socketPath) {
  return new Promise((resolve) => {
    const asking = request({ socketPath, path: "/_ping", timeout: PING_LIMIT }, (reply) => {
      reply.resume();
      resolve(reply.statusCode === 200 ? "answers" : "silent");
    });
    asking.once("timeout", () => asking.destroy(new Error("no answer")));
    asking.once("error", (error) => resolve("code" in error && error.code === "EACCES" ? "forbidden" : "silent"));
    asking.end();
  });
}
