import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { findFirst } from "#test/harness/bridge.ts";
import { configure } from "#test/harness/configure.ts";
import { assertExplained, nothingLeft } from "#test/harness/failure.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { type Run, type TestPostern, testPostern } from "#test/harness/postern.ts";
import { greetedClient } from "#test/harness/raw-client.ts";

const ORIGIN = "https://example.org";

describe("end to end: the vault without a browser", function () {
  this.timeout(600_000);
  let store: PassStore;
  let postern: TestPostern;
  let config: string;
  let first: Run;
  before(async () => {
    store = await makePassStore({ "example.org/alice": "pw-alice\n" });
    postern = await testPostern({ GNUPGHOME: store.gnupg, PASSWORD_STORE_DIR: store.store });
    const consent = await fakeProgram(postern.home, "consent", `cat > /dev/null; sleep 0.8; echo '{"answer":"once"}'`);
    config = `consent.command = [${JSON.stringify(consent)}]\n`;
    await configure(postern, config);
    first = await postern.run("up", "--vault", "--json");
    assert.equal(first.exitCode, 0, first.stderr);
  });
  after(async () => {
    await postern[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  const socketOf = (gate: string): string => join(postern.home, "run/postern/gates", gate, "bridge.sock");
  async function gates(): Promise<string[]> {
    const { gates: found }: { gates: { gate: string }[] } = JSON.parse((await postern.run("status", "--json")).stdout);
    return found.map(({ gate }) => gate);
  }

  it("says what it did, and nothing of a browser", () => {
    const result: Record<string, unknown> = JSON.parse(first.stdout);
    const steps = Array.isArray(result.steps) ? result.steps.map(({ name }: { name: string }) => name) : [];
    assert.deepEqual(
      { ...result, steps },
      {
        engine: "docker",
        route: "socket",
        gate: "session",
        steps: ["store", "engine", "vault image", "vault", "gate"],
      },
    );
  });

  it("opens a gate that is the user's alone, and releases a login there after consent", async () => {
    for (const path of [socketOf("session"), join(socketOf("session"), "..")]) {
      const { uid, mode } = await stat(path);
      assert.deepEqual([uid, mode & 0o077], [process.getuid?.(), 0], path);
    }
    using client = await greetedClient(socketOf("session"));
    const handle = await findFirst(client, 2, ORIGIN);
    const reply = await client.ask({ id: 3, type: "get", handle, origin: ORIGIN, fields: ["username", "password"] });
    assert.match(JSON.stringify(reply.result), /pw-alice/);
    const logged = (await postern.log()).find(({ type }) => type === "get");
    assert.deepEqual([logged?.gate, logged?.decision], ["session", "allowed"]);
  });

  it("is there once, however often it is asked for, and has as many gates as were asked for", async () => {
    using client = await greetedClient(socketOf("session"));
    for (const gate of [["session"], ["work"], []]) {
      const { exitCode, stderr } = await postern.run("up", "--vault", ...gate);
      assert.equal(exitCode, 0, stderr);
    }
    assert.deepEqual((await gates()).toSorted(), ["session", "work"]);
    // An open gate is left as it is.
    assert.equal((await client.ask({ id: 2, type: "find", origin: ORIGIN, use: "form" })).ok, true);
  });

  it("gives no gate of a browser of yours to one that it starts", async () => {
    assertExplained(await postern.run("up", "work"), /gate work is open already/, /postern down/);
    assert.deepEqual((await gates()).toSorted(), ["session", "work"]);
  });

  it("opens the gate of whoever comes by a proxy for those alone who write of it", async () => {
    await configure(postern, `${config}[gates.proxy]\n`);
    const { exitCode, stderr } = await postern.run("up", "--vault");
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual((await gates()).toSorted(), ["proxy", "session", "work"]);
  });

  for (const option of [["--page", "https://example.org"], ["--headless"], ["--network", "none"]]) {
    it(`takes no ${String(option[0])}`, async () => {
      assertExplained(await postern.run("up", "--vault", ...option), /--vault starts no browser/, /postern up --vault/);
    });
  }

  it("is ended by down, with its gates", async () => {
    using client = await greetedClient(socketOf("session"));
    assert.equal((await postern.run("down")).exitCode, 0);
    await client.closed();
    await nothingLeft(postern);
    assert.deepEqual(await readdir(join(postern.home, "run/postern/gates")), []);
  });
});
