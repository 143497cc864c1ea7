import { readConfiguration } from "#wire/config.ts";
import type { EntryName } from "./entry-name.ts";
import type { Aliases } from "./match.ts";
import { type GatePolicy, policyOf } from "./policy.ts";

/** The configuration in force. */
export interface Settings {
  policyOf(gate: string): GatePolicy;
  aliases(): Aliases;
  /** Whether nobody uses the entry, so that whoever asks for it is up to no good. */
  isCanary(name: EntryName): boolean;
  /** Reads the file anew. @throws PosternError `bad_message` when it has an error: what was in force stays so */
  reload(): Promise<void>;
}

/**
 * @param path of config.toml; need not exist
 * @param isDemo the store is the demo store, whose gates ask nobody
 * @param isIgnored whether the store itself has tools leave an entry out
 * @throws PosternError `bad_message`
 */
export async function openSettings(
  path: string,
  isDemo: boolean,
  isIgnored: GatePolicy["isIgnored"],
): Promise<Settings> {
  let configuration = await readConfiguration(path);
  let aliases = aliasesOf();
  const policies = new Map<string, GatePolicy>();

  function aliasesOf(): Aliases {
    return new Map(Object.entries(configuration.aliases ?? {}));
  }

  async function reload(): Promise<void> {
    configuration = await readConfiguration(path);
    aliases = aliasesOf();
    policies.clear();
  }

  return {
    policyOf: (gate) => {
      const policy = policies.get(gate) ?? policyOf(gate, configuration, isDemo, isIgnored);
      policies.set(gate, policy);
      return policy;
    },
    aliases: () => aliases,
    isCanary: (name) => configuration.canaries?.includes(name) === true,
    reload,
  };
}
