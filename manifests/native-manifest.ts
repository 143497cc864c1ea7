import { ADDON_ID, NATIVE_HOST } from "#protocol/names.ts";

/** The JSON of a native messaging manifest (MDN, "Native manifests"). */
export interface NativeManifest {
  name: string;
  description: string;
  path: string;
  type: "stdio";
  allowed_extensions: string[];
}

/**
 * What tells Firefox which program to start for the extension, and that only our extension may.
 * @param path absolute path of the program, as the browser sees it
 */
export function nativeManifest(path: string): NativeManifest {
  return {
    name: NATIVE_HOST,
    description: "Postern: passwords from your pass store, one approved login at a time",
    path,
    type: "stdio",
    allowed_extensions: [ADDON_ID],
  };
}
