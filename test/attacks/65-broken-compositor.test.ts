import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { type Container, removeLeftovers } from "#container/containers.ts";
import { execute } from "#container/exec.ts";
import { type Compositor, startCompositor } from "#test/harness/compositor.ts";
import { eventually } from "#test/harness/eventually.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";

const NODE = "/usr/libexec/postern/node";

/** Tries to come to each, by its path or its port; says to which it came. */
const REACH = `
  const { connect } = require("node:net");
  const { readdirSync, readFileSync } = require("node:fs");
  const attempt = (act) => { try { act(); return true; } catch { return false; } };
  const tried = JSON.parse(process.argv[1]).map(async ([name, to]) => {
    if (typeof to === "string" && (attempt(() => readdirSync(to)) || attempt(() => readFileSync(to)))) return name;
    const { promise, resolve } = Promise.withResolvers();
    const socket = connect(typeof to === "string" ? { path: to } : to);
    socket.setTimeout(3000, () => resolve(""));
    socket.on("connect", () => resolve(name)).on("error", () => resolve(""));
    const reached = await promise;
    socket.destroy();
    return reached;
  });
  Promise.all(tried).then((all) => process.stdout.write(JSON.stringify(all.filter(Boolean))));`;

type Target = [name: string, to: string | { host: string; port: number }];

describe("attack 65: a browser that has broken the compositor around it", function () {
  this.timeout(600_000);
  let compositor: Compositor;
  let store: PassStore;
  let postern: TestPostern;
  let cage: Container;
  const targets: Target[] = [];
  const parts = new AsyncDisposableStack();

  before(async () => {
    compositor = parts.use(await startCompositor());
    store = parts.use(await makePassStore({ "localhost/a": "secret\n" }));
    postern = parts.use(await testPostern({ GNUPGHOME: store.gnupg, ...compositor.environment }));
    const { home, gate, session } = postern;
    const up = await postern.run("up", gate, "--store", store.store, "--network", "none");
    assert.equal(up.exitCode, 0, up.stderr);
    assert.match(up.stdout, /^The window is cage's/m);
    const found = await postern.engine.getContainer(`postern-display-${gate}-${session}`).inspect();
    cage = { ...(await postern.container("firefox")), id: found.Id, name: found.Name };

    const runtime = join(home, "run/postern");
    await writeFile(join(home, "marker"), "of the user's home");
    await mkdir(join(runtime, "gates/another"));
    const bus = await listenOn(join(home, "run/bus"));
    const other = await listenOn(join(runtime, "gates/another/bridge.sock"));
    const { stdout: agent } = await execa("gpgconf", ["--list-dirs", "agent-socket"], {
      env: { GNUPGHOME: store.gnupg },
    });
    await execa("gpgconf", ["--launch", "gpg-agent"], { env: { GNUPGHOME: store.gnupg } });
    const { port } = await listenOnPort();
    const addresses = Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address));
    const ipv4 = addresses.filter((address) => address.includes("."));
    targets.push(
      ["home", home],
      ["a file of the home's", join(home, "marker")],
      ["store", store.store],
      ["keys", store.gnupg],
      ["agent", agent],
      ["bus", bus],
      ["its own gate", join(runtime, "gates", gate, "bridge.sock")],
      ["another gate", other],
      ["consent", join(runtime, "vault/consent.sock")],
      ["engine", "/var/run/docker.sock"],
      ["the compositor by its own path", compositor.display],
      ...ipv4.map((host): Target => [host, { host, port }]),
    );
  });
  after(() => parts.disposeAsync());

  async function listenOn(path: string): Promise<string> {
    const server = createServer((socket) => socket.destroy()).listen(path);
    parts.defer(() => void server.close());
    await once(server, "listening");
    await chmod(path, 0o777);
    return path;
  }

  async function listenOnPort(): Promise<{ port: number }> {
    const server = createServer((socket) => socket.destroy()).listen(0, "0.0.0.0");
    parts.defer(() => void server.close());
    await once(server, "listening");
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    return address;
  }

  const inside = async (...command: string[]): Promise<string> => {
    const { stdout, stderr } = await execute(postern.engine, cage, command);
    assert.equal(stderr, "");
    return stdout;
  };

  it("reaches all of this where it is not shut in", async () => {
    const { stdout } = await execa(process.execPath, ["-e", REACH, JSON.stringify(targets)]);
    assert.deepEqual(
      JSON.parse(stdout),
      targets.map(([name]) => name),
    );
  });

  it("reaches no home, store, key, agent, bus, gate, engine or network", async () => {
    assert.deepEqual(JSON.parse(await inside(NODE, "-e", REACH, JSON.stringify(targets))), []);
  });

  it("has two mounts of the user's, two sockets, and no network but a loopback of its own", async () => {
    const mounts = await inside("sh", "-c", "cut -d ' ' -f 5,6 /proc/self/mountinfo");
    const lines = mounts.trim().split("\n");
    // What the engine puts into every container: its init, and three files of names.
    const own =
      /^\/(?:proc|sys|dev|tmp |run |(?:usr\/)?sbin\/docker-init |etc\/(?:resolv\.conf|hostname|hosts) )|^\/ ro,/;
    assert.deepEqual(lines.flatMap((line) => (own.test(line) ? [] : [line.replace(/,.*/, "")])).toSorted(), [
      "/run/display/wayland ro",
      "/run/nested rw",
    ]);
    const sockets = await inside("sh", "-c", "find /run /tmp -exec test -S {} \\; -print | sort");
    // The last is its own for X11, behind which there is no X server.
    assert.equal(sockets, "/run/display/wayland\n/run/nested/wayland-0\n/tmp/.X11-unix/X0\n");
    assert.equal(await inside("sh", "-c", "tail -n +3 /proc/net/dev | cut -d : -f 1 | tr -d ' '"), "lo\n");
  });

  it("is nobody with a right, and writes to nothing that stays", async () => {
    const status = await inside("cat", "/proc/1/status");
    for (const line of [/^Cap(?:Prm|Eff|Bnd|Amb):\t0+$/gm, /^NoNewPrivs:\t1$/m, /^Seccomp:\t2$/m, /^Uid:\t[1-9]/m])
      assert.match(status, line);
    assert.equal(status.match(/^Cap(?:Prm|Eff|Bnd|Amb):\t0+$/gm)?.length, 4);
    const writing =
      "for to in / /etc /usr /profile /var /home; do touch $to/marker 2>/dev/null && echo $to; done; true";
    assert.equal(await inside("sh", "-c", writing), "");
    const { HostConfig } = await postern.engine.getContainer(cage.id).inspect();
    const { LogConfig, Memory = 0, MemorySwap, PidsLimit } = HostConfig;
    assert.deepEqual([LogConfig?.Type, MemorySwap === Memory && Memory > 0, PidsLimit], ["none", true, 32]);
  });

  it("ends with it: who ends the compositor ends the browser", async () => {
    await postern.engine.getContainer(cage.id).kill();
    await eventually("the browser's end", async () => (await names("firefox")).length === 0, 40_000);
  });

  it("and the compositor ends with the browser", async () => {
    const up = await postern.run("up", postern.gate, "--store", store.store, "--network", "none");
    assert.equal(up.exitCode, 0, up.stderr);
    assert.equal((await names("display")).length, 1);
    await postern.engine.getContainer((await postern.container("firefox")).id).kill();
    await eventually("the compositor's end", async () => (await names("display")).length === 0, 40_000);
  });

  it("is removed with what else a crash left", async () => {
    const up = await postern.run("up", postern.gate, "--store", store.store, "--network", "none");
    assert.equal(up.exitCode, 0, up.stderr);
    assert.equal((await names("display")).length, 1);
    await removeLeftovers(postern.engine, postern.session);
    assert.deepEqual(await names("display"), []);
  });

  /** The containers of a kind that this session has. */
  async function names(kind: string): Promise<string[]> {
    const labels = [`io.github.postern.kind=${kind}`, `io.github.postern.session=${postern.session}`];
    const found = await postern.engine.listContainers({ all: true, filters: { label: labels } });
    return found.flatMap(({ Names }) => Names);
  }
});
