import { join } from "node:path";
import type { OwnBrowser } from "#manifests/browsers.ts";

/**
 * How a person adds the extension to a browser: no program can do it for them, and Mozilla has not signed it.
 * @param program the folder that holds the extension
 */
export function howToAdd({ title, family }: OwnBrowser, program: string): string[] {
  const extension = join(program, "extension");
  if (family === "chromium") {
    return [
      `To add the extension in ${title}: open chrome://extensions, switch on Developer mode, choose Load unpacked, and`,
      `choose the folder ${join(extension, "chromium")}`,
    ];
  }
  return [
    `To add the extension in ${title}, until it is closed: open about:debugging#/runtime/this-firefox, choose Load`,
    `Temporary Add-on, and choose ${join(extension, "postern-firefox.xpi")}`,
    "To keep it: it is not signed, and only an ESR, a Developer Edition, a Nightly and some distributions' builds (Debian's",
    "among them) take it. There set xpinstall.signatures.required to false in about:config; then open about:addons and",
    "choose that file by the gear, Install Add-on From File.",
  ];
}
