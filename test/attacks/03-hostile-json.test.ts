import assert from "node:assert/strict";
import { parseJsonObject } from "#protocol/json.ts";
import { parseRequest } from "#protocol/messages.ts";
import { encodeFrame } from "#wire/frame.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { codeOf, greetedClient } from "#test/harness/raw-client.ts";

const FIND = '"id":7,"type":"find","origin":"https://example.com","use":"form"';

const BAD_FRAMES: Record<string, Uint8Array> = {
  "not UTF-8": Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
  "half a surrogate pair": Buffer.from(`{${FIND},"realm":"\\ud800"}`),
  "two documents": Buffer.from(`{${FIND}}{${FIND}}`),
  "depth 30 000": Buffer.from(`{"a":${"[".repeat(30_000)}${"]".repeat(30_000)}}`),
  "depth 30 000, never closed": Buffer.from(`{"a":${"[".repeat(30_000)}`),
  "a key twice": Buffer.from(`{${FIND},"origin":"https://other.example"}`),
};

const BAD_MESSAGES: Record<string, string> = {
  ["__proto__"]: `{${FIND},"__proto__":{"polluted":true}}`,
  "__proto__ in place of a field": '{"id":7,"type":"find","__proto__":{"origin":"https://example.com","use":"form"}}',
  constructor: `{${FIND},"constructor":{"prototype":{"polluted":true}}}`,
  toString: `{${FIND},"toString":1}`,
  "a type named constructor": '{"id":7,"type":"constructor"}',
  "a type named __proto__": '{"id":7,"type":"__proto__"}',
  "id 1e400": `{"id":1e400,"type":"lock"}`,
  "id 2^31": `{"id":2147483648,"type":"lock"}`,
  "id -0.5": `{"id":-0.5,"type":"lock"}`,
  "id 1e308": `{"id":1e308,"type":"lock"}`,
  "an id of 10 000 digits": `{"id":${"9".repeat(10_000)},"type":"lock"}`,
};

describe("attack 3: hostile JSON", function () {
  this.timeout(30_000);
  let broker: TestBroker;
  before(async () => {
    broker = await startBroker({ entries: { "example.com": "pw" } });
  });
  after(() => broker[Symbol.asyncDispose]());

  for (const [name, bytes] of Object.entries(BAD_FRAMES)) {
    it(`${name}: bad_frame, then closed`, async () => {
      using client = await greetedClient(broker.socket);
      client.sendBytes(encodeFrame(bytes, "LE"));
      assert.equal(codeOf(await client.next((message) => message.id === 0)), "bad_frame");
      await client.closed();
    });
  }

  for (const [name, text] of Object.entries(BAD_MESSAGES)) {
    it(`${name}: bad_message, and the connection stays`, async () => {
      using client = await greetedClient(broker.socket);
      client.sendText(text);
      assert.equal(codeOf(await client.next((message) => message.ok === false)), "bad_message");
      assert.equal((await client.ask({ id: 9, type: "find", origin: "https://example.com", use: "form" })).ok, true);
    });
  }

  it("leaves Object.prototype untouched", () => {
    const names = Object.getOwnPropertyNames(Object.prototype);
    for (const text of Object.values(BAD_MESSAGES)) {
      assert.throws(() => parseRequest(parseJsonObject(Buffer.from(text))), { code: "bad_message" });
    }
    assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), names);
    assert.equal(Reflect.get({}, "polluted"), undefined);
  });
});
