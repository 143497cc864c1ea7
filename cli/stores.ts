import { join, resolve } from "node:path";
import type { Store } from "#protocol/generated/control.ts";
import { readConfiguration } from "#wire/config.ts";
import type { Context } from "./context.ts";

/**
 * The stores that are meant: the one that was named, else those of config.toml, else where `pass` itself looks.
 * @returns one, or several that all have a name
 * @throws PosternError `bad_message` for a config.toml with an error
 */
export async function findStores(
  context: Pick<Context, "environment" | "home" | "places">,
  named?: string,
): Promise<Store[]> {
  if (named !== undefined) return [{ path: resolve(named) }];
  const { stores = {} } = await readConfiguration(join(context.places.config, "config.toml"));
  const found = Object.entries(stores).map(([name, path]) => ({ name, path: resolve(belowHome(path, context.home)) }));
  return found.length > 0 ? found : [passStore(context)];
}

/** Where `pass` itself looks. */
export function passStore({ environment, home }: Pick<Context, "environment" | "home">): Store {
  return { path: resolve(environment.PASSWORD_STORE_DIR ?? join(home, ".password-store")) };
}

/** What people are told of them. */
export function storesText(stores: readonly Store[]): string {
  return stores.map(({ name, path }) => (name === undefined ? path : `${name} (${path})`)).join(", ");
}

function belowHome(path: string, home: string): string {
  return path.startsWith("~/") ? join(home, path.slice(2)) : path;
}
