import assert from "node:assert/strict";
import { chmod, chown, copyFile, mkdir, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { startNativeHost } from "#test/harness/native-host.ts";
import { testPostern } from "#test/harness/postern.ts";
import { HELLO, codeOf } from "#test/harness/raw-client.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const DIST = join(import.meta.dirname, "../../dist");
const HOST = join(DIST, "postern-host.cjs");
const NOBODY = 65_534;

const ODD = {
  "another socket": ["--socket", "SOCKET"],
  "another gate": ["--gate", "other"],
  "options of Node's": ["--require", "/tmp/x.cjs", "--inspect", "-e", "process.exit(3)"],
  "a call for help": ["--help", "--version"],
  "what a browser gives": ["chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/", "--parent-window=1"],
  "nothing but odd characters": ["", "--", "-", "\n", "$(id)", "`id`", "'; exit 3; '", "\u202E", "%s%n"],
  "a lot of it": Array.from({ length: 2000 }, () => "x".repeat(50)),
};

describe("attack 29: the host, started oddly", function () {
  this.timeout(120_000);
  let place: Awaited<ReturnType<typeof temporaryDirectory>>;
  let broker: TestBroker;
  before(async () => {
    place = await temporaryDirectory();
    broker = await startBroker({ entries: { "example.com": "marker-of-attack-29" } });
  });
  after(async () => {
    await broker[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  it("by a browser, with any arguments: the installed one takes none of them, answers that there is no vault, and ends", async () => {
    await using postern = await testPostern();
    assert.equal((await postern.run("install")).exitCode, 0);
    const program = join(postern.home, ".local/share/postern/postern-host");
    for (const [name, words] of Object.entries(ODD)) {
      const given = words.map((word) => word.replace("SOCKET", broker.socket));
      const host = startNativeHost([program, ...given], { env: postern.environment });
      assert.equal(codeOf(await host.ask({ ...HELLO, id: 7 })), "no_broker", name);
      assert.equal(await host.exitCode(), 0, name);
    }
  });

  for (const words of [
    [],
    ["--gate", "../../x"],
    ["--gate", "A B"],
    ["--gate"],
    ["--socket"],
    ["-e", "process.exit(3)"],
  ]) {
    it(`by hand or by a wrong manifest, with ${JSON.stringify(words)}: says what to do, and ends`, async () => {
      const host = startNativeHost([process.execPath, HOST, ...words]);
      const reply = await host.ask({ ...HELLO, id: 9 });
      assert.equal(codeOf(reply), "internal");
      assert.match(JSON.stringify(reply), /postern install/);
      assert.equal(await host.exitCode(), 2);
    });
  }

  it("without a broker: says so, at whatever is in its place", async () => {
    const file = join(place.path, "file");
    await mkdir(file);
    for (const path of ["/nonexistent/bridge.sock", file, "/dev/null", "/proc/self/exe", `/${"x".repeat(200)}`, ""]) {
      const host = startNativeHost([process.execPath, HOST, "--socket", path]);
      assert.equal(codeOf(await host.ask({ ...HELLO, id: 3 })), "no_broker", path);
      assert.equal(await host.exitCode(), 0, path);
    }
  });

  it("by a browser that reads nothing and is gone: ends without a word", async () => {
    const host = startNativeHost([process.execPath, HOST, "--socket", "/nonexistent/bridge.sock"]);
    host.process.stdout?.destroy();
    host.send(HELLO);
    assert.equal(await host.exitCode(), 0);
    assert.equal(host.stderr(), "");
  });

  it("by another user: is refused, and nothing of the gate reaches it", async () => {
    // As open as it can be below the directory that is the user's alone.
    await chmod(place.path, 0o755);
    const [node, program] = [join(place.path, "node"), join(place.path, "host.cjs")];
    await copyFile(process.execPath, node);
    await copyFile(HOST, program);
    const runtime = join(place.path, "run");
    await mkdir(join(runtime, "postern/gates"), { recursive: true, mode: 0o700 });
    await symlink(join(broker.socket, ".."), join(runtime, "postern/gates/session"));
    const env = { XDG_RUNTIME_DIR: runtime };
    for (const [code, ...words] of [
      ["internal", "--gate", "session"],
      ["no_broker", "--socket", broker.socket],
    ]) {
      const host = startNativeHost([node, program, ...words], { env, uid: NOBODY, gid: NOBODY });
      assert.equal(codeOf(await host.ask(HELLO)), code, words.join(" "));
      assert.equal(await host.exitCode(), 0);
    }
  });

  const squatted: Record<string, (runtime: string, theirs: string) => Promise<void>> = {
    "is somebody else's": async (runtime) => await chown(runtime, NOBODY, NOBODY),
    "is open to others": async (runtime) => await chmod(runtime, 0o777),
    "has a gate that is a link": async (runtime, theirs) => {
      await mkdir(join(runtime, "gates"), { mode: 0o700 });
      await symlink(theirs, join(runtime, "gates/session"));
    },
    "has a gate whose socket is a link": async (runtime, theirs) => {
      await mkdir(join(runtime, "gates/session"), { mode: 0o700, recursive: true });
      await symlink(join(theirs, "bridge.sock"), join(runtime, "gates/session/bridge.sock"));
    },
  };
  for (const [name, squat] of Object.entries(squatted)) {
    it(`in a run-time directory that ${name}: speaks to nobody there`, async () => {
      await using own = await temporaryDirectory();
      const runtime = join(own.path, "postern");
      const theirs = join(own.path, "theirs");
      for (const path of [runtime, theirs]) await mkdir(path, { mode: 0o700 });
      await squat(runtime, theirs);
      const directory = name.startsWith("has") ? theirs : join(runtime, "gates/session");
      await mkdir(directory, { recursive: true, mode: 0o700 });
      let connections = 0;
      const server = createServer((socket) => {
        connections += 1;
        socket.destroy();
      }).listen(join(directory, "bridge.sock"));
      await once(server, "listening");
      const host = startNativeHost([process.execPath, HOST, "--gate", "session"], {
        env: { XDG_RUNTIME_DIR: own.path },
      });
      const reply = await host.ask({ ...HELLO, id: 5 });
      assert.equal(codeOf(reply), "internal");
      assert.match(JSON.stringify(reply), /Somebody else could listen.*postern doctor/);
      assert.equal(await host.exitCode(), 0);
      server.close();
      await once(server, "close");
      assert.equal(connections, 0);
    });
  }
});
