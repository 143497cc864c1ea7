import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { type RawClient, codeOf, greetedClient } from "#test/harness/raw-client.ts";

const ORIGIN = "https://example.com";
const SECRET = "marker-of-attack-46";
/** Each would make the entry another one than the person was asked about. */
const READ_OTHERWISE: { password?: string; username?: string }[] = [
  { password: "gopass://bank.com/alice" },
  { password: "password: other" },
  { password: "PASS: other" },
  { password: "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP" },
  { password: "otpauth: JBSWY3DPEHPK3PXP" },
  { password: "---" },
  { password: "GOPASS-SECRET-1.0" },
  { username: " alice " },
];
/** Each would put a line of its own, or something that is no text, into the entry. */
const CONTROL = ["x\ngopass://bank.com/alice", "x\rlogin: eve", "x\u0000", "x\u0085y", "x\u2028y", "x\u001B[2J"];

describe("attack 46: a saved value that reads as a redirect, a key or YAML", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  let client: RawClient;
  let id = 10;
  before(async () => {
    broker = await startBroker({ entries: { "bank.com/alice": SECRET, "example.com/there": "old\nlogin: there\n" } });
    client = await greetedClient(broker.socket);
  });
  after(async () => {
    assert.equal(JSON.stringify(client.received).includes(SECRET), false);
    client[Symbol.dispose]();
    await broker[Symbol.asyncDispose]();
  });
  const save = (request: object) => client.ask({ type: "save", origin: ORIGIN, ...request, id: (id += 1) });
  const saved = () => broker.questions.filter(({ kind }) => kind === "save");

  it("is refused before anybody is asked", async () => {
    for (const value of READ_OTHERWISE)
      assert.equal(
        codeOf(await save({ username: "alice", password: "x", ...value })),
        "entry_invalid",
        JSON.stringify(value),
      );
    assert.deepEqual(saved(), []);
  });

  it("is refused in the place of another password as well", async () => {
    const handle = await findFirst(client, (id += 1), ORIGIN);
    await client.ask({ id: (id += 1), type: "get", origin: ORIGIN, handle, fields: ["password"] });
    for (const { password } of READ_OTHERWISE.filter((value) => value.password !== undefined))
      assert.equal(codeOf(await save({ update: handle, password })), "entry_invalid", String(password));
    assert.deepEqual(saved(), []);
  });

  it("has no control character", async () => {
    for (const text of CONTROL) {
      assert.equal(codeOf(await save({ username: "alice", password: text })), "bad_message");
      assert.equal(codeOf(await save({ username: text, password: "x" })), "bad_message");
    }
    assert.deepEqual(saved(), []);
  });

  it("has left nothing in the store", async () => {
    assert.deepEqual(await readdir(join(broker.store.store, "example.com")), ["there.gpg"]);
  });
});
