import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { type RawClient, codeOf, greetedClient, rawClient } from "#test/harness/raw-client.ts";

interface Definition {
  properties: Record<string, { const?: string }>;
  required: string[];
}

const schema: { definitions: Record<string, Definition> & { Request: { oneOf: { $ref: string }[] } } } = JSON.parse(
  readFileSync(new URL("../../host-bridge/protocol/schema/bridge.schema.json", import.meta.url), "utf8"),
);

/** A sound request of every type that the schema has. A type that is added there needs one here. */
const SOUND: Record<string, Record<string, unknown>> = {
  hello: { versions: [1], client: { name: "test", version: "1" } },
  find: { origin: "https://example.com", topOrigin: "https://example.com", use: "form", realm: "r" },
  get: {
    handle: "A".repeat(22),
    origin: "https://example.com",
    topOrigin: "https://example.com",
    fields: ["password"],
  },
  lock: {},
  cancel: { target: 5 },
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
    const sound = SOUND[type];

    it(`${type}: a sound one stands in this test`, () => {
      assert.ok(sound);
      assert.deepEqual(
        Object.keys(sound).toSorted(),
        Object.keys(definition.properties)
          .filter((key) => key !== "id" && key !== "type")
          .toSorted(),
      );
    });

    for (const field of definition.required) {
      it(`${type} without ${field}`, async () => {
        const whole: Record<string, unknown> = { id: (id += 1), type, ...sound };
        const { [field]: _left, ...rest } = whole;
        await assertBad(rest, type === "hello");
      });
    }

    it(`${type} with a field more`, async () => {
      await assertBad({ id: (id += 1), type, ...sound, path: "/etc/passwd" }, type === "hello");
    });

    for (const field of Object.keys(definition.properties)) {
      it(`${type} with ${field} of a wrong type or value`, async () => {
        for (const wrong of WRONG) {
          // A string is a sound realm however odd, and 0 to 2^31-1 a sound id.
          if (field === "realm" && typeof wrong === "string" && wrong.length <= 256) continue;
          await assertBad({ id: (id += 1), type, ...sound, [field]: wrong }, type === "hello");
        }
      });
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
