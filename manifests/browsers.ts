import { join } from "node:path";
import { NATIVE_HOST } from "#protocol/names.ts";
import type { Family } from "./native-manifest.ts";

/** A browser of the user's own session that can be set up. */
export interface OwnBrowser {
  /** As it is named on the command line. */
  name: string;
  title: string;
  family: Family;
  /** Directories that are there when the user has started it at least once; absolute. */
  profiles: string[];
  /** Where its native messaging manifest goes; absolute. */
  manifest: string;
  /** The names of its own program, as the kernel has them: what starts the host. */
  programs: readonly string[];
}

/** Firefox and those of its kin that look in a directory of their own. The others (Zen, Floorp) look in Firefox's. */
const FIREFOXES = [
  // Newer versions make profiles below the configuration directory, and look for manifests here all the same.
  {
    name: "firefox",
    title: "Firefox",
    own: ".mozilla",
    old: ".mozilla/firefox",
    xdg: "mozilla/firefox",
    programs: ["firefox", "firefox-bin", "firefox-esr", "zen", "zen-bin", "floorp", "floorp-bin"],
  },
  {
    name: "librewolf",
    title: "LibreWolf",
    own: ".librewolf",
    old: ".librewolf",
    xdg: "librewolf/librewolf",
    programs: ["librewolf", "librewolf-bin"],
  },
];

/** Below the configuration directory. */
const CHROMIUMS = [
  { name: "chromium", title: "Chromium", own: "chromium", programs: ["chromium", "chromium-browser"] },
  { name: "chrome", title: "Google Chrome", own: "google-chrome", programs: ["chrome"] },
  { name: "chrome-beta", title: "Google Chrome Beta", own: "google-chrome-beta", programs: ["chrome"] },
  { name: "chrome-unstable", title: "Google Chrome Dev", own: "google-chrome-unstable", programs: ["chrome"] },
  { name: "brave", title: "Brave", own: "BraveSoftware/Brave-Browser", programs: ["brave"] },
  { name: "edge", title: "Microsoft Edge", own: "microsoft-edge", programs: ["msedge"] },
  { name: "vivaldi", title: "Vivaldi", own: "vivaldi", programs: ["vivaldi-bin"] },
  { name: "opera", title: "Opera", own: "opera", programs: ["opera"] },
];

/**
 * All that are known.
 * @param config the user's configuration directory: $XDG_CONFIG_HOME, else ~/.config
 */
export function ownBrowsers(home: string, config: string): OwnBrowser[] {
  const file = `${NATIVE_HOST}.json`;
  return [
    ...FIREFOXES.map(({ name, title, own, old, xdg, programs }) => ({
      name,
      title,
      family: "firefox" as const,
      profiles: [join(home, old), join(config, xdg)],
      manifest: join(home, own, "native-messaging-hosts", file),
      programs,
    })),
    ...CHROMIUMS.map(({ name, title, own, programs }) => ({
      name,
      title,
      family: "chromium" as const,
      profiles: [join(config, own)],
      manifest: join(config, own, "NativeMessagingHosts", file),
      programs,
    })),
  ];
}
