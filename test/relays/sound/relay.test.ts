import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, stat } from "node:fs/promises";
import { type Socket, connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { serveSound } from "#relays/sound/relay.ts";
import { eventually } from "#test/harness/eventually.ts";
import { type TestSoundServer, startSoundServer } from "#test/harness/sound-server.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const run = promisify(execFile);

describe("the sound relay, between PulseAudio's own programs and its server", function () {
  this.timeout(60_000);
  let parts: AsyncDisposableStack;
  let server: TestSoundServer;
  let directory: string;
  let cookie: string;
  let environment: Record<string, string>;
  before(async () => {
    await using opened = new AsyncDisposableStack();
    const runtime = opened.use(await temporaryDirectory()).path;
    cookie = join(runtime, "cookie");
    server = await startSoundServer(join(runtime, "server"), cookie);
    opened.defer(() => server[Symbol.asyncDispose]());
    directory = join(runtime, "sound/gate");
    const sound = { server: server.socket, cookie };
    await mkdir(directory, { recursive: true });
    opened.use(await serveSound(join(directory, "native"), sound));
    // A home that is there longer than a server.
    environment = {
      ...server.environment,
      HOME: runtime,
      XDG_RUNTIME_DIR: runtime,
      PULSE_SERVER: `unix:${join(directory, "native")}`,
    };
    parts = opened.move();
  });
  after(() => parts.disposeAsync());

  it("plays, and the server sees who", async () => {
    const player = spawn("pacat", ["--playback", "--client-name=a player"], {
      env: environment,
      stdio: ["pipe", "ignore", "inherit"],
    });
    // Bytes enough for the server not to run out of them while it is looked at.
    player.stdin.on("error", () => undefined).write(Buffer.alloc(10_000_000));
    await eventually("a stream", async () => (await server.playing()).includes("a player"));
    player.kill();
    await once(player, "exit");
    await eventually("its end", async () => (await server.playing()).length === 0);
  });

  it("lets a short sound come to its end", async () => {
    const player = spawn("pacat", ["--playback"], { env: environment, stdio: ["pipe", "ignore", "inherit"] });
    player.stdin.end(Buffer.alloc(20_000));
    const [code] = await once(player, "exit");
    assert.equal(code, 0);
  });

  it("tells which outputs there are, and not who the user is", async () => {
    const { stdout: sinks } = await run("pactl", ["list", "short", "sinks"], { env: environment });
    assert.match(sinks, /\ttest\t/);
    const { stdout: info } = await run("pactl", ["info"], { env: environment });
    assert.match(info, /^Default Sink: test$/m);
    assert.match(info, /^User Name: $/m);
    assert.match(info, /^Host Name: $/m);
    assert.match(info, /^Default Source: $/m);
    assert.match(await server.pactl("info"), /^Host Name: \S/m);
  });

  const refused = [
    ["record", "parec", ["--device=test.monitor"]],
    ["list sources", "pactl", ["list", "short", "sources"]],
    ["list what others play", "pactl", ["list", "short", "sink-inputs"]],
    ["list modules", "pactl", ["list", "short", "modules"]],
    ["load a module", "pactl", ["load-module", "module-null-sink"]],
    ["change an output", "pactl", ["set-sink-volume", "test", "50%"]],
    ["mute an output", "pactl", ["set-sink-mute", "test", "1"]],
    ["play a sample of the server's", "pactl", ["play-sample", "bell", "test"]],
    ["end the server", "pactl", ["exit"]],
    ["watch other programs", "pactl", ["list", "short", "clients"]],
  ] as const;
  for (const [what, program, parameters] of refused) {
    it(`does not let a program ${what}`, async () => {
      await assert.rejects(run(program, parameters, { env: environment, timeout: 20_000 }), (error) => {
        assert.ok(error instanceof Error && "stderr" in error && "killed" in error);
        assert.equal(error.killed, false);
        assert.match(String(error.stderr), /Access denied/, String(error.stderr));
        return true;
      });
    });
  }

  it("hangs up on more connections than a browser has", async () => {
    // Who asks the server itself is one client more.
    const clients = async (): Promise<string[]> => (await server.pactl("list", "short", "clients")).trim().split("\n");
    await eventually("the ends of earlier ones", async () => (await clients()).length === 1);
    const open = (): Socket => connect(join(directory, "native")).on("error", () => undefined);
    const sockets: Socket[] = [];
    // One after the other: the server has room for five that it has not accepted yet.
    while (sockets.length < 16) {
      sockets.push(open());
      await eventually(`connection ${sockets.length}`, async () => (await clients()).length === 1 + sockets.length);
    }
    const others = Array.from({ length: 4 }, open);
    await eventually("all others are closed", () => others.every(({ closed }) => closed));
    assert.ok(sockets.every(({ closed }) => !closed));
    for (const socket of sockets) socket.destroy();
    await eventually("their ends", async () => (await clients()).length === 1);
    await run("pactl", ["info"], { env: environment });
    await eventually("its end", async () => (await clients()).length === 1);
  });

  it("ends a connection when the server goes, and finds the next server", async () => {
    const player = spawn("pacat", ["--playback"], { env: environment, stdio: ["pipe", "ignore", "ignore"] });
    player.stdin.on("error", () => undefined).write(Buffer.alloc(10_000_000));
    await eventually("a stream", async () => (await server.playing()).length === 1);
    const exit = once(player, "exit");
    await server[Symbol.asyncDispose]();
    const [code] = await exit;
    assert.equal(code, 1);
    server = await startSoundServer(join(server.socket, "../.."), cookie);
    const { stdout } = await run("pactl", ["info"], { env: environment });
    assert.match(stdout, /^Default Sink: test$/m);
  });

  it("leaves nothing when it ends", async () => {
    const path = join(directory, "other");
    const first = await serveSound(path, { server: server.socket, cookie: "/nowhere" });
    assert.equal((await stat(path)).mode & 0o777, 0o660);
    await first[Symbol.asyncDispose]();
    assert.deepEqual(await readdir(directory), ["native"]);
  });
});
