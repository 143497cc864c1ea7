import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { type Running, runBrowser } from "#test/container/running.ts";

describe("attack 37: out of the browser's container", () => {
  let browser: Running;
  before(async function () {
    this.timeout(300_000);
    browser = await runBrowser({ isIdle: true });
  });
  after(() => browser[Symbol.asyncDispose]());

  it("has no capability, can gain none, and is filtered", async () => {
    for (const process of ["1", "self"]) {
      const { stdout } = await browser.sh(`cat /proc/${process}/status`);
      for (const set of ["Inh", "Prm", "Eff", "Bnd", "Amb"]) assert.match(stdout, new RegExp(`^Cap${set}:\\s0+$`, "m"));
      assert.match(stdout, /^NoNewPrivs:\s1$/m);
      assert.match(stdout, /^Seccomp:\s2$/m);
      assert.match(stdout, /^Uid:\s65532\s65532\s65532\s65532$/m);
    }
  });

  it("can not write the root, and runs nothing from where it can write", async () => {
    const { stderr } = await browser.sh("touch /marker /usr/marker /etc/marker /opt/marker");
    assert.equal(stderr.match(/Read-only file system/g)?.length, 4, stderr);
    for (const place of ["/tmp", "/run", "/dev/shm", "/profile", "/downloads"]) {
      const run = await browser.sh(`cp /bin/true ${place}/marker && ${place}/marker`);
      assert.match(run.stderr, /Permission denied/, place);
    }
  });

  it("reaches its gate's socket, and can not change the directory", async () => {
    const path = join(browser.home, "gates/test/bridge.sock");
    const server = createServer((socket) => socket.end("gate\n")).listen(path);
    await once(server, "listening");
    await chmod(path, 0o666);
    const line = `socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die;
      connect($s, pack_sockaddr_un("/run/postern/bridge.sock")) or die $!; print <$s>`;
    assert.equal(await browser.perl(line), "gate\n");
    const { stderr } = await browser.sh("rm -f /run/postern/bridge.sock; touch /run/postern/marker");
    assert.equal(stderr.match(/Read-only file system/g)?.length, 2, stderr);
    server.close();
    await once(server, "close");
  });

  /** Whatever is a store's, a keyring's or a socket. */
  const LOOK = `find / \\( -path /proc -o -path /sys \\) -prune -o \\
      \\( -name .gpg-id -o -name '*.gpg' -o -name private-keys-v1.d -o -name .gnupg \\) -print
    find /run /tmp /var/run /profile -exec test -S {} \\; -print`;

  it("has no store, no key, no agent, no bus, no display and no engine's socket", async () => {
    const look = async (): Promise<string> => (await browser.sh(LOOK)).stdout.replaceAll(/^\/(?:usr|etc)\/.*\n/gm, "");
    assert.equal(await look(), "");
    // It would have been found.
    await browser.sh("mkdir /tmp/.gnupg; touch /profile/.gpg-id /downloads/x.gpg");
    const server = createServer().listen(join(browser.home, "gates/test/bridge.sock"));
    await once(server, "listening");
    const found = (await look()).trim().split("\n").toSorted();
    assert.deepEqual(found, ["/downloads/x.gpg", "/profile/.gpg-id", "/run/postern/bridge.sock", "/tmp/.gnupg"]);
    server.close();
    await once(server, "close");
    const { stdout: environment } = await browser.sh("env | cut -d= -f1 | sort | tr '\\n' ' '");
    assert.equal(
      environment,
      "HOME HOSTNAME LANG MOZ_CRASHREPORTER_DISABLE PATH POSTERN_COLOR_SCHEME POSTERN_GATE PWD ",
    );
  });

  it("has the devices of every container and no other", async () => {
    const { stdout } = await browser.sh("find /dev -type b -o -type c | sort | tr '\\n' ' '");
    assert.match(stdout, /^(?:\/dev\/(?:full|null|ptmx|pts\/\w+|random|tty|urandom|zero) )+$/);
  });

  it("has no network but its own loopback", async () => {
    const { stdout } = await browser.sh("tail -n +3 /proc/net/dev | cut -d: -f1");
    assert.equal(stdout.trim(), "lo");
  });

  it("is limited in processes and memory", async () => {
    const control = "/sys/fs/cgroup";
    const { stdout } =
      await browser.sh(`cat ${control}/pids/pids.max ${control}/memory/memory.limit_in_bytes 2>/dev/null ||
      cat ${control}/pids.max ${control}/memory.max`);
    assert.equal(stdout, `1024\n${4 * 2 ** 30}\n`);
    // More than the limit: the kernel refuses the rest, and the machine never sees them.
    const many = await browser.perl(`my $made = 0; for (1 .. 1100) { my $id = fork(); last unless defined $id;
      if ($id == 0) { sleep 60; exit } $made++; push @all, $id } kill "KILL", @all; print $made`);
    assert.ok(Number(many) > 900 && Number(many) < 1024, many);
  });
});
