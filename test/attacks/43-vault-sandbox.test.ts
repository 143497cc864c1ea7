import assert from "node:assert/strict";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CLOSED_CALLS, CLOSED_SOCKETS, UNSHARE, callError, socketError } from "#test/container/kernel-calls.ts";
import { type Running, runVault } from "#test/container/running.ts";

const EPERM = 1;

describe("attack 43: out of the vault, or into the store", () => {
  let vault: Running;
  before(async function () {
    this.timeout(300_000);
    vault = await runVault();
  });
  after(() => vault[Symbol.asyncDispose]());

  it("has no capability, can gain none, and is filtered", async () => {
    for (const process of ["1", "self"]) {
      const { stdout } = await vault.sh(`cat /proc/${process}/status`);
      for (const set of ["Inh", "Prm", "Eff", "Bnd", "Amb"]) assert.match(stdout, new RegExp(`^Cap${set}:\\s0+$`, "m"));
      assert.match(stdout, /^NoNewPrivs:\s1$/m);
      assert.match(stdout, /^Seccomp:\s2$/m);
    }
  });

  it("has no network at all", async () => {
    const { stdout } = await vault.sh("tail -n +3 /proc/net/dev | cut -d: -f1");
    assert.equal(stdout.trim(), "lo");
    for (const kind of [
      [2, 1, 0],
      [10, 1, 0],
      [16, 3, 0],
    ])
      assert.equal(await socketError(vault, kind), EPERM, String(kind));
    assert.equal(await socketError(vault, [1, 1, 0]), 0);
  });

  it("reads store, keyring, session and configuration, and writes none of them", async () => {
    const given = {
      "store/.gpg-id": "/store/.gpg-id",
      "gnupg/pubring.kbx": "/run/postern/gnupg/pubring.kbx",
      "session/control.sock": "/run/postern/session/control.sock",
      "config/config.toml": "/etc/postern/config.toml",
    };
    for (const [name, inside] of Object.entries(given)) {
      await writeFile(join(vault.home, name), `of ${name}\n`);
      assert.equal((await vault.sh(`cat ${inside}`)).stdout, `of ${name}\n`);
      const written = await vault.sh(`echo marker > ${inside}`);
      assert.match(written.stderr, /Read-only file system/);
      assert.equal(await readFile(join(vault.home, name), "utf8"), `of ${name}\n`);
    }
    const places = "/store /run/postern/gnupg /run/postern/session /etc/postern /";
    const { stderr } = await vault.sh(`for place in ${places}; do touch $place/marker; done; rm /store/.gpg-id`);
    assert.equal(stderr.match(/Read-only file system/g)?.length, 6, stderr);
    assert.deepEqual(await readdir(join(vault.home, "store")), [".gpg-id"]);
  });

  it("writes gates and state", async () => {
    const { exitCode } = await vault.sh("touch /run/postern/gates/test/one /var/lib/postern/two");
    assert.equal(exitCode, 0);
    assert.deepEqual(await readdir(join(vault.home, "gates/test")), ["one"]);
    assert.deepEqual(await readdir(join(vault.home, "log")), ["two"]);
  });

  it("writes no core file and nothing to the engine's log", async () => {
    assert.equal((await vault.sh("ulimit -c; ulimit -H -c")).stdout, "0\n0\n");
    const { HostConfig } = await vault.engine.getContainer(vault.container.id).inspect();
    assert.equal(HostConfig.LogConfig?.Type, "none");
  });

  it("makes no namespace", async () => {
    for (const flag of [0x1000_0000, 0x2000_0000, 0x4000_0000, 0x0002_0000])
      assert.equal(await callError(vault, UNSHARE, flag), EPERM);
  });

  for (const [name, kind] of Object.entries(CLOSED_SOCKETS)) {
    it(`may not make a socket ${name}`, async () => assert.equal(await socketError(vault, kind), EPERM));
  }

  for (const [name, call] of Object.entries(CLOSED_CALLS)) {
    it(`may not call ${name}`, async () => assert.equal(await callError(vault, call, 0, 0, 0, 0, 0), EPERM));
  }

  it("has gpg and no agent of its own", async () => {
    assert.match((await vault.sh("gpg --version")).stdout, /^gpg \(GnuPG\) 2\./);
    assert.notEqual((await vault.sh("command -v gpg-agent")).exitCode, 0);
  });
});
