import { join, resolve } from "node:path";
import type { Context } from "./context.ts";

/** The store that is meant: the one that was named, else where `pass` itself looks. */
export function storePath({ environment, home }: Pick<Context, "environment" | "home">, named?: string): string {
  return resolve(named ?? environment.PASSWORD_STORE_DIR ?? join(home, ".password-store"));
}
