import assert from "node:assert/strict";
import { access, copyFile, mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { makePassStore } from "#test/harness/pass-store.ts";
import { greetedClient } from "#test/harness/raw-client.ts";
import { shown } from "#test/harness/writing.ts";

/** Each below a site of its own. */
const INERT = ["--help", "-c", "$(touch marker)", "`touch marker`", ";touch marker", "%s%n", "a\\b", "--output=marker"];
const SKIPPED = ["a\nb", "a\u001B[31mb", "a\u202Eb", ".git/config", ".gpg-id", ".hidden/x"];

describe("attack 19: entries with names that mean something", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  before(async () => {
    const store = await makePassStore({ "plain.example.net": "secret" });
    const all = [
      ...INERT.map((name, at) => `site${at}.com/${name}`),
      ...SKIPPED.map((name, at) => `skipped${at}.com/${name}`),
    ];
    for (const name of all) {
      const path = `${store.store}/${name}.gpg`;
      await mkdir(dirname(path), { recursive: true });
      await copyFile(join(store.store, "plain.example.net.gpg"), path);
    }
    broker = await startBroker({ store });
  });
  after(async () => {
    await broker[Symbol.asyncDispose]();
    await broker.store[Symbol.asyncDispose]();
  });

  it("are listed as they are, and read like any other", async () => {
    using client = await greetedClient(broker.socket);
    for (const [at, name] of INERT.entries()) {
      const origin = `https://site${at}.com`;
      const handle = await findFirst(client, 10 + 2 * at, origin);
      const reply = await client.ask({ id: 11 + 2 * at, type: "get", handle, origin, fields: ["password"] });
      assert.deepEqual(reply.result, { password: "secret" }, name);
      assert.partialDeepStrictEqual(broker.questions.at(-1), { entry: `site${at}.com/${name}` });
    }
    for (const place of [process.cwd(), broker.store.home, broker.store.store, broker.state])
      await assert.rejects(access(join(place, "marker")), place);
  });

  it("are made of user names as they are, inert, below the site and nowhere else", async () => {
    using client = await greetedClient(broker.socket);
    const usernames = [
      ...INERT,
      "../../x",
      "/etc/x",
      ".git/config",
      ".gpg-id",
      "*",
      "a\u202Eb",
      ":(top)x",
      "x".repeat(256),
    ];
    const before = await readdir(broker.store.home, { recursive: true });
    for (const [at, username] of usernames.entries()) {
      const save = { type: "save", origin: "https://saved.com", username, password: "secret" };
      const reply = await client.ask({ ...save, id: 100 + at });
      assert.equal(reply.ok, true, username);
    }
    const files = await readdir(join(broker.store.store, "saved.com"), { withFileTypes: true });
    assert.deepEqual([files.length, files.every((file) => file.isFile())], [usernames.length, true]);
    const logins = new Set<string | undefined>();
    for (const { name } of files) {
      const text = await shown(broker.store, `saved.com/${name.replace(/\.gpg$/, "")}`);
      logins.add(/^secret\nlogin: (.*)\n$/.exec(text)?.[1]);
    }
    assert.deepEqual(logins, new Set(usernames));
    const after = await readdir(broker.store.home, { recursive: true });
    // gpg and the session process keep their own there.
    const elsewhere = after.filter((path) => !/^(?:store\/saved\.com|gnupg|session-state)(?:\/|$)/.test(path));
    assert.deepEqual(
      elsewhere.filter((path) => !before.includes(path)),
      [],
    );
    for (const place of [process.cwd(), broker.store.home, broker.store.store, broker.state])
      await assert.rejects(access(join(place, "marker")), place);
  });

  it("or are skipped, and what is not hidden has its line in the log, inert", async () => {
    using client = await greetedClient(broker.socket);
    for (const at of SKIPPED.keys()) {
      const reply = await client.ask({ id: 10 + at, type: "find", origin: `https://skipped${at}.com`, use: "form" });
      assert.deepEqual(reply.result, { entries: [], truncated: false });
    }
    const lines = (await broker.log()).filter(({ type }) => type === "index").map(({ entry }) => String(entry));
    for (const inert of ["a\\u{a}b", "a\\u{1b}[31mb", "a\\u{202e}b"])
      assert.ok(
        lines.some((line) => line.includes(inert)),
        `${inert} in ${lines.join()}`,
      );
  });
});
