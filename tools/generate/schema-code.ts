import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv } from "ajv";
import standalone from "ajv/dist/standalone/index.js";
import { build } from "esbuild";
import { compile } from "json-schema-to-typescript";
import type { Generated } from "./schemas.ts";

interface Schema {
  $id: string;
  title: string;
  definitions: Record<string, object>;
}

/** The text of the module that one schema becomes. */
export async function schemaCode(root: string, { schema: path, validators }: Generated): Promise<string> {
  const schema: Schema = JSON.parse(await readFile(join(root, path), "utf8"));
  return `${await typesOf(schema)}\n${await validatorsOf(root, schema, validators)}\n`;
}

async function typesOf(schema: Schema): Promise<string> {
  const types = await compile({ ...schema, definitions: withoutItemCounts(schema.definitions) }, schema.title, {
    bannerComment: "",
    unreachableDefinitions: true,
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    format: false,
  });
  return (
    types
      // The root schema only holds definitions, so the type made for it is empty.
      .replace(new RegExp(`export interface ${schema.title} \\{[^}]*\\}\n`), "")
      .replace(/^\s*\*\s*\n \* This interface was referenced[\s\S]*?(?= \*\/)/gm, "")
      .replace(/\/\*\*\n \* This interface was referenced[\s\S]*?\*\/\n/g, "")
  );
}

/** json-schema-to-typescript makes a union of tuples out of item counts. */
function withoutItemCounts<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (key, inner: unknown) =>
    ["minItems", "maxItems", "discriminator"].includes(key) ? undefined : inner,
  );
}

async function validatorsOf(root: string, schema: Schema, names: string[]): Promise<string> {
  const ajv = new Ajv({
    strict: true,
    strictRequired: false,
    allErrors: false,
    discriminator: true,
    code: { source: true, esm: true },
  });
  ajv.addSchema(schema);
  const references = names.map((name) => [`check${name}`, `${schema.$id}#/definitions/${name}`]);
  const code = await bundle(root, standalone.default(ajv, Object.fromEntries(references)));
  return [code.replace(/export \{[^}]*\};\n$/, ""), ...names.map(typedExport)].join("\n");
}

/** The code that ajv makes still requires parts of ajv. */
async function bundle(root: string, contents: string): Promise<string> {
  const bundled = await build({
    stdin: { contents, resolveDir: root, loader: "js" },
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["main"],
    write: false,
    logLevel: "warning",
  });
  return bundled.outputFiles[0]?.text ?? "";
}

function typedExport(name: string): string {
  const errors =
    "errors?: { keyword: string; instancePath: string; params?: Record<string, unknown>; message?: string }[] | null";
  return `export const is${name}: ((value: unknown) => value is ${name}) & { ${errors} } = check${name};`;
}
