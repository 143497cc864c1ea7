import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseRequest } from "#protocol/messages.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { type RawClient, codeOf, greetedClient, rawClient } from "#test/harness/raw-client.ts";

interface Definition {
  properties: Record<string, { const?: string }>;
  required: string[];
}

const schema: { definitions: Record<string, Definition> & { Request: { oneOf: { $ref: string }[] } } } = JSON.parse(
  readFileSync(new URL("../../host-bridge/protocol/schema/bridge.schema.json", import.meta.url), "utf8"),
);

const PAGE = { origin: "https://example.com", topOrigin: "https://example.com" };

/** Sound requests of every type that the schema has, with every field. A type that is added there needs one here. */
const SOUND: Record<string, Record<string, unknown>[]> = {
  hello: [{ versions: [1], client: { name: "test", version: "1" } }],
  find: [{ ...PAGE, use: "form", realm: "r" }],
  get: [{ ...PAGE, handle: "A".repeat(22), fields: ["password"] }],
  pick: [PAGE],
  save: [
    { ...PAGE, username: "alice", generate: { length: 20, charset: "ascii", rules: "allowed: lower" } },
    { ...PAGE, update: "A".repeat(22), password: "secret" },
  ],
  lock: [{}],
  cancel: [{ target: 5 }],
};

const WRONG: unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  "",
  "\u0000",
  "x".repeat(5_000),
  [],
  [[]],
  {},
  { a: 1 },
  ["password", "password"],
  Array(100).fill("password"),
];

describe("attack 4: every type with every field missing, extra or of a wrong type", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  let client: RawClient;
  let id = 100;
  before(async () => {
    broker = await startBroker();
    client = await greetedClient(broker.socket);
  });
  after(async () => {
    client[Symbol.dispose]();
    await broker[Symbol.asyncDispose]();
  });

  for (const { $ref } of schema.definitions.Request.oneOf) {
    const definition = schema.definitions[$ref.replace("#/definitions/", "")];
    assert.ok(definition);
    const type = String(definition.properties.type?.const);
    const sounds = SOUND[type] ?? [];

    it(`${type}: sound ones stand in this test`, () => {
      assert.deepEqual(
        [...new Set(sounds.flatMap(Object.keys))].toSorted(),
        Object.keys(definition.properties)
          .filter((key) => key !== "id" && key !== "type")
          .toSorted(),
      );
      for (const sound of sounds) assert.deepEqual(parseRequest({ id: 1, type, ...sound }), { id: 1, type, ...sound });
    });

    for (const [at, sound] of sounds.entries()) {
      const name = sounds.length > 1 ? `${type} (${at + 1})` : type;

      for (const field of definition.required) {
        it(`${name} without ${field}`, async () => {
          const whole: Record<string, unknown> = { id: (id += 1), type, ...sound };
          const { [field]: _left, ...rest } = whole;
          await assertBad(rest, type === "hello");
        });
      }

      it(`${name} with a field more`, async () => {
        await assertBad({ id: (id += 1), type, ...sound, path: "/etc/passwd" }, type === "hello");
      });

      for (const field of ["id", "type", ...Object.keys(sound)]) {
        it(`${name} with ${field} of a wrong type or value`, async () => {
          for (const wrong of WRONG) {
            // A string is a sound realm however odd, 0 to 2^31-1 a sound id, and nothing said a sound wish.
            if (field === "realm" && typeof wrong === "string" && wrong.length <= 256) continue;
            if (field === "generate" && JSON.stringify(wrong) === "{}") continue;
            await assertBad({ id: (id += 1), type, ...sound, [field]: wrong }, type === "hello");
          }
        });
      }
    }
  }

  /** hello is judged on a new connection, where it is awaited; the rest on one that stays. */
  async function assertBad(message: Record<string, unknown>, isFirst: boolean): Promise<void> {
    const peer = isFirst ? await rawClient(broker.socket) : client;
    const known = peer.received.length;
    peer.send(message);
    const reply = await peer.next((received) => peer.received.indexOf(received) >= known);
    assert.equal(codeOf(reply), "bad_message", JSON.stringify(message).slice(0, 200));
    if (isFirst) {
      await peer.closed();
      peer[Symbol.dispose]();
    } else {
      assert.equal(peer.isClosed(), false);
    }
  }
});
