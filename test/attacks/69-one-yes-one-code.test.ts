import assert from "node:assert/strict";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { type RawClient, greetedClient } from "#test/harness/raw-client.ts";

const ORIGIN = "https://example.com";
const ENTRY = "password\nlogin: alice\notpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n";

describe("attack 69: one yes for many one-time codes", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  let client: RawClient;
  let handle: string;
  const isAsked = () => broker.questions.length;
  const get = (id: number, ...fields: string[]) => client.ask({ id, type: "get", handle, origin: ORIGIN, fields });
  beforeEach(async () => {
    broker = await startBroker({ entries: { "example.com": ENTRY }, movesClock: true });
    client = await greetedClient(broker.socket);
    handle = await findFirst(client, 2, ORIGIN);
  });
  afterEach(async () => {
    client[Symbol.dispose]();
    await broker[Symbol.asyncDispose]();
  });

  for (const answer of ["once", "session"] as const) {
    it(`each is asked about, after the answer: ${answer}`, async () => {
      await broker.person(async () => answer);
      for (const [at, fields] of [["otp"], ["password", "otp"], ["otp"]].entries()) {
        const reply = await get(10 + at, ...fields);
        assert.equal(reply.ok, true, JSON.stringify(reply));
        assert.equal(isAsked(), at + 1);
        assert.partialDeepStrictEqual(broker.questions.at(-1), { kind: "fill", fields });
      }
    });
  }

  it("a no to the second leaves the first the only one; the password on the same handle is not asked about again", async () => {
    let yes = true;
    await broker.person(async () => (yes ? "once" : "deny"));
    assert.equal((await get(10, "username", "password", "otp")).ok, true);
    yes = false;
    assert.equal((await get(11, "password")).ok, true);
    assert.equal(isAsked(), 1);
    const reply = await get(12, "otp");
    assert.partialDeepStrictEqual(reply, { ok: false, error: { code: "denied" } });
    assert.equal(isAsked(), 2);
  });
});
