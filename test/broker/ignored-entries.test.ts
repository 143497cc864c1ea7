import assert from "node:assert/strict";
import { rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { type RawClient, greetedClient } from "#test/harness/raw-client.ts";

describe("a store with a .browserpass.json", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  let client: RawClient;
  let path: string;
  let id = 1;
  beforeEach(async () => {
    const folder = { "folder.net/dora/password": "pw", "folder.net/dora/totp": "JBSWY3DPEHPK3PXP" };
    broker = await startBroker({ entries: { "example.com/alice": "a", "old/example.com/bob": "b", ...folder } });
    client = await greetedClient(broker.socket);
    path = join(broker.store.store, ".browserpass.json");
  });
  afterEach(async () => {
    client[Symbol.dispose]();
    await broker[Symbol.asyncDispose]();
  });

  async function labels(): Promise<string> {
    const { result } = await client.ask({ id: (id += 1), type: "find", origin: "https://example.com", use: "form" });
    return [...JSON.stringify(result).matchAll(/"label":"([^"]*)"/g)].map(([, label]) => label).join();
  }
  const shows = (expected: string): Promise<boolean> => eventually(expected, async () => (await labels()) === expected);
  const ALL = "example.com/alice,example.com/bob";

  it("leaves out what it says, tells the browser to look again, and takes it in again", async () => {
    assert.equal(await labels(), ALL);
    await writeFile(path, JSON.stringify({ ignore: ["old/"], gpgPath: "/bin/false" }));
    await shows("example.com/alice");
    await client.next(({ event }) => event === "storeChanged");
    await writeFile(path, JSON.stringify({ ignore: "*\n!*/\n!bob.gpg" }));
    await shows("example.com/bob");
    await rm(path);
    await shows(ALL);
  });

  it("has no part of another entry taken from what it leaves out", async () => {
    await writeFile(path, JSON.stringify({ ignore: ["old/", "totp.gpg"] }));
    await shows("example.com/alice");
    const origin = "https://folder.net";
    const handle = await findFirst(client, (id += 1), origin);
    const get = { id: (id += 1), type: "get", handle, origin, fields: ["password", "otp"] };
    assert.deepEqual((await client.ask(get)).result, { password: "pw" });
  });

  it("goes on with what it had when that can not be understood, which the log has", async () => {
    await writeFile(path, JSON.stringify({ ignore: ["old"] }));
    await shows("example.com/alice");
    const unread = async (): Promise<number> =>
      (await broker.log()).filter(({ entry }) => entry === ".browserpass.json").length;
    await writeFile(path, "{");
    await eventually("the line in the log", async () => (await unread()) === 1);
    assert.equal(await labels(), "example.com/alice");
    await rm(path);
    await shows(ALL);
    await symlink("/etc/hostname", path);
    await eventually("another line in the log", async () => (await unread()) >= 2);
    assert.equal(await labels(), ALL);
    await rm(path);
    await writeFile(path, JSON.stringify({ ignore: ["old", ...Array.from({ length: 60 }, () => "**/*/".repeat(15))] }));
    await eventually("one more for what nobody would write", async () => (await unread()) >= 3);
    assert.equal(await labels(), ALL);
  });
});
