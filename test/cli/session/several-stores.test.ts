import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { placesOf } from "#cli/places.ts";
import { attendBroker } from "#cli/session/attend-broker.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { type RawClient, greetedClient } from "#test/harness/raw-client.ts";
import { type TwoStores, makeTwoStores } from "#test/harness/two-stores.ts";

const ORIGIN = "https://example.com";
const BROKER = join(import.meta.dirname, "../../../dist/postern-broker.cjs");

describe("a session with two stores and a key of each", function () {
  this.timeout(180_000);
  let two: TwoStores;
  let parts: AsyncDisposableStack;
  let client: RawClient;
  let id = 1;
  before(async () => {
    parts = new AsyncDisposableStack();
    two = parts.use(
      await makeTwoStores({
        "work/example.com/alice": "pw-work\nlogin: alice\n",
        "home/example.com/bob": "pw-home\nlogin: bob\n",
      }),
    );
    const { home, environment } = two;
    const uid = process.getuid?.() ?? 0;
    const places = placesOf({ XDG_RUNTIME_DIR: join(home, "run") }, home, uid, home);
    await mkdir(places.config, { recursive: true });
    // An answer that comes at once does not count.
    const asking = `(cat; echo) >> ${home}/questions; sleep 0.8; echo '{"answer":"once"}'`;
    const consent = await fakeProgram(home, "consent", asking);
    const config = `consent.command = [${JSON.stringify(consent)}]\n[gates.home]\nfolders = ["home"]\n`;
    await writeFile(join(places.config, "config.toml"), config);

    const world = { environment, home, uid, gid: 0, places, bundles: join(BROKER, ".."), now: Date.now };
    const session = join(places.runtime, "vault");
    const inVault = { session, keyHome: join(places.runtime, "gnupg"), agentSocket: join(session, "agent.sock") };
    const order = { stores: two.stores, gnupg: two.gnupg, demo: false, terminal: undefined };
    const { control } = parts.use(await attendBroker(world, order, inVault));
    const gates = join(places.runtime, "gates");
    for (const gate of ["test", "home"]) await mkdir(join(gates, gate), { recursive: true, mode: 0o700 });

    // Two folders beside one another, as the vault's container has them below /store.
    const options = [
      ["--store", two.store, "--stores", "work,home", "--gnupg", inVault.keyHome, "--gates", gates],
      ["--session", session, "--state", places.log, "--config", join(places.config, "config.toml")],
    ].flat();
    const broker = spawn(process.execPath, [BROKER, ...options], {
      env: { PATH: environment.PATH, HOME: home },
      stdio: ["ignore", "ignore", "inherit"],
    });
    parts.defer(async () => {
      if (broker.exitCode !== null || broker.signalCode !== null) return;
      broker.kill("SIGTERM");
      await once(broker, "exit", { signal: AbortSignal.timeout(30_000) });
    });
    await control.connected(AbortSignal.timeout(30_000));
    for (const gate of ["test", "home"]) await control.order({ type: "openGate", gate });
    client = parts.use(await greetedClient(join(gates, "test/bridge.sock")));
  });
  after(() => parts[Symbol.asyncDispose]());

  const ask = (request: object) => client.ask({ ...request, id: (id += 1) });
  async function questions(): Promise<Record<string, unknown>[]> {
    const lines = (await readFile(join(two.home, "questions"), "utf8")).trim().split("\n");
    return lines.map((line): Record<string, unknown> => JSON.parse(line));
  }
  async function handles(): Promise<string[]> {
    const { result } = await ask({ type: "find", origin: ORIGIN, use: "form" });
    return [...JSON.stringify(result).matchAll(/"handle":"([\w-]{22})"/g)].map(([, handle = ""]) => handle);
  }

  it("finds and fills the logins of both, each by its own key", async () => {
    const filled: unknown[] = [];
    for (const handle of await handles()) {
      const { result } = await ask({ type: "get", handle, origin: ORIGIN, fields: ["username", "password"] });
      filled.push(result);
    }
    assert.deepEqual(
      new Set(filled.map((login) => JSON.stringify(login))),
      new Set(['{"username":"alice","password":"pw-work"}', '{"username":"bob","password":"pw-home"}']),
    );
    const entries = (await questions()).map(({ entry }) => String(entry));
    assert.deepEqual(entries.toSorted(), ["home/example.com/bob", "work/example.com/alice"]);
  });

  it("writes a new login into the first store, with its key and into its git alone", async () => {
    const before = await two.pass("home", ["git", "rev-parse", "HEAD"]);
    const reply = await ask({ type: "save", origin: ORIGIN, username: "new", password: "secret" });
    assert.equal(reply.ok, true, JSON.stringify(reply));
    assert.equal((await questions()).at(-1)?.entry, "work/example.com/new");
    assert.equal(await two.pass("work", ["show", "example.com/new"]), "secret\nlogin: new\n");
    const subject = await two.pass("work", ["git", "log", "-1", "--format=%s"]);
    assert.equal(subject, "Add given password for example.com/new to store.\n");
    const packets = await two.gpg(["--batch", "--list-packets", join(two.store, "work/example.com/new.gpg")]);
    const keys = await two.gpg(["--batch", "--with-colons", "--list-keys", "work@postern.invalid"]);
    const subKey = /^sub:(?:[^:]*:){3}([0-9A-F]{16}):/m.exec(keys)?.[1];
    assert.deepEqual(
      [...packets.matchAll(/^:pubkey enc packet:.* keyid ([0-9A-F]{16})$/gm)].map(([, keyId]) => keyId),
      [subKey],
    );
    assert.equal(await two.pass("home", ["git", "rev-parse", "HEAD"]), before);
    assert.deepEqual(await readdir(join(two.store, "home/example.com")), ["bob.gpg"]);
  });

  it("asks by the whole name about keys that one store has gained, and writes into that one", async () => {
    await writeFile(join(two.store, "home/.gpg-id"), "home@postern.invalid\nwork@postern.invalid\n");
    using other = await greetedClient(join(two.home, "run/postern/gates/home/bridge.sock"));
    const before = (await questions()).length;
    const reply = await other.ask({ id: 2, type: "save", origin: ORIGIN, username: "new", password: "secret" });
    assert.equal(reply.ok, true, JSON.stringify(reply));
    assert.partialDeepStrictEqual((await questions()).slice(before), [
      { kind: "recipients", entry: "home/example.com/new", added: ["work@postern.invalid"], removed: [] },
      { kind: "save", entry: "home/example.com/new" },
    ]);
    assert.equal(await two.pass("home", ["show", "example.com/new"]), "secret\nlogin: new\n");
  });
});
