import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { endianness } from "node:os";
import { join } from "node:path";
import { ADDON_ID } from "#protocol/names.ts";
import { hostProgram } from "#manifests/host-program.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { namedParent } from "#test/harness/named-parent.ts";
import { type NativeHost, startNativeHost } from "#test/harness/native-host.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { HELLO, codeOf } from "#test/harness/raw-client.ts";

const ORIGIN = "https://example.com";
const DIST = join(import.meta.dirname, "../../dist");
/** What the configuration says of the gate is not what counts. */
const CONFIG = `
[gates.proxy]
consent = "session"
labels = "full"
[gates.session]
consent = "session"
`;

describe("attack 31: whoever comes by xdg-native-messaging-proxy, under the extension's name", function () {
  this.timeout(120_000);
  let store: PassStore;
  let broker: TestBroker;
  let runtime: string;
  let program: string;
  let proxy: string;
  const parts = new AsyncDisposableStack();
  before(async () => {
    store = parts.use(await makePassStore({ "secret-folder/example.com/alice": "marker-of-attack-31" }));
    // The host looks for its gate below XDG_RUNTIME_DIR, in `postern`.
    runtime = store.home;
    const home = join(store.home, "postern");
    await mkdir(home, { mode: 0o700 });
    broker = parts.use(await startBroker({ store: { ...store, home }, config: CONFIG }));
    await openGate("session");
    const folder = join(store.home, "program");
    await mkdir(folder);
    await symlink(process.execPath, join(folder, "node"));
    await symlink(join(DIST, "postern-host.cjs"), join(folder, "postern-host.cjs"));
    program = join(store.home, "postern-host");
    await writeFile(program, hostProgram(folder, endianness(), ["firefox"]), { mode: 0o755 });
    // As the real one: it starts what the manifest names as its child, and hands the caller's words over as they are.
    proxy = await fakeProgram(store.home, "xdg-native-messaging-proxy", '"$@"\nexit $?');
  });
  after(() => parts.disposeAsync());

  async function openGate(gate: string): Promise<void> {
    await mkdir(join(runtime, "postern/gates", gate), { mode: 0o700 });
    await broker.control.order({ type: "openGate", gate });
  }

  function start(command: string[]): NativeHost {
    return startNativeHost(command, { env: { PATH: "/usr/bin:/bin", XDG_RUNTIME_DIR: runtime } });
  }

  function startByProxy(id: string): NativeHost {
    return start([proxy, program, "/usr/lib/mozilla/native-messaging-hosts/io.github.postern.json", id]);
  }

  async function greeted(host: NativeHost): Promise<NativeHost> {
    const { result } = await host.ask(HELLO);
    assert.partialDeepStrictEqual(result, { gate: "proxy", caller: "unverified", features: [] });
    return host;
  }

  async function find(host: NativeHost, id: number): Promise<Record<string, unknown>> {
    const { result } = await host.ask({ id, type: "find", origin: ORIGIN, use: "form" });
    const { entries }: { entries: Record<string, unknown>[] } = JSON.parse(JSON.stringify(result));
    assert.equal(entries.length, 1);
    return entries[0] ?? {};
  }

  it("while the gate for it is not open: nothing is served", async () => {
    const reply = await startByProxy(ADDON_ID).ask(HELLO);
    assert.equal(codeOf(reply), "no_broker");
    assert.match(JSON.stringify(reply), /gates\.proxy/);
  });

  it("while a browser that starts the host itself has its own gate", async () => {
    const host = start([...(await namedParent(store.home, "firefox")), program, "/manifest.json", ADDON_ID]);
    assert.partialDeepStrictEqual((await host.ask(HELLO)).result, { gate: "session", caller: "gate" });
    host.process.stdin?.end();
    assert.equal(await host.exitCode(), 0);
  });

  describe("once it is open", () => {
    before(() => openGate("proxy"));
    beforeEach(() => void (broker.questions.length = 0));

    for (const id of [
      ADDON_ID,
      "chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/",
      "--gate=session",
      "--socket=/run/postern/bridge.sock",
      "",
    ]) {
      it(`has the gate for it and no other, as ${JSON.stringify(id)}`, async () => {
        const host = await greeted(startByProxy(id));
        host.process.stdin?.end();
        assert.equal(await host.exitCode(), 0);
      });
    }

    it("is told no names", async () => {
      const host = await greeted(startByProxy(ADDON_ID));
      const { label, username } = await find(host, 2);
      assert.deepEqual([label, username], ["1", undefined]);
      host.process.stdin?.end();
    });

    it("is asked about each time, and a yes does not last", async () => {
      const host = await greeted(startByProxy(ADDON_ID));
      await broker.person(async () => "session");
      for (const [round, id] of [10, 20].entries()) {
        const { handle } = await find(host, id);
        const reply = await host.ask({ id: id + 1, type: "get", handle, origin: ORIGIN, fields: ["password"] });
        assert.deepEqual(reply.result, { password: "marker-of-attack-31" });
        assert.equal(broker.questions.length, round + 1);
        assert.partialDeepStrictEqual(broker.questions[round], { gate: "proxy", minutes: 0 });
      }
      host.process.stdin?.end();
    });

    for (const request of [
      { type: "save", origin: ORIGIN, username: "eve", password: "pw" },
      { type: "pick", origin: ORIGIN },
    ]) {
      it(`is denied to ${request.type}, and nobody is asked`, async () => {
        const host = await greeted(startByProxy(ADDON_ID));
        assert.equal(codeOf(await host.ask({ id: 2, ...request })), "denied");
        assert.deepEqual(broker.questions, []);
        host.process.stdin?.end();
      });
    }
  });
});
