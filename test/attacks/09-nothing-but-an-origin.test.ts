import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

/**
 * What a request may carry, field by field, and why that names nothing of the user's. A field that is added to the
 * schema fails here until somebody has said why it may be.
 */
const JUDGED: Record<string, string> = {
  id: "a number",
  type: "one of a closed list",
  versions: "numbers",
  client: "a product's name and version, for the log of errors; bounded",
  "client.name": "text of at most 64 characters that nothing is looked up by",
  "client.version": "text of at most 32 characters that nothing is looked up by",
  origin: "judged by parseOrigin: a serialised web origin and nothing else",
  topOrigin: "the same",
  use: "one of a closed list",
  realm: "text of at most 256 characters that is only ever shown",
  handle: "128 bits that the broker minted; compared, never read",
  fields: "from a closed list, or custom: and a name that the policy must list; no slash, no dot in front",
  username: "text of at most 256 characters, none of them a control character; shown to a person, then written",
  password: "text of at most 1024 characters, none of them a control character; written after a person's yes",
  generate: "numbers and closed lists, and:",
  "generate.length": "a number",
  "generate.charset": "one of a closed list",
  "generate.rules": "text of at most 512 characters in a language that can say lengths and characters",
  update: "a handle, as above",
  target: "a number",
};

interface Node {
  $ref?: string;
  type?: string;
  properties?: Record<string, Node>;
  items?: Node;
  oneOf?: Node[];
  additionalProperties?: boolean;
  maxLength?: number;
  pattern?: string;
  const?: string;
  enum?: string[];
}

const { definitions }: { definitions: Record<string, Node> } = JSON.parse(
  readFileSync(new URL("../../host-bridge/protocol/schema/bridge.schema.json", import.meta.url), "utf8"),
);

describe("attack 9: no request names a path, store, program, option, environment or pattern", () => {
  /** By name; of several types that have a field of that name, each is judged. */
  const found = new Map<string, Node[]>();
  collect(definitions.Request ?? {}, "");

  it("has no field but those judged here", () => {
    assert.deepEqual([...found.keys()].toSorted(), Object.keys(JUDGED).toSorted());
  });

  it("has no text that is not bounded or one of a list", () => {
    /** One class of characters, so many times. */
    const FIXED = /^\^\[[^\]]+\]\{\d+\}\$$/;
    const texts = [...found].flatMap(([name, nodes]) => nodes.map((node) => ({ name, leaf: node.items ?? node })));
    for (const { name, leaf } of texts) {
      if (leaf.type !== "string") continue;
      const isClosed = leaf.const !== undefined || leaf.enum !== undefined;
      assert.ok(isClosed || leaf.maxLength !== undefined || FIXED.test(leaf.pattern ?? ""), name);
    }
  });

  it("has no object that takes unknown fields", () => {
    const objects = [
      ...(definitions.Request?.oneOf ?? []).map(resolve),
      ...[...found.values()].flat().filter((node) => node.type === "object"),
    ];
    for (const node of objects) assert.equal(node.additionalProperties, false);
  });

  it("has no name by which anything of the machine could be meant", () => {
    const WORDS = /path|file|dir|store|entry|name$|program|bin|gpg|option|^arg|env|glob|pattern|regex|query|search/i;
    const meant = [...found.keys()].filter((name) => WORDS.test(name) && name !== "client.name" && name !== "username");
    assert.deepEqual(meant, []);
  });

  it("has custom fields whose name can not be a path", () => {
    const pattern = new RegExp(definitions.Field?.pattern ?? "");
    for (const name of [
      "custom:../x",
      "custom:/etc/passwd",
      "custom:a/b",
      "custom:.git",
      "custom:-c",
      "custom:",
      "custom:$(id)",
      "seed",
      "*",
    ]) {
      assert.equal(pattern.test(name), false, name);
    }
  });

  function collect(node: Node, prefix: string): void {
    const real = resolve(node);
    for (const option of real.oneOf ?? []) collect(option, prefix);
    for (const [name, inner] of Object.entries(real.properties ?? {})) {
      const resolved = resolve(inner);
      const items = resolved.items === undefined ? {} : { items: resolve(resolved.items) };
      found.set(prefix + name, [...(found.get(prefix + name) ?? []), { ...resolved, ...items }]);
      collect(resolved, `${prefix}${name}.`);
    }
  }

  function resolve(node: Node): Node {
    return node.$ref === undefined ? node : resolve(definitions[node.$ref.replace("#/definitions/", "")] ?? {});
  }
});
