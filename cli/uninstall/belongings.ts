import { lstat, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "#container/engine.ts";
import { profileVolumes, removeVolumes } from "#container/profiles.ts";
import { shellWord } from "#manifests/shell.ts";
import type { Context } from "../context.ts";

/** What Postern made or was given that somebody may want to keep. */
export interface Belonging {
  what: string;
  /** Whether `--yes` is an answer about it: what the user wrote is not removed without a question of its own. */
  isOurs: boolean;
  /** For the shell, when it is to go later. */
  command: string;
  remove: () => Promise<void>;
}

/** What there is of it. The user's password store is none of it, nor is a key home of theirs. */
export async function findBelongings({ places }: Context, engine: Engine | undefined): Promise<Belonging[]> {
  const found: Belonging[] = [];
  const volumes = engine === undefined ? [] : await profileVolumes(engine);
  if (engine !== undefined && volumes.length > 0) {
    found.push({
      what: `the profiles of the sandboxed browsers (${volumes.join(", ")})`,
      isOurs: true,
      command: `docker volume rm ${volumes.join(" ")}`,
      remove: () => removeVolumes(engine, volumes),
    });
  }
  const hasReplaced = (await lstat(join(places.state, "replaced")).catch(() => undefined)) !== undefined;
  const ofState = "the log of what was released, and screenshots";
  const directories = [
    { what: "the demo store, with its throw-away key", path: join(places.data, "demo"), isOurs: true },
    {
      what: hasReplaced ? `${ofState}, and the passwords that were replaced, still encrypted` : ofState,
      path: places.state,
      isOurs: !hasReplaced,
    },
    { what: "your config.toml", path: join(places.config, "config.toml"), isOurs: false },
  ];
  for (const { what, path, isOurs } of directories) {
    if ((await lstat(path).catch(() => undefined)) === undefined) continue;
    const remove = (): Promise<void> => rm(path, { recursive: true, force: true });
    found.push({ what: `${what} (${path})`, isOurs, command: `rm -r ${shellWord(path)}`, remove });
  }
  return found;
}
