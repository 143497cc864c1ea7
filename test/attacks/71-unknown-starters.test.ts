import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { type TestCommand, testCommand } from "#test/harness/command.ts";
import { namedParent } from "#test/harness/named-parent.ts";
import { startNativeHost } from "#test/harness/native-host.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { HELLO } from "#test/harness/raw-client.ts";

describe("attack 71: a program that is nobody's browser starts the native host", function () {
  this.timeout(120_000);
  let store: PassStore;
  let broker: TestBroker;
  let command: TestCommand;
  let program: string;
  const parts = new AsyncDisposableStack();
  before(async () => {
    store = parts.use(await makePassStore({ "example.com": "pw" }));
    command = parts.use(await testCommand());
    // The broker's gates where the host looks for them.
    const home = join(command.home, "run/postern");
    broker = parts.use(await startBroker({ store: { ...store, home } }));
    for (const gate of ["session", "proxy"]) {
      await mkdir(join(home, "gates", gate), { mode: 0o700 });
      await broker.control.order({ type: "openGate", gate });
    }
    const { exitCode, stderr } = await command.run("install", "firefox", "chromium");
    assert.equal(exitCode, 0, stderr);
    program = join(command.home, ".local/share/postern/postern-host");
  });
  after(() => parts.disposeAsync());

  async function gateOf(parent: string[]): Promise<unknown> {
    const host = startNativeHost([...parent, program, "/manifest.json", "@postern"], { env: command.environment });
    const { result } = await host.ask(HELLO);
    host.process.stdin?.end();
    assert.equal(await host.exitCode(), 0);
    return typeof result === "object" && result !== null ? Reflect.get(result, "gate") : undefined;
  }

  for (const name of [
    "xdg-desktop-portal",
    "flatpak-session-helper",
    "xdg-native-messaging-proxy",
    "snapd",
    "bash",
    "chrome",
    "notfirefox",
    "firefox (deleted)x",
    "*",
  ]) {
    it(`${name}: has the gate of those of whom nothing is known`, async () => {
      assert.equal(await gateOf(await namedParent(join(command.home, "parents"), name)), "proxy");
    });
  }

  it("without a name of its own at all: has that gate as well", async () => {
    assert.equal(await gateOf([]), "proxy");
  });

  for (const name of ["firefox", "firefox-esr", "chromium"]) {
    it(`${name}, which was recorded when Postern was installed: has its own`, async () => {
      assert.equal(await gateOf(await namedParent(join(command.home, "parents"), name)), "session");
    });
  }

  it("a browser that was renewed while it runs: still has its own", async () => {
    const folder = join(command.home, "renewed");
    const [path = "", ...words] = await namedParent(folder, "firefox");
    const [, script = "", ...rest] = words;
    const renewed = [path, "-c", `rm "${path}"; ${script}`, ...rest];
    assert.equal(await gateOf(renewed), "session");
  });

  it("a link of a browser's name to another program: is that program", async () => {
    const folder = join(command.home, "linked");
    const [path = "", ...words] = await namedParent(folder, "shell");
    await symlink(path, join(folder, "firefox"));
    assert.equal(await gateOf([join(folder, "firefox"), ...words]), "proxy");
  });
});
