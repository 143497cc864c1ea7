import { join } from "node:path";
import { runLogged } from "./run.js";
import { asRoot, hasProgram, systemEnvironment } from "./world.js";
/** @import { World } from "./world.js" */

/**
 * A system's package manager.
 * @typedef {object} Manager
 * @property {string} name its program
 * @property {string[]} systems what os-release(5) calls the systems that it belongs to, and their like
 * @property {string[]} install
 * @property {string[]} [refresh] brings the lists up to date; of the others, dnf does so itself, and pacman must not
 *   without bringing the whole system up to date
 * @property {string[]} patience options that let it wait for another one of its kind
 */

/** @type {Manager[]} */
const MANAGERS = [
  {
    name: "apt-get",
    systems: ["debian", "ubuntu"],
    install: ["apt-get", "install", "--yes", "--no-install-recommends"],
    refresh: ["apt-get", "update"],
    patience: ["-o", "DPkg::Lock::Timeout=600"],
  },
  {
    name: "dnf",
    systems: ["fedora", "rhel", "centos"],
    install: ["dnf", "install", "--assumeyes", "--setopt=install_weak_deps=False"],
    patience: [],
  },
  {
    name: "pacman",
    systems: ["arch"],
    install: ["pacman", "--sync", "--needed", "--noconfirm"],
    patience: [],
  },
];

/**
 * The package manager of this system: another one that happens to be installed too is not asked.
 * @param {World} world
 * @returns {Manager | undefined}
 */
export function packageManager(world) {
  const names = ["ID", "ID_LIKE"].flatMap((field) => valueOf(world.osRelease, field).split(" "));
  const manager = MANAGERS.find(({ systems }) => systems.some((system) => names.includes(system)));
  return manager !== undefined && hasProgram(world, manager.name) ? manager : undefined;
}

/**
 * @param {string} text of os-release(5)
 * @param {string} field
 */
function valueOf(text, field) {
  return new RegExp(`^${field}=["']?([^"'\\n]*)`, "m").exec(text)?.[1] ?? "";
}

/**
 * The command that a person may run instead.
 * @param {Manager} manager
 * @param {string[]} packages by their names there
 */
export function installCommand({ install }, packages) {
  return [...install, ...packages];
}

/**
 * @param {World} world
 * @param {Manager} manager
 * @param {string[]} packages by their names there
 */
export async function installPackages(world, manager, packages) {
  const { name, refresh, patience } = manager;
  // sudo begins with an environment of its own, so what apt is to know is said after it.
  const before = [...asRoot(world), "env", "DEBIAN_FRONTEND=noninteractive"];
  const options = { log: join(world.root, `build/${name}.log`), environment: systemEnvironment(world), folder: "/" };
  if (refresh !== undefined) {
    // Lists that are missing or old name packages that are not there any more. A source of the user's own that can not
    // be reached is no reason to stop: if it matters, the installation says so.
    const refreshed = runLogged("Updating the package lists", [...before, ...refresh, ...patience], options);
    await refreshed.catch(() => undefined);
  }
  await runLogged("Installing packages", [...before, ...installCommand(manager, packages), ...patience], options);
}
