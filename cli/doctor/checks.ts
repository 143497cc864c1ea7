import { join } from "node:path";
import { execa } from "execa";
import { PosternError } from "#protocol/error.ts";
import { readConfiguration } from "#wire/config.ts";
import type { Context } from "../context.ts";
import { notInstalled } from "../not-installed.ts";
import { choosePerson } from "../session/choose-person.ts";
import { findStores, storesText } from "../stores.ts";
import { requireOwnStore } from "../session/own-store.ts";
import { storeKeys } from "../session/store-keys.ts";
import { gpgEnvironment } from "../session/world.ts";
import { ownTerminal } from "../terminal.ts";
import { displayOf } from "../commands/up-target.ts";
import { checkDisplay } from "./display.ts";
import { checkEngine } from "./engine.ts";
import { checkInstalled } from "./installed.ts";
import { checkSockets } from "./sockets.ts";

/** One thing that has to be right, by the name that people are told. */
interface Check {
  name: string;
  /** Says what was found. @throws PosternError what is wrong, with the command that mends it as its hint */
  look: () => Promise<string>;
}

/** All that `up` needs, each looked at by itself: one that fails keeps none of the others from being looked at. */
export function checksFor(context: Context, named: string | undefined): Check[] {
  const { environment, places, uid, isInteractive } = context;
  const display = displayOf(environment);
  const gnupg = gpgEnvironment(context, environment.GNUPGHOME);
  return [
    { name: "engine", look: async () => await checkEngine(context) },
    { name: "pass", look: async () => await passVersion(environment) },
    {
      name: "store",
      look: async () => {
        const stores = await findStores(context, named);
        for (const store of stores) await requireOwnStore(store, uid);
        return storesText(stores);
      },
    },
    {
      name: "key",
      look: async () => {
        const stores = await findStores(context, named);
        const firsts = await Promise.all(stores.map(async ({ path }) => (await storeKeys(path, gnupg))[0]));
        return [...new Set(firsts.map(({ userId, fingerprint }) => `${userId} (${fingerprint})`))].join(", ");
      },
    },
    {
      name: "config",
      look: async () => {
        const path = join(places.config, "config.toml");
        const configuration = await readConfiguration(path);
        return Object.keys(configuration).length === 0 ? "all as by default" : path;
      },
    },
    {
      name: "consent",
      look: async () => {
        const configuration = await readConfiguration(join(places.config, "config.toml"));
        const terminal = isInteractive ? await ownTerminal(environment) : undefined;
        const { ask, asks } = await choosePerson(configuration, environment, gnupg, terminal, context.bundles);
        if (ask === undefined) throw nobody();
        return asks;
      },
    },
    ...(display === undefined ? [] : [{ name: "display", look: async () => await checkDisplay(context, display) }]),
    { name: "install", look: async () => await checkInstalled(context) },
    { name: "sockets", look: async () => await checkSockets(places, uid) },
  ];
}

async function passVersion({ PATH = "/usr/bin:/bin" }: NodeJS.ProcessEnv): Promise<string> {
  const options = { env: { PATH }, extendEnv: false, reject: false, stderr: "ignore" } as const;
  const { stdout, failed } = await execa("pass", ["version"], options);
  if (failed) throw notInstalled("pass");
  return /v[\d.]+/.exec(stdout)?.[0] ?? "installed";
}

function nobody(): PosternError {
  return new PosternError(
    "no_consent_agent",
    "There is nobody to ask for consent: no display, no terminal, and no command in config.toml.",
    "Run postern up on a desktop or on a terminal, or name a program in config.toml under [consent], command.",
  );
}
