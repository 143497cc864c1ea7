import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isGrantsResult } from "#protocol/generated/control.ts";
import { parseWith } from "#protocol/messages.ts";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { type TestCommand, testCommand } from "#test/harness/command.ts";
import { assertExplained } from "#test/harness/failure.ts";
import { codeOf, greetedClient } from "#test/harness/raw-client.ts";

const ORIGIN = "https://example.com";
const ENTRY = "example.com/alice";

describe("what yes is in force", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  let postern: TestCommand;
  beforeEach(async () => {
    broker = await startBroker({ entries: { [ENTRY]: "secret" } });
    await broker.person(async () => "session");
    await mkdir(dirname(other()), { mode: 0o700 });
    await broker.control.order({ type: "openGate", gate: "other" });
    postern = await testCommand(broker.control);
    for (const socket of [broker.socket, other()]) await get(socket);
    assert.equal(broker.questions.length, 2);
  });
  afterEach(async () => {
    await postern[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
  });

  const other = (): string => join(dirname(dirname(broker.socket)), "other", "bridge.sock");

  async function get(socket: string): Promise<unknown> {
    using client = await greetedClient(socket);
    const found = await client.ask({ id: 2, type: "find", origin: ORIGIN, use: "form" });
    if (found.ok !== true) return codeOf(found);
    const handle = await findFirst(client, 3, ORIGIN);
    const reply = await client.ask({ id: 4, type: "get", handle, origin: ORIGIN, fields: ["username", "password"] });
    return reply.result ?? codeOf(reply);
  }

  it("is shown as a table and as JSON", async () => {
    const { stdout } = await postern.run("grants");
    assert.match(stdout, /^GATE +ENTRY +ORIGIN +FIELDS +UNTIL\n/);
    assert.match(stdout, /^test +example\.com\/alice +https:\/\/example\.com +username, password +\d\d:\d\d$/m);
    assert.equal(stdout.trimEnd().split("\n").length, 3);

    const { stdout: json, exitCode } = await postern.run("grants", "test", "--json");
    const { grants } = parseWith(isGrantsResult, "grants", JSON.parse(json));
    const shown = grants.map(({ until, ...grant }) => ({
      ...grant,
      isInForce: new Date(until).getTime() > Date.now(),
    }));
    const fields = ["username", "password"];
    assert.deepEqual(shown, [{ gate: "test", entry: ENTRY, origin: ORIGIN, fields, isInForce: true }]);
    assert.equal(exitCode, 0);
  });

  it("ends for one gate by revoke: asked again there, and nowhere else", async () => {
    assert.equal((await postern.run("revoke", "test")).stdout, "Ended 1 approval.\n");
    await get(other());
    assert.equal(broker.questions.length, 2);
    await get(broker.socket);
    assert.equal(broker.questions.length, 3);
  });

  it("ends for all by revoke", async () => {
    assert.deepEqual(JSON.parse((await postern.run("revoke", "--json")).stdout), { revoked: 2 });
    assert.equal((await postern.run("grants")).stdout, "No approval is in force.\n");
    for (const socket of [broker.socket, other()]) await get(socket);
    assert.equal(broker.questions.length, 4);
  });

  it("ends with the lock of its gate, which is opened again alone", async () => {
    assert.match((await postern.run("lock")).stdout, /^Locked: no browser .* postern unlock\.\n$/);
    assert.equal((await postern.run("unlock", "test")).stdout, "Unlocked: test.\n");
    assert.equal(await get(other()), "locked");
    assert.deepEqual(await get(broker.socket), { username: "alice", password: "secret" });
    assert.equal(broker.questions.length, 3);

    assert.match((await postern.run("unlock")).stdout, /^Unlocked/);
    assert.match((await postern.run("lock", "other")).stdout, /^Locked: other .* postern unlock other\.\n$/);
    assert.equal(await get(other()), "locked");
    assert.deepEqual(await get(broker.socket), { username: "alice", password: "secret" });
  });

  for (const command of ["grants", "revoke", "lock", "unlock"]) {
    it(`${command}: of no gate that is not there`, async () => {
      assertExplained(await postern.run(command, "tset"), /No gate tset is open/, /postern status$/);
      assertExplained(await postern.run(command, "../x"), /can not be a gate's name/, /postern \w+ work$/);
      assert.equal((await broker.control.status()).gates.length, 2);
      assert.ok((await broker.control.status()).gates.every(({ state, grants }) => state === "ready" && grants === 1));
    });
  }

  it("is not known where nothing runs", async () => {
    await using idle = await testCommand();
    assertExplained(await idle.run("grants"), /not running/, /postern up$/);
  });
});
