import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { serveLoginPage } from "#container/login-page/serve.ts";
import { configure } from "#test/harness/configure.ts";
import { eventually } from "#test/harness/eventually.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import type { OwnBrowser } from "#test/harness/own-browser.ts";
import { startOwnChromium } from "#test/harness/own-chromium.ts";
import { startOwnFirefox } from "#test/harness/own-firefox.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";

const BROWSERS = { firefox: startOwnFirefox, chromium: startOwnChromium };
const PATIENCE = 120_000;

describe("end to end: browsers of the user's own session", function () {
  this.timeout(600_000);
  let store: PassStore;
  let postern: TestPostern;
  let page: string;
  const browsers = new Map<string, OwnBrowser>();
  const parts = new AsyncDisposableStack();
  before(async () => {
    store = parts.use(await makePassStore({ "localhost/alice@example.org": "pw-alice\n" }));
    postern = parts.use(await testPostern({ GNUPGHOME: store.gnupg, PASSWORD_STORE_DIR: store.store }));
    const questions = join(store.home, "questions");
    await writeFile(questions, "");
    const script = `cat >> ${questions}; echo >> ${questions}; sleep 0.8; echo '{"answer":"once"}'`;
    const consent = await fakeProgram(store.home, "consent", script);
    await configure(postern, `consent.command = [${JSON.stringify(consent)}]\n`);
    const server = createServer(serveLoginPage).listen(0, "127.0.0.1");
    await once(server, "listening");
    parts.defer(() => server.closeAllConnections());
    parts.defer(() => void server.close());
    const address = server.address();
    page = `http://localhost:${typeof address === "object" ? address?.port : ""}/`;
    for (const [name, start] of Object.entries(BROWSERS)) {
      browsers.set(name, parts.use(await start(postern.home, postern.environment)));
    }
  });
  after(() => parts.disposeAsync());

  function browser(name: string): OwnBrowser {
    const found = browsers.get(name);
    assert.ok(found);
    return found;
  }

  /** The native messaging hosts that this home's browsers have started. */
  async function hosts(): Promise<string[]> {
    const found: string[] = [];
    for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
      // Those that end meanwhile have no files any more.
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      const program = join(postern.home, ".local/share/postern/program/postern-host.cjs");
      if (command.split("\0").includes(program)) found.push(pid);
    }
    return found;
  }

  /** Asks to fill, and waits for what the extension says is wrong. */
  async function complaint(name: string): Promise<string> {
    await browser(name).open(page);
    await browser(name).askToFill();
    return await eventually("what is wrong", () => browser(name).complaint(), PATIENCE);
  }

  for (const name of Object.keys(BROWSERS)) {
    it(`${name}, before postern install: the extension says so, and what to do`, async () => {
      assert.match(await complaint(name), /does not know Postern's native host\. .*: postern install$/);
    });
  }

  it("postern install finds both of them", async () => {
    const { exitCode, stdout, stderr } = await postern.run("install", "--json");
    assert.equal(exitCode, 0, stderr);
    const result: { browsers: { name: string }[] } = JSON.parse(stdout);
    assert.deepEqual(
      result.browsers.map(({ name }) => name),
      Object.keys(BROWSERS),
    );
  });

  for (const name of Object.keys(BROWSERS)) {
    it(`${name}, without a vault: the extension says how to start it`, async () => {
      assert.match(await complaint(name), /not running for this browser\. .*: postern up --vault$/);
    });
  }

  it("postern up --vault starts it", async () => {
    const { exitCode, stderr } = await postern.run("up", "--vault");
    assert.equal(exitCode, 0, stderr);
  });

  for (const name of Object.keys(BROWSERS)) {
    it(`${name} fills the page's own fields, after consent`, async () => {
      await writeFile(join(store.home, "questions"), "");
      await browser(name).open(page);
      assert.deepEqual(await browser(name).fields(), ["", ""]);
      await browser(name).askToFill();
      const filled = await eventually(
        "the filled page",
        async () => {
          const fields = await browser(name).fields();
          return Array.isArray(fields) && fields.every((field) => field !== "") && fields;
        },
        PATIENCE,
      );
      assert.deepEqual(filled, ["alice@example.org", "pw-alice"]);
      const [question = "", ...others] = (await readFile(join(store.home, "questions"), "utf8")).trim().split("\n");
      assert.deepEqual(others, []);
      const { gate, origin, entry, fields }: Record<string, unknown> = JSON.parse(question);
      assert.deepEqual(
        { gate, origin: `${String(origin)}/`, entry, fields },
        { gate: "session", origin: page, entry: "localhost/alice@example.org", fields: ["username", "password"] },
      );
    });
  }

  it("each of them is connected to the one gate, and the log has both", async () => {
    const status: { gates: { gate: string; connections: number }[] } = JSON.parse(
      (await postern.run("status", "--json")).stdout,
    );
    assert.deepEqual(
      status.gates.map(({ gate, connections }) => [gate, connections]),
      [["session", 2]],
    );
    const released = (await postern.log()).filter(({ type, decision }) => type === "get" && decision === "allowed");
    assert.equal(released.length, 2);
  });

  it("postern down ends their connections", async () => {
    assert.equal((await hosts()).length, 2);
    assert.equal((await postern.run("down")).exitCode, 0);
    await eventually("the end of their hosts", async () => (await hosts()).length === 0, PATIENCE);
    await rm(join(postern.home, ".local/share/postern/program"), { recursive: true });
  });

  for (const name of Object.keys(BROWSERS)) {
    it(`${name}, with what was installed damaged: the extension says so, and what mends it`, async () => {
      assert.match(await complaint(name), /not where postern install put it\. .*: npx postern install$/);
    });
  }

  it("postern uninstall takes the rest out", async () => {
    const rest = [
      ".mozilla/native-messaging-hosts/io.github.postern.json",
      ".config/chromium/NativeMessagingHosts/io.github.postern.json",
      ".local/share/postern/postern-host",
      ".local/share/postern/installed.json",
      ".local/bin/postern",
    ];
    const isThere = (): boolean[] => rest.map((name) => existsSync(join(postern.home, name)));
    assert.deepEqual(isThere(), [true, true, true, true, true]);
    assert.equal((await postern.run("uninstall")).exitCode, 0);
    assert.deepEqual(isThere(), [false, false, false, false, false]);
  });

  for (const name of Object.keys(BROWSERS)) {
    it(`${name}, afterwards: the extension knows no host any more`, async () => {
      assert.match(await complaint(name), /does not know Postern's native host\. .*: postern install$/);
    });
  }
});
