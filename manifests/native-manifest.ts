import { createHash } from "node:crypto";
import { ADDON_ID, CHROMIUM_KEY, NATIVE_HOST } from "#protocol/names.ts";

export type Family = "firefox" | "chromium";

/** The JSON of a native messaging manifest (MDN, "Native manifests"; Chrome for Developers, "Native messaging"). */
export interface NativeManifest {
  name: string;
  description: string;
  path: string;
  type: "stdio";
  /** In Firefox's. */
  allowed_extensions?: string[];
  /** In Chromium's. */
  allowed_origins?: string[];
}

/**
 * What tells a browser which program to start for the extension, and that only our extension may.
 * @param path absolute path of the program, as the browser sees it
 */
export function nativeManifest(family: Family, path: string): NativeManifest {
  return {
    name: NATIVE_HOST,
    description: "Postern: passwords from your pass store, one approved login at a time",
    path,
    type: "stdio",
    ...(family === "firefox"
      ? { allowed_extensions: [ADDON_ID] }
      : { allowed_origins: [`chrome-extension://${chromiumId(CHROMIUM_KEY)}/`] }),
  };
}

/** The manifest's file, as every installation writes it. */
export function nativeManifestText(family: Family, path: string): string {
  return `${JSON.stringify(nativeManifest(family, path), undefined, 2)}\n`;
}

/**
 * The id that Chromium gives to an extension with this key: the first 16 bytes of its SHA-256, in hexadecimal with the
 * digits a to p.
 * @param key base64 of the SPKI
 */
export function chromiumId(key: string): string {
  const digest = createHash("sha256").update(Buffer.from(key, "base64")).digest("hex").slice(0, 32);
  return digest.replaceAll(/./g, (digit) => String.fromCodePoint("a".charCodeAt(0) + Number.parseInt(digit, 16)));
}
