import { realpathSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname } from "node:path";
import { Command, Option } from "commander";
import { VERSION } from "#protocol/names.ts";
import { doctor } from "./commands/doctor.ts";
import { down } from "./commands/down.ts";
import { grants, revoke } from "./commands/grants.ts";
import { type InstallOptions, install } from "./commands/install.ts";
import { lock, unlock } from "./commands/lock.ts";
import { type LogOptions, log } from "./commands/log.ts";
import { status } from "./commands/status.ts";
import { type UninstallOptions, uninstall } from "./commands/uninstall.ts";
import { type UpOptions, up } from "./commands/up.ts";
import type { Context } from "./context.ts";
import { reportError } from "./output.ts";
import { placesOf } from "./places.ts";

const uid = process.getuid?.() ?? 0;
const context: Context = {
  environment: process.env,
  uid,
  gid: process.getgid?.() ?? 0,
  home: homedir(),
  places: placesOf(process.env, homedir(), uid, tmpdir()),
  // The bundles lie beside each other; the command itself may have been called through a link.
  bundles: dirname(realpathSync(process.argv[1] ?? "")),
  isInteractive: process.stdin.isTTY && process.stderr.isTTY,
};

const program = new Command("postern")
  .description("Passwords from your pass store in a sandboxed browser, one approved login at a time.")
  .version(VERSION)
  .showHelpAfterError("postern: hint: See what there is with: postern --help")
  .configureOutput({
    // A suggestion comes on a line of its own.
    outputError: (text, write) => write(text.replace(/^error: /, "postern: error: ").replaceAll(/\n(?=\()/g, " ")),
  })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

program
  .command("up")
  .description("build what is missing, start the vault and the sandboxed browser on your store")
  .argument("[gate]", "the sandbox's name; each has a profile, a policy and a socket of its own")
  .argument("[url]", "the page to open, in the window that is open already where there is one")
  .option(
    "--store <dir>",
    "the password store (default: those of config.toml, else PASSWORD_STORE_DIR, else ~/.password-store)",
  )
  .option(
    "--page <url>",
    "the page, by another name (headless: whose login is filled; default: one that Postern serves)",
  )
  .option("--headless", "no window, as without a Wayland display: fill the page, save a screenshot")
  .option("--vault", "start no browser: serve one of yours by the gate (default: session)")
  .addOption(
    new Option("--network <kind>", "what the browser reaches (default: what the page needs)").choices([
      "none",
      "internet",
    ]),
  )
  .option("--ephemeral", "keep the browser's profile in memory: it is gone at the end")
  .option("--rebuild", "make the images anew, with a Firefox as it is now")
  .option("--explain", "print what the sandbox is given and what it is not, start nothing")
  .option("--json", "print one JSON object")
  .action((one: string | undefined, other: string | undefined, options: UpOptions) =>
    up(
      context,
      [one, other].filter((word) => word !== undefined),
      options,
    ),
  );

program
  .command("install")
  .description("set up the browsers of your own session, and this command on your PATH; no root needed")
  .argument("[browser...]", "firefox, chromium and others (default: those that you have started before)")
  .option("--print", "print what would be written and where, write nothing")
  .option("--json", "print one JSON object")
  .action((browsers: string[], options: InstallOptions) => install(context, browsers, options));

program
  .command("uninstall")
  .description("take out what install wrote, and nothing else")
  .option("--all", "also end everything, and remove images, browser profiles, log and demo store (after asking)")
  .option("--yes", "with --all: ask nothing; what you wrote yourself stays")
  .option("--json", "print one JSON object")
  .action((options: UninstallOptions) => uninstall(context, options));

program
  .command("down")
  .description("end the browsers, the vault and everything that up started")
  .option("--json", "print one JSON object")
  .action((options: { json?: true }) => down(context, options));

program
  .command("status")
  .description("show what runs; exits with 1 when nothing does")
  .option("--json", "print one JSON object")
  .action((options: { json?: true }) => status(context, options));

program
  .command("doctor")
  .description("say what is wrong, and the command that mends it; exits with 1 when something is")
  .option(
    "--store <dir>",
    "the password store (default: those of config.toml, else PASSWORD_STORE_DIR, else ~/.password-store)",
  )
  .option("--json", "print one JSON object")
  .action((options: { store?: string; json?: true }) => doctor(context, options));

const ABOUT_GATES = [
  ["grants", grants, "show the approvals that last and are in force: gate, entry, origin, fields, until when"],
  ["revoke", revoke, "end them: every fill is asked about again"],
  ["lock", lock, "forget every approval and answer no browser until unlocked"],
  ["unlock", unlock, "answer browsers again"],
] as const;
for (const [name, act, description] of ABOUT_GATES) {
  program
    .command(name)
    .description(description)
    .argument("[gate]", "of this gate alone")
    .option("--json", "print one JSON object")
    .action((gate: string | undefined, options: { json?: true }) => act(context, gate, options));
}

program
  .command("log")
  .description("show what was asked and what was decided")
  .option("-n, --lines <number>", "how many of the last decisions", "50")
  .option("-f, --follow", "go on with every later one, until Ctrl-C")
  .option("--json", "print one JSON object for each")
  .action((options: LogOptions) => log(context, options));

process.stdout.on("error", (error: Error) => {
  // Whoever read it has seen enough.
  process.exit("code" in error && error.code === "EPIPE" ? 0 : 2);
});
program.parseAsync().catch(reportError);
