import { readFileSync } from "node:fs";

/** The part of JSON Schema (draft 7) that the protocol is written in. */
export interface Schema {
  $ref?: string;
  oneOf?: Schema[];
  type?: string;
  const?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: false;
  title?: string;
  description?: string;
  /** For the validators' own speed: it changes nothing of what fits. */
  discriminator?: object;
}

export type Definitions = Record<string, Schema>;

export function readDefinitions(name: "bridge" | "consent"): Definitions {
  const path = new URL(`../../host-bridge/protocol/schema/${name}.schema.json`, import.meta.url);
  const { definitions }: { definitions: Definitions } = JSON.parse(readFileSync(path, "utf8"));
  return definitions;
}

/** @throws Error when the schema refers to what it has not */
export function referredTo(reference: string, definitions: Definitions): Schema {
  const found = definitions[reference.replace("#/definitions/", "")];
  if (found === undefined) throw new Error(`The schema has no ${reference}.`);
  return found;
}
