import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { connectEngine } from "#container/engine.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

describe("the engine", () => {
  it("answers", async () => {
    const engine = await connectEngine(process.env);
    assert.ok((await engine.version()).ApiVersion);
  });

  it("that is not there is named, with what to do", async () => {
    const absent = connectEngine({ DOCKER_HOST: "unix:///nowhere/docker.sock" });
    await assert.rejects(absent, { message: /no container engine at \/nowhere/, hint: /apt-get install docker\.io/ });
  });

  it("that hangs up is told from one that is not there", async () => {
    await using home = await temporaryDirectory();
    const path = join(home.path, "s");
    const server = createServer((socket) => socket.destroy()).listen(path);
    await once(server, "listening");
    await assert.rejects(connectEngine({ DOCKER_HOST: `unix://${path}` }), {
      message: /does not answer/,
      hint: /Start/,
    });
    server.close();
  });

  it("that is not open to the user is told from both", async () => {
    await using home = await temporaryDirectory();
    const path = join(home.path, "s");
    const server = createServer().listen(path);
    await once(server, "listening");
    await chmod(home.path, 0o711);
    await chmod(path, 0o000);
    // Modes do not hold root.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    try {
      await assert.rejects(connectEngine({ DOCKER_HOST: `unix://${path}` }), { message: /You may not use/ });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
    server.close();
  });

  it("of another machine is refused", async () => {
    await assert.rejects(connectEngine({ DOCKER_HOST: "tcp://10.0.0.1:2375" }), { message: /Unix socket/ });
  });
});
