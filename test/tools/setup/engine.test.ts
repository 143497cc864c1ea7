import assert from "node:assert/strict";
import { join } from "node:path";
import { execa } from "execa";
import { fakeProgram } from "../../harness/fake-program.ts";
import { temporaryDirectory } from "../../harness/temporary.ts";

const ENGINE = join(import.meta.dirname, "../../../tools/setup/engine.js");

/** Like the real one it does not start where its pid file names a process, whichever that is; it answers once. */
const DAEMON = `
if [ -e /var/run/docker.pid ] && [ -e "/proc/$(cat /var/run/docker.pid)" ]; then exit 1; fi
echo $$ > /var/run/docker.pid
"${process.execPath}" -e '
  const server = require("node:http").createServer((_, reply) => {
    reply.end("OK");
    server.close();
  });
  server.listen("/var/run/docker.sock");'`;

describe("starting the engine, where there is no init system", () => {
  it("is not kept from it by the pid files of one that was killed", async () => {
    await using folder = await temporaryDirectory();
    await fakeProgram(folder.path, "dockerd", DAEMON);
    const world = { root: folder.path, environment: { PATH: `${folder.path}:${process.env.PATH}` }, uid: 0 };
    const program = `import { startEngine } from ${JSON.stringify(ENGINE)}; await startEngine(${JSON.stringify(world)});`;
    // With directories for run-time files and logs of its own, so that this machine's engine is not touched. Both files
    // name the shell, which stays.
    const script = `
      mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/log && mkdir -p /run/docker/containerd &&
      echo $$ | tee /run/docker.pid > /run/docker/containerd/containerd.pid &&
      "$0" --input-type=module --eval "$1"; code=$?; exit $code`;
    const { exitCode, stderr } = await execa(
      "unshare",
      ["--mount", "--propagation", "private", "sh", "-c", script, process.execPath, program],
      { reject: false },
    );
    assert.equal(exitCode, 0, stderr);
  });
});
