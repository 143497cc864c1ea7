import type { Places } from "./places.ts";

/** What a command may know of the world, read once by the entry. */
export interface Context {
  environment: NodeJS.ProcessEnv;
  uid: number;
  gid: number;
  home: string;
  places: Places;
  /** The folder of the bundles. */
  bundles: string;
  /** Whether there is a person at a terminal to ask. */
  isInteractive: boolean;
}
