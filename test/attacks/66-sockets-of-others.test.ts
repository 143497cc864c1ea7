import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, link, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { findFirst } from "#test/harness/bridge.ts";
import { eventually } from "#test/harness/eventually.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { listeningDescriptor } from "#test/harness/listening-descriptor.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { greetedClient } from "#test/harness/raw-client.ts";
import { serviceView } from "#test/harness/service-view.ts";

const ROOT = join(import.meta.dirname, "../..");
const UNITS = join(ROOT, "manifests/systemd");
const ORIGIN = "https://example.com";

/**
 * Connects to each socket that it finds among all files, and to those it is told of. Prints those that answer, and each
 * terminal that it can open.
 */
const PROBE = `
  const { readdirSync, lstatSync, openSync } = require("node:fs");
  const { connect } = require("node:net");
  const [looks, ...told] = process.argv.slice(1);
  const found = new Set(told);
  const reached = [];
  const walk = (folder) => {
    let names = [];
    try { names = readdirSync(folder); } catch {}
    for (const name of names) {
      const path = folder === "/" ? "/" + name : folder + "/" + name;
      if (["/proc", "/sys", "/usr", "/lib", "/opt"].includes(path)) continue;
      try {
        const stat = lstatSync(path);
        if (stat.isSocket()) found.add(path);
        if (stat.isDirectory()) walk(path);
        if (/^.dev.pts.\\d+$/.test(path)) { openSync(path, "r+"); reached.push(path); }
      } catch {}
    }
  };
  if (looks === "look") walk("/");
  Promise.all([...found].map((path) => new Promise((done) => {
    const socket = connect(path.replace(/^@/, "\\0"));
    socket.on("connect", () => { reached.push(path); socket.destroy(); done(); }).on("error", done);
    setTimeout(done, 2000);
  }))).then(() => { console.log(JSON.stringify(reached.sort())); process.exit(); });
`;

describe("attack 66: the broker without a container, among the sockets of others (bubblewrap in the place of systemd)", function () {
  this.timeout(120_000);
  let store: PassStore;
  let runtime: string;
  let path: string;
  let view: string[];
  let others: string[];
  const parts = new AsyncDisposableStack();
  before(async () => {
    store = parts.use(await makePassStore({ "example.com": "secret" }));
    const { home } = store;
    runtime = join(home, "run");
    const person = await fakeProgram(home, "person", `cat >/dev/null; sleep 1; echo '{"answer": "once"}'`);
    await mkdir(join(home, ".config/postern"), { recursive: true });
    await writeFile(join(home, ".config/postern/config.toml"), `[consent]\ncommand = ["${person}"]\n`);
    await symlink(store.store, join(home, ".password-store"));
    const program = join(home, ".local/share/postern/program");
    await cp(join(ROOT, "dist"), program, { recursive: true });
    await link(process.execPath, join(program, "node")).catch(() => cp(process.execPath, join(program, "node")));
    const session = await start("postern-session.service", [], { NOTIFY_SOCKET: join(home, "notify") });
    await eventually("the session process", () => readFile(join(runtime, "ready"), "utf8").catch(() => undefined));
    assert.equal(session.exitCode, null);
    path = join(runtime, "postern/gates/session/bridge.sock");
    await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
    view = serviceView(await readFile(join(UNITS, "postern-broker.service"), "utf8"), expanded);
    const place = `pt-${process.pid}.sock`;
    others = [`/run/${place}`, `/tmp/${place}`, `/var/tmp/${place}`, `/dev/shm/${place}`, join(home, place)];
    others.push(join(runtime, place), `@${place}`);
    for (const other of others) {
      const server = createServer((socket) => socket.end()).listen(other.replace(/^@/, "\0"));
      await once(server, "listening");
      parts.defer(async () => {
        server.close();
        await rm(other, { force: true });
      });
    }
  });
  after(() => parts.disposeAsync());

  it("could reach them all without its walls", async () => {
    const reached = await probe([]);
    assert.deepEqual(
      others.filter((other) => !reached.includes(other)),
      [],
    );
  });

  it("reaches the session process and nobody else, and no terminal", async () => {
    const own = ["agent.sock", "consent.sock", "control.sock"].map((name) => join(runtime, "postern/vault", name));
    assert.deepEqual(await probe(view), own);
  });

  it("serves behind them", async () => {
    const socket = parts.use(await listeningDescriptor(path));
    await start("postern-broker.service", view, { LISTEN_FDS: "1", LISTEN_FDNAMES: "session" }, [socket.descriptor]);
    await socket[Symbol.asyncDispose]();
    using client = await eventually("the broker", () => greetedClient(path).catch(() => undefined), 60_000);
    const handle = await findFirst(client, 2, ORIGIN);
    const reply = await client.ask({ id: 3, type: "get", handle, origin: ORIGIN, fields: ["password"] });
    assert.deepEqual(reply.result, { password: "secret" });
  });

  function expanded(text: string): string {
    return text.replaceAll("%h/.password-store", store.store).replaceAll("%h", store.home).replaceAll("%t", runtime);
  }

  async function probe(walls: string[]): Promise<string[]> {
    const words = [
      join(store.home, ".local/share/postern/program/node"),
      "-e",
      PROBE,
      walls.length === 0 ? "told" : "look",
      ...others,
    ];
    const [command = "", ...parameters] = walls.length === 0 ? words : ["bwrap", ...walls, ...words];
    const { stdout } = await promisify(execFile)(command, parameters, { cwd: "/" });
    return JSON.parse(stdout);
  }

  /** What a unit starts, behind the walls of a view. */
  async function start(
    unit: string,
    walls: string[],
    extra: Record<string, string>,
    descriptors: number[] = [],
  ): Promise<ChildProcess> {
    const [, line = ""] = /^ExecStart=(.*)$/m.exec(await readFile(join(UNITS, unit), "utf8")) ?? [];
    const command = ["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh", ...expanded(line).split(" ")];
    const [program = "", ...parameters] = walls.length === 0 ? command : ["bwrap", ...walls, ...command];
    const { home, gnupg } = store;
    await fakeProgram(join(home, "bin"), "systemd-notify", `echo ready >${runtime}/ready`);
    const env = {
      PATH: `${home}/bin:${process.env.PATH}`,
      HOME: home,
      XDG_RUNTIME_DIR: runtime,
      GNUPGHOME: gnupg,
      ...extra,
    };
    await mkdir(runtime, { recursive: true, mode: 0o700 });
    const child = spawn(program, parameters, { env, cwd: "/", stdio: ["ignore", "ignore", "inherit", ...descriptors] });
    parts.defer(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, "exit", { signal: AbortSignal.timeout(30_000) });
    });
    return child;
  }
});
