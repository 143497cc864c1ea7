import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import assert from "node:assert/strict";
import { execa } from "execa";
import { assertExplained, nothingLeft } from "#test/harness/failure.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";

describe("postern up, with an engine", function () {
  this.timeout(200_000);
  let postern: TestPostern;
  let dockerHost: string | undefined;
  before(async () => {
    postern = await testPostern();
    dockerHost = postern.environment.DOCKER_HOST;
  });
  after(() => postern[Symbol.asyncDispose]());
  afterEach(() => nothingLeft(postern));

  it("that is absent: says which socket, and how to install one", async () => {
    postern.environment.DOCKER_HOST = "unix:///nowhere/docker.sock";
    const run = await postern.run("up", postern.gate);
    assertExplained(run, /no container engine at \/nowhere\/docker\.sock/, /apt-get install docker\.io/);
  });

  it("that was stopped and left its socket: says how to start it", async () => {
    const path = join(postern.home, "stopped.sock");
    const listening = `require("net").createServer().listen(${JSON.stringify(path)}, () => console.log("up"))`;
    const engine = spawn(process.execPath, ["--eval", listening], { stdio: ["ignore", "pipe", "inherit"] });
    await once(engine.stdout, "data");
    engine.kill("SIGKILL");
    await once(engine, "exit");
    postern.environment.DOCKER_HOST = `unix://${path}`;
    assertExplained(await postern.run("up", postern.gate), /does not answer/, /systemctl start docker/);
  });

  it("whose socket is forbidden: says so, and how to be let in", async () => {
    const path = join(postern.home, "forbidden.sock");
    const server = createServer().listen(path);
    await once(server, "listening");
    await chmod(path, 0o000);
    // Modes do not hold root; root without capabilities is a user like any other.
    const plain = process.geteuid?.() === 0 ? "setpriv --bounding-set=-all --inh-caps=-all " : "";
    const {
      exitCode = null,
      stdout,
      stderr,
    } = await execa("sh", ["-c", `${plain}${postern.command} up ${postern.gate}`], {
      env: { ...postern.environment, DOCKER_HOST: `unix://${path}` },
      extendEnv: false,
      reject: false,
      stripFinalNewline: false,
    });
    server.close();
    assertExplained({ exitCode, stdout, stderr }, /You may not use/, /usermod .*docker/);
  });

  it("that is there again: works", async () => {
    delete postern.environment.DOCKER_HOST;
    if (dockerHost !== undefined) postern.environment.DOCKER_HOST = dockerHost;
    const { exitCode, stderr } = await postern.run("up", postern.gate, "--headless");
    assert.equal(exitCode, 0, stderr);
    await postern.run("down");
  });
});
