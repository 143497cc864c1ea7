// What a browser and Node both have and the language's own library does not declare. Nothing else of
// either may be used in this folder.

declare class URL {
  constructor(text: string);
  readonly protocol: string;
  readonly origin: string;
  readonly hostname: string;
  readonly port: string;
}

declare class TextDecoder {
  constructor(label: "utf-8", options: { fatal: true; ignoreBOM: true });
  decode(bytes: Uint8Array): string;
}
