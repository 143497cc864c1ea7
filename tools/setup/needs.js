import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isBrowserpassLookedFor } from "./browserpass.js";
import { isBuilt } from "./build.js";
import { dependenciesFit } from "./dependencies.js";
import { askEngine } from "./engine.js";
import { packageManager } from "./packages.js";
import { hasControlGroups, hasDaemon, hasProgram, hasSystemd } from "./world.js";
/** @import { EngineState } from "./engine.js" */
/** @import { World } from "./world.js" */

/**
 * Something that is missing. `permission`: the engine runs, but not for this user.
 * @typedef {object} Need
 * @property {"package" | "engine" | "permission" | "browserpass" | "dependencies" | "build"} kind
 * @property {string} what
 * @property {string} why
 * @property {string} [package] what brings it, by its name in this system's package manager
 */

/** @typedef {[isThere: boolean, packages: Record<string, string>, what: string, why: string]} Row */

const WHY_ENGINE = "browser and vault run in its containers";
const DEBIAN_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg";

/**
 * What is missing here. Takes milliseconds when nothing is.
 * @param {World} world
 * @returns {Promise<Need[]>}
 */
export async function findNeeds(world) {
  const engine = await askEngine(world.environment);
  return [...packageNeeds(world, engine), ...engineNeeds(engine), ...projectNeeds(world)];
}

/**
 * What the system's packages bring, each with what tells that it is there.
 * @param {World} world
 * @param {EngineState} engine
 * @returns {Need[]}
 */
function packageNeeds(world, engine) {
  const isSilent = engine === "silent";
  const hasGroups = hasSystemd() || hasControlGroups();
  /** @type {Row[]} */
  const table = [
    [hasProgram(world, "gpg"), named("gnupg", "gnupg2", "gnupg"), "GnuPG", "it decrypts the entries of your store"],
    [hasProgram(world, "pass"), named("pass"), "pass", "it keeps the store"],
    [hasProgram(world, "git"), named("git"), "git", "pass keeps a store's history with it"],
    [hasProgram(world, "mmdebstrap"), onDebian("mmdebstrap"), "mmdebstrap", "it makes the base of both images"],
    [existsSync(DEBIAN_KEYS), onDebian("debian-archive-keyring"), "Debian's keys", "that base is checked with them"],
    [hasLibatomic(), named("libatomic1", "libatomic", "gcc-libs"), "libatomic", "the Node that runs Postern needs it"],
    [!isSilent || hasDaemon(world), named("docker.io", "moby-engine", "docker"), "Docker Engine", WHY_ENGINE],
    [!isSilent || hasGroups, onDebian("cgroupfs-mount"), "control groups", "they limit containers; none are mounted"],
  ];
  const manager = packageManager(world)?.name;
  if (world.isForTests) table.push(...testNeeds(world), ...desktopNeeds(world));
  // What only Debian has is not wanted elsewhere: there the images' base comes from a registry.
  const wanted = table.filter(([isThere, packages]) => !isThere && (manager ?? "dnf") in packages);
  return wanted.map(([, packages, what, why]) => ({
    kind: "package",
    what,
    why,
    ...(manager === undefined ? {} : { package: packages[manager] }),
  }));
}

/**
 * What tests hold Postern against.
 * @param {World} world
 * @returns {Row[]}
 */
function testNeeds(world) {
  /** @type {(program: string, packages: Record<string, string>, what: string, why: string) => Row} */
  const row = (program, packages, what, why) => [hasProgram(world, program), packages, what, why];
  const hasFirefox = hasProgram(world, "firefox-esr") || hasProgram(world, "firefox");
  const whyBrowser = "tests fill a page in your own session's";
  const pactl = named("pulseaudio-utils", "pulseaudio-utils", "libpulse");
  const oathtool = named("oathtool", "oathtool", "oath-toolkit");
  return [
    row("ip", named("iproute2", "iproute", "iproute2"), "iproute2", "a test makes a net with it"),
    [hasFirefox, named("firefox-esr", "firefox"), "Firefox", whyBrowser],
    row("chromium", named("chromium"), "Chromium", whyBrowser),
    row("pulseaudio", named("pulseaudio"), "PulseAudio", "a test plays to it"),
    row("pactl", pactl, "PulseAudio's programs", "a test plays and records with them"),
    row("oathtool", oathtool, "oathtool", "a test compares one-time codes with its"),
    row("dbus-daemon", named("dbus", "dbus-daemon"), "D-Bus", "a test has a bus"),
    row("notify-send", named("libnotify-bin", "libnotify"), "notify-send", "a test is told of a lock by it"),
    row("bwrap", named("bubblewrap"), "bubblewrap", "a test builds the walls of a service with it"),
    row("systemd-analyze", named("systemd"), "systemd's programs", "a test has them judge our units"),
  ];
}

/**
 * The desktop that the tests look at and type into.
 * @param {World} world
 * @returns {Row[]}
 */
function desktopNeeds(world) {
  const why = "tests look at a desktop with it";
  /** @type {(program: string, packages?: Record<string, string>) => Row} */
  const row = (program, packages = named(program)) => [hasProgram(world, program), packages, program, why];
  return [
    ...["sway", "grim", "wtype", "fuzzel"].map((program) => row(program)),
    row("pinentry-qt", named("pinentry-qt", "pinentry-qt", "pinentry")),
    // Any pinentry satisfies gpg-agent's package, and tests ask on terminals too.
    row("pinentry-curses", named("pinentry-curses", "pinentry", "pinentry")),
    [hasLibrary("qt5/plugins/platforms/libqwayland-generic.so"), onDebian("qtwayland5"), "Qt for Wayland", why],
  ];
}

/** @returns {Record<string, string>} what each package manager calls it */
function named(apt = "", dnf = apt, pacman = apt) {
  return { "apt-get": apt, dnf, pacman };
}

/** @param {string} apt */
function onDebian(apt) {
  return { "apt-get": apt };
}

/**
 * @param {EngineState} engine
 * @returns {Need[]}
 */
function engineNeeds(engine) {
  if (engine === "answers") return [];
  return [{ kind: engine === "silent" ? "engine" : "permission", what: "a running Docker Engine", why: WHY_ENGINE }];
}

/**
 * @param {World} world
 * @returns {Need[]}
 */
function projectNeeds(world) {
  const { root } = world;
  /** @type {Need[]} */
  const needs = [];
  if (world.isForTests && packageManager(world)?.name === "apt-get" && !isBrowserpassLookedFor(root)) {
    needs.push({ kind: "browserpass", what: "browserpass", why: "a test does to it what is done to Postern" });
  }
  if (!dependenciesFit(root)) {
    needs.push({ kind: "dependencies", what: "npm packages", why: "package-lock.json lists them" });
  }
  if (!isBuilt(root)) {
    needs.push({ kind: "build", what: "bundles", why: "they are older than the sources" });
  }
  return needs;
}

function hasLibatomic() {
  return hasLibrary("libatomic.so.1");
}

/** @param {string} path below a folder of libraries */
function hasLibrary(path) {
  const folders = ["/usr/lib64", "/usr/lib", ...readdirSync("/usr/lib").map((name) => join("/usr/lib", name))];
  return folders.some((folder) => existsSync(join(folder, path)));
}
