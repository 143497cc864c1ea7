import assert from "node:assert/strict";
import { access, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { configure } from "#test/harness/configure.ts";
import { assertExplained, nothingLeft } from "#test/harness/failure.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { GIT_SETTINGS } from "#test/harness/git-store.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";
import { type RawClient, greetedClient } from "#test/harness/raw-client.ts";
import { type TwoStores, makeTwoStores } from "#test/harness/two-stores.ts";

const ORIGIN = "https://example.org";

describe("end to end: a vault on two stores", function () {
  this.timeout(600_000);
  let two: TwoStores;
  let postern: TestPostern;
  let client: RawClient;
  let id = 1;
  before(async () => {
    two = await makeTwoStores({
      "work/example.org/alice": "pw-work\n",
      "home/example.org/bob": "pw-home\n",
      "home/bank.com/max": "pw-bank\n",
    });
    // Within the vault it leads into the other store, as on this side.
    await symlink("../home/bank.com", join(two.store, "work/evil.com"));
    postern = await testPostern({ GNUPGHOME: two.gnupg });
    // The user's own, for the commit of what is saved.
    await writeFile(join(postern.home, ".gitconfig"), GIT_SETTINGS);
    const consent = await fakeProgram(postern.home, "consent", `cat > /dev/null; sleep 0.8; echo '{"answer":"once"}'`);
    const stores = two.stores.map(({ name, path }) => `${name} = ${JSON.stringify(path)}\n`).join("");
    await configure(postern, `consent.command = [${JSON.stringify(consent)}]\n[stores]\n${stores}`);
    const { exitCode, stderr } = await postern.run("up", "--vault");
    assert.equal(exitCode, 0, stderr);
    client = await greetedClient(join(postern.home, "run/postern/gates/session/bridge.sock"));
  });
  after(async () => {
    client[Symbol.dispose]();
    await postern[Symbol.asyncDispose]();
    await two[Symbol.asyncDispose]();
  });

  const ask = (request: object) => client.ask({ ...request, id: (id += 1) });
  async function handles(origin: string): Promise<string[]> {
    const { result } = await ask({ type: "find", origin, use: "form" });
    return [...JSON.stringify(result).matchAll(/"handle":"([\w-]{22})"/g)].map(([, handle = ""]) => handle);
  }

  it("finds and fills the logins of both, and follows no link from one into the other", async () => {
    const passwords: string[] = [];
    for (const handle of await handles(ORIGIN)) {
      const { result } = await ask({ type: "get", handle, origin: ORIGIN, fields: ["password"] });
      passwords.push(JSON.stringify(result));
    }
    assert.deepEqual(passwords.toSorted(), ['{"password":"pw-home"}', '{"password":"pw-work"}']);
    assert.deepEqual(await handles("https://evil.com"), []);
    const entries = (await postern.log()).filter(({ type }) => type === "get").map(({ entry }) => String(entry));
    assert.deepEqual(entries.toSorted(), ["home/example.org/bob", "work/example.org/alice"]);
  });

  it("saves into the first", async () => {
    const reply = await ask({ type: "save", origin: ORIGIN, username: "new", password: "secret" });
    assert.equal(reply.ok, true, JSON.stringify(reply));
    assert.equal(await two.pass("work", ["show", "example.org/new"]), "secret\nlogin: new\n");
    await assert.rejects(access(join(two.store, "home/example.org/new.gpg")));
  });

  it("says which it serves, and goes on with these alone", async () => {
    const { stores, entries }: { stores: unknown; entries: number } = JSON.parse(
      (await postern.run("status", "--json")).stdout,
    );
    assert.deepEqual(stores, two.stores);
    assert.equal(entries, 4);
    const path = join(two.store, "home");
    assert.match(
      (await postern.run("status")).stdout,
      new RegExp(`^Store {3}work \\(.*\\), home \\(${path}\\), 4 entries$`, "m"),
    );
    const one = await postern.run("up", "--vault", "--store", path);
    assertExplained(one, /Postern is up, and serves work \(/, /postern down/);
    assert.equal((await postern.run("down")).exitCode, 0);
    await nothingLeft(postern);
  });
});
