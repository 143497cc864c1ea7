import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What set-up may know of the machine and of who runs it.
 * @typedef {object} World
 * @property {string} root the project's folder
 * @property {NodeJS.ProcessEnv} environment
 * @property {number} uid
 * @property {boolean} isTerminal there is somebody to ask
 * @property {boolean} isAgreed nobody has to be asked
 * @property {boolean} isForTests what only the tests need is needed
 * @property {string} osRelease os-release(5) of this machine; empty when it has none
 */

/** Where daemons lie, which an ordinary user's PATH leaves out. */
const DAEMONS = ["/usr/sbin", "/sbin"];

/**
 * PATH without what npm put in front, so that no package can stand in for a program of the system.
 * @param {World} world
 */
function programFolders({ environment }) {
  const folders = (environment.PATH ?? "/usr/bin:/bin").split(":");
  return folders.filter((folder) => folder.startsWith("/") && !folder.includes("/node_modules/"));
}

/**
 * @param {World} world
 * @param {string} program
 */
export function hasProgram(world, program) {
  return programFolders(world).some((folder) => existsSync(join(folder, program)));
}

/** @param {World} world */
export function hasDaemon(world) {
  return [...programFolders(world), ...DAEMONS].some((folder) => existsSync(join(folder, "dockerd")));
}

/**
 * What a program of the system is started with: nothing of npm's and nothing of ours.
 * @param {World} world
 */
export function systemEnvironment(world) {
  const { environment } = world;
  const PATH = [...new Set([...programFolders(world), ...DAEMONS])].join(":");
  const kept = Object.entries(environment).filter(([name]) => /^(?:HOME|TERM|USER|.*_proxy)$/i.test(name));
  return { ...Object.fromEntries(kept), PATH, LANG: "C.UTF-8" };
}

/**
 * @param {World} world
 * @returns {string[]} what to put before a command
 */
export function asRoot({ uid }) {
  return uid === 0 ? [] : ["sudo"];
}

/** @returns os-release(5) of this machine; empty when it has none */
export function readOsRelease() {
  const path = ["/etc/os-release", "/usr/lib/os-release"].find((place) => existsSync(place));
  return path === undefined ? "" : readFileSync(path, "utf8");
}

/** Whether systemd runs this machine, as sd_booted(3) judges. */
export function hasSystemd() {
  return existsSync("/run/systemd/system");
}

export function hasControlGroups() {
  return /^\S+ \S+ cgroup2? /m.test(readFileSync("/proc/mounts", "utf8"));
}
