import assert from "node:assert/strict";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEntryName } from "#broker/entry-name.ts";
import { createGpg } from "#broker/gpg.ts";
import { readLogin } from "#broker/read-login.ts";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { type RawClient, codeOf, greetedClient } from "#test/harness/raw-client.ts";
import { type TwoStores, makeTwoStores } from "#test/harness/two-stores.ts";

const ORIGIN = "https://example.com";
const FULL = '[gates.test]\nlabels = "full"\n';

describe("a broker with several stores", function () {
  this.timeout(120_000);
  let two: TwoStores;
  let broker: TestBroker;
  let client: RawClient;
  let id = 1;
  beforeEach(async () => {
    two = await makeTwoStores({
      "work/example.com/alice": "pw-work\n",
      "home/example.com/bob": "pw-home\n",
      "home/bank.com/max": "pw-bank\n",
    });
  });
  afterEach(async () => {
    client[Symbol.dispose]();
    await broker[Symbol.asyncDispose]();
    await two[Symbol.asyncDispose]();
  });

  async function start(config = FULL): Promise<void> {
    broker = await startBroker({ store: two, stores: ["work", "home"], config });
    client = await greetedClient(broker.socket);
  }
  async function labels(origin = ORIGIN): Promise<string[]> {
    const { result } = await client.ask({ id: (id += 1), type: "find", origin, use: "form" });
    return [...JSON.stringify(result).matchAll(/"label":"([^"]*)"/g)].map(([, label = ""]) => label).toSorted();
  }
  async function get(origin: string): Promise<Record<string, unknown>> {
    const handle = await findFirst(client, (id += 1), origin);
    return await client.ask({ id: (id += 1), type: "get", handle, origin, fields: ["password"] });
  }
  const settled = async (): Promise<void> =>
    void (await eventually("all is read", async () => (await labels("https://bank.com")).length > 0));

  it("has the entries of all, each in the folder of its store", async () => {
    await start();
    assert.deepEqual(await labels(), ["home/example.com/bob", "work/example.com/alice"]);
    assert.deepEqual((await get("https://bank.com")).result, { password: "pw-bank" });
    assert.partialDeepStrictEqual(broker.questions, [{ kind: "fill", entry: "home/bank.com/max" }]);
  });

  it("shows a gate the stores that its folders name, and saves into the first of them", async () => {
    await start(`${FULL}folders = ["elsewhere", "home/web", "home"]\n`);
    assert.deepEqual(await labels(), ["home/example.com/bob"]);
    const save = { type: "save", origin: ORIGIN, username: "new", password: "secret" };
    assert.equal((await client.ask({ id: (id += 1), ...save })).ok, true);
    assert.partialDeepStrictEqual(broker.questions, [{ kind: "save", entry: "home/web/example.com/new" }]);
  });

  it("saves into the first where the gate sees all, and into none where it sees none", async () => {
    await start();
    const save = { type: "save", origin: ORIGIN, username: "new", password: "secret" };
    assert.equal((await client.ask({ id: (id += 1), ...save })).ok, true);
    assert.partialDeepStrictEqual(broker.questions, [{ kind: "save", entry: "work/example.com/new" }]);
    await writeFile(join(two.home, "config.toml"), `${FULL}folders = ["elsewhere"]\n`);
    await broker.control.order({ type: "reload" });
    assert.equal(codeOf(await client.ask({ id: (id += 1), ...save })), "denied");
  });

  it("follows no link from one store into another, and every one within its own", async () => {
    await symlink("../home/bank.com", join(two.store, "work/evil.com"));
    await symlink("../../home/bank.com/max.gpg", join(two.store, "work/example.com/max.gpg"));
    await symlink("../home/bank.com/max.gpg", join(two.store, "work/evil.org.gpg"));
    await symlink("bank.com", join(two.store, "home/bank.net"));
    await start();
    await settled();
    assert.deepEqual(await labels("https://bank.net"), ["home/bank.net/max"]);
    assert.deepEqual(await labels("https://evil.com"), []);
    assert.deepEqual(await labels("https://evil.org"), []);
    assert.deepEqual(await labels(), ["home/example.com/bob", "work/example.com/alice"]);
    const skipped = await eventually("the links are noted", async () => {
      const lines = (await broker.log()).filter(({ type }) => type === "index");
      return lines.length >= 3 && lines;
    });
    assert.deepEqual(skipped.map(({ entry, reason }) => `${String(entry)}: ${String(reason)}`).toSorted(), [
      "work/evil.com: it leads out of the store",
      "work/evil.org.gpg: it leads out of the store",
      "work/example.com/max.gpg: it leads out of the store",
    ]);
  });

  it("opens no file through such a link that was put there after the names were read", async () => {
    await start();
    await symlink("../../home/bank.com/max.gpg", join(two.store, "work/example.com/max.gpg"));
    const name = parseEntryName("work/example.com/max");
    assert.ok(name);
    const stop = new AbortController();
    const gpg = createGpg({ homedir: two.gnupg, path: process.env.PATH ?? "", signal: stop.signal });
    const read = readLogin({ store: two.store, stores: ["work", "home"] }, gpg, { name }, stop.signal);
    await assert.rejects(read, { code: "entry_invalid", message: /leads out of the store/ });
  });

  it("takes a reference for one to an entry of the same store", async () => {
    await two.pass("home", ["insert", "--multiline", "bank.org/a"], "gopass://bank.org/b\n");
    await two.pass("home", ["insert", "--multiline", "bank.org/b"], "pw-b\n");
    await two.pass("work", ["insert", "--multiline", "example.org/a"], "gopass://home/example.org/b\n");
    await two.pass("home", ["insert", "--multiline", "example.org/b"], "pw-other\n");
    await start(`${FULL}folders = ["work", "home/bank.org", "home/example.org"]\n`);
    await eventually("all is read", async () => (await labels("https://bank.org")).length === 2);
    const within = await get("https://bank.org");
    assert.deepEqual(within.result, { password: "pw-b" });
    await eventually("all is read", async () => (await labels("https://example.org")).length === 2);
    const { result } = await client.ask({ id: (id += 1), type: "find", origin: "https://example.org", use: "form" });
    const [handle] = /(?<="handle":")[\w-]+(?="[^}]*work\/example\.org)/.exec(JSON.stringify(result)) ?? [];
    const page = { origin: "https://example.org", fields: ["password"] };
    assert.equal(codeOf(await client.ask({ id: (id += 1), type: "get", handle, ...page })), "entry_invalid");
  });

  it("leaves out of each store what its own .browserpass.json says, and of no other", async () => {
    await writeFile(join(two.store, "work/.browserpass.json"), JSON.stringify({ ignore: ["/example.com", "/home"] }));
    await writeFile(join(two.store, ".browserpass.json"), JSON.stringify({ ignore: "*" }));
    await start();
    assert.deepEqual(await labels(), ["home/example.com/bob"]);
  });
});
