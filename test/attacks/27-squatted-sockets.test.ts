import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, lstat, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { type Server, createServer } from "node:net";
import { join } from "node:path";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { testPostern } from "#test/harness/postern.ts";
import { greetedClient } from "#test/harness/raw-client.ts";

const NOBODY = 65_534;

describe("attack 27: sockets that are not what they seem", function () {
  this.timeout(120_000);
  let broker: TestBroker;
  before(async () => {
    broker = await startBroker();
  });
  after(() => broker[Symbol.asyncDispose]());

  async function gate(name: string): Promise<string> {
    const directory = join(broker.store.home, "gates", name);
    await mkdir(directory, { mode: 0o700 });
    return join(directory, "bridge.sock");
  }
  const open = (name: string) => broker.control.order({ type: "openGate", gate: name });

  async function isServed(path: string): Promise<void> {
    const found = await lstat(path);
    assert.ok(found.isSocket());
    assert.equal(found.mode & 0o777, 0o600);
    (await greetedClient(path))[Symbol.dispose]();
  }

  it("squatted: the broker refuses, and leaves it alone", async () => {
    const path = await gate("squatted");
    await using squatter = await listen(path);
    await assert.rejects(open("squatted"), { code: "internal", message: /Another broker/ });
    assert.ok(squatter.server.listening && (await lstat(path)).isSocket());
  });

  it("stale: it is replaced", async () => {
    const path = await gate("stale");
    await leaveSocket(path);
    assert.ok((await lstat(path)).isSocket());
    await open("stale");
    await isServed(path);
  });

  it("symlinked: the link is replaced, what it points at stays", async () => {
    const path = await gate("linked");
    const target = join(broker.store.home, "target");
    await writeFile(target, "mine");
    await symlink(target, path);
    await open("linked");
    await isServed(path);
    assert.equal(await readFile(target, "utf8"), "mine");
  });

  const wrong: Record<string, (path: string, elsewhere: string) => Promise<void>> = {
    "is open to others": async (path) => {
      await mkdir(path);
      await chmod(path, 0o777);
    },
    "is somebody else's": async (path) => {
      await mkdir(path, { mode: 0o700 });
      await chown(path, NOBODY, NOBODY);
    },
    "is a link": async (path, elsewhere) => {
      await mkdir(elsewhere, { mode: 0o700 });
      await symlink(elsewhere, path);
    },
  };
  for (const [name, make] of Object.entries(wrong)) {
    it(`in a run-time directory that ${name}: no command speaks to what listens there`, async () => {
      await using postern = await testPostern();
      const runtime = join(postern.home, "run/postern");
      await make(runtime, join(postern.home, "elsewhere"));
      await using squatter = await listen(join(runtime, "session.sock"));
      for (const command of ["up", "status", "grants", "revoke", "lock", "unlock", "down"]) {
        const { exitCode, stderr } = await postern.run(command);
        assert.equal(exitCode, 2, `${command}: ${stderr}`);
        assert.match(stderr, /error: .*run\/postern is not a directory of yours alone\.\npostern: hint: /, command);
      }
      const { exitCode, stdout } = await postern.run("doctor");
      assert.equal(exitCode, 1);
      assert.match(stdout, /^wrong {2}sockets {3}.*run\/postern is not a directory of yours alone\.$/m);
      assert.equal(squatter.connections(), 0);
    });
  }

  const odd: Record<string, { make: (path: string) => Promise<unknown>; said: RegExp }> = {
    "is stale": { make: leaveSocket, said: /session\.sock is left over/ },
    "is a link": {
      make: async (path) => {
        await leaveSocket(`${path}-elsewhere`);
        await symlink(`${path}-elsewhere`, path);
      },
      said: /session\.sock is not a socket/,
    },
    "is open to others": {
      make: async (path) => {
        await leaveSocket(path);
        await chmod(path, 0o666);
      },
      said: /session\.sock is open to every user/,
    },
    "is somebody else's": {
      make: async (path) => {
        await leaveSocket(path);
        await chown(path, NOBODY, NOBODY);
      },
      said: /session\.sock belongs to another user/,
    },
  };
  for (const [name, { make, said }] of Object.entries(odd)) {
    it(`a socket that ${name}: doctor names it`, async () => {
      await using postern = await testPostern();
      const runtime = join(postern.home, "run/postern");
      await mkdir(runtime, { mode: 0o700 });
      await make(join(runtime, "session.sock"));
      const { exitCode, stdout } = await postern.run("doctor");
      assert.equal(exitCode, 1);
      assert.match(stdout, said);
    });
  }
});

/** A socket whose listener was killed. */
async function leaveSocket(path: string): Promise<void> {
  const line = "require('node:net').createServer().listen(process.argv[1], () => console.log('up'))";
  const child = spawn(process.execPath, ["-e", line, path], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
  await chmod(path, 0o600);
}

async function listen(path: string): Promise<AsyncDisposable & { server: Server; connections: () => number }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(path);
  await once(server, "listening");
  return {
    server,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  };
}
