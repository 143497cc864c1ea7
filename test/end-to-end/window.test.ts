import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { execute } from "#container/exec.ts";
import { type Compositor, startCompositor } from "#test/harness/compositor.ts";
import { assertShutIn } from "#test/harness/content-processes.ts";
import { eventually } from "#test/harness/eventually.ts";
import { nothingLeft } from "#test/harness/failure.ts";
import { newerSway } from "#test/harness/newer-sway.ts";
import { PAGE_SERVER, servePages } from "#test/harness/page-server.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";
import { onTerminal } from "#test/harness/pseudo-terminal.ts";
import { sessionProcesses } from "#test/harness/session-process.ts";

const FIREFOX = "firefox-esr";
const PASSWORD = "pw-marker-of-the-window";

describe("end to end: Firefox's window on a compositor that knows security contexts", function () {
  this.timeout(600_000);
  let store: PassStore;
  let compositor: Compositor;
  let postern: TestPostern;
  const parts = new AsyncDisposableStack();
  before(async () => {
    store = parts.use(await makePassStore({ [`${PAGE_SERVER}/alice`]: `${PASSWORD}\nlogin: alice@example.org\n` }));
    await writeFile(join(store.gnupg, "gpg-agent.conf"), "pinentry-program /usr/bin/pinentry-qt\n");
    compositor = parts.use(await startCompositor(await newerSway()));
    postern = parts.use(await testPostern({ GNUPGHOME: store.gnupg, ...compositor.environment }));
  });
  after(() => parts.disposeAsync());

  it("opens, and outlives the terminal that postern up was typed on", async () => {
    const empty = (await compositor.colours()).size;
    const command = `${postern.command} up ${postern.gate} --store ${store.store}; echo ended with $?; sleep 600`;
    await using terminal = onTerminal(command, postern.environment);
    await eventually("the end of up", () => terminal.screen().includes("ended with"), 300_000);
    assert.match(terminal.screen(), /Firefox's window is open\.[^]*Ctrl\+Shift\+F[^]*this terminal may be closed/);
    assert.match(terminal.screen(), /ended with 0/);
    await compositor.window(/Mozilla Firefox/);
    await eventually("what it shows", async () => (await compositor.colours()).size > empty + 20, 60_000);
    await terminal[Symbol.asyncDispose]();
    assert.equal((await postern.run("status")).exitCode, 0);
    assert.equal((await compositor.windows()).length, 1);
  });

  it("is typed into; the keyboard command asks in a window of its own, and a yes there fills", async () => {
    using pages = await servePages(postern);
    const addressBar = ["-k", "Escape", "-M", "ctrl", "l", "-m", "ctrl"];
    await compositor.typeUntil(/^Login — Mozilla Firefox/, addressBar, [PAGE_SERVER, "-k", "Return"]);
    await compositor.typeUntil(/^Postern$/, ["-M", "ctrl", "-M", "shift", "f", "-m", "shift", "-m", "ctrl"]);
    // A yes counts from 0.7 s on.
    await wait(1_000);
    await compositor.type("-k", "Tab", "-k", "Tab", "-k", "space");
    await eventually("the prompt's end", async () => (await compositor.windows()).length === 1, 30_000);
    await eventually("the decision", async () => (await gets()).length > 0, 30_000);
    assert.deepEqual(await gets(), [["allowed", "allowed once"]]);

    await eventually(
      "the form",
      async () => {
        // From the page to its first field, and sent: the page wants both to be filled.
        await compositor.type("-k", "Tab", "-k", "Return");
        return await eventually("it to be sent", () => pages.received.length > 0, 2_000).catch(() => false);
      },
      30_000,
    );
    assert.deepEqual(
      [...new URLSearchParams(pages.received[0])],
      [
        ["username", "alice@example.org"],
        ["password", PASSWORD],
      ],
    );
  });

  it("opens a tab of it for postern up with an address on another terminal", async () => {
    using _pages = await servePages(postern);
    const { id } = await postern.container("firefox");
    const again = await postern.run(
      "up",
      postern.gate,
      `http://${PAGE_SERVER}/other`,
      "--store",
      store.store,
      "--json",
    );
    assert.equal(again.exitCode, 0, again.stderr);
    const { display, wasOpen, page, filled }: Record<string, unknown> = JSON.parse(again.stdout);
    assert.deepEqual(
      { display, wasOpen, page, filled },
      { display: "context", wasOpen: true, page: `http://${PAGE_SERVER}/other`, filled: undefined },
    );
    await compositor.window(/^Page \/other — Mozilla Firefox/);
    assert.equal((await compositor.windows()).length, 1);
    assert.equal((await postern.container("firefox")).id, id);
    const plain = await postern.run("up", postern.gate, "--store", store.store);
    assert.match(plain.stdout, /^Opened a tab in Firefox's window\.$/m, plain.stderr);
    await compositor.window(/^Mozilla Firefox/);
    assert.equal((await compositor.windows()).length, 1);
  });

  it("keeps Firefox's own sandbox, and has no socket but what it needs", async () => {
    const container = await postern.container("firefox");
    const sh = async (line: string) => (await execute(postern.engine, container, ["sh", "-c", line])).stdout;
    await assertShutIn(sh);
    // The name that a socket is mounted on is a file's, by which find would go.
    const sockets = await sh("find /run /tmp /profile -path /tmp/home -prune -o -exec test -S {} \\; -print | sort");
    assert.equal(sockets, "/run/display/wayland\n/run/postern/bridge.sock\n/tmp/bus\n");
    const listening = await sh("id -u; tail -q -n +2 /proc/net/tcp /proc/net/tcp6");
    const [user = "", ...connections] = listening.trim().split("\n");
    const own = connections.map((line) => line.trim().split(/\s+/)).filter(([, , , , , , , owner]) => owner === user);
    assert.deepEqual(
      own.filter(([, , , state]) => state === "0A"),
      [],
    );
  });

  it("is closed as any other window, and the browser is gone with it", async () => {
    await compositor.close(FIREFOX);
    await eventually(
      "the end of the container",
      () =>
        postern.container("firefox").then(
          () => false,
          () => true,
        ),
      30_000,
    );
    await eventually("its directory's end", async () => (await displays()).length === 0);
    assert.match((await postern.run("status")).stdout, /postern-vault/);
  });

  it("comes back with the next postern up, two of them at once as one", async () => {
    const up = () => postern.run("up", postern.gate, "--store", store.store, "--json");
    const runs = await Promise.all([up(), up()]);
    const opened = runs.map(({ exitCode, stdout, stderr }) => {
      assert.equal(exitCode, 0, stderr);
      const { wasOpen }: { wasOpen: boolean } = JSON.parse(stdout);
      return wasOpen;
    });
    assert.deepEqual(new Set(opened), new Set([false, true]));
    await compositor.window(/Mozilla Firefox/);
    assert.equal((await compositor.windows()).length, 1);
  });

  it("is not mixed up with a browser without one", async () => {
    const { exitCode, stderr } = await postern.run("up", postern.gate, "--store", store.store, "--headless");
    assert.equal(exitCode, 2);
    assert.match(stderr, /error: The browser of the gate .* runs in a window\.\npostern: hint: .*postern down/);
    assert.equal((await compositor.windows()).length, 1);
  });

  it("ends with postern down, and nothing is left", async () => {
    assert.equal((await postern.run("down")).exitCode, 0);
    await nothingLeft(postern);
    assert.deepEqual(await compositor.windows(), []);
    assert.deepEqual(await displays(), []);
    await eventually("the session process's end", async () => (await sessionProcesses(postern)).length === 0);
  });

  async function displays(): Promise<string[]> {
    return await readdir(join(postern.home, "run/postern/displays"));
  }

  async function gets(): Promise<unknown[]> {
    return (await postern.log()).filter(({ type }) => type === "get").map(({ decision, reason }) => [decision, reason]);
  }
});
