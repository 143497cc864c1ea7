import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { execute } from "#container/exec.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";
import { SOUND_CLIENT, TRY, framesOf, playbackStream, recordStream } from "#test/harness/sound-client.ts";
import { type TestSoundServer, startSoundServer } from "#test/harness/sound-server.ts";

const [ERROR, REPLY, DENIED] = [0, 2, 1];
const FRAMES = framesOf([
  [TRY.CREATE_RECORD_STREAM, recordStream("test.monitor")],
  [TRY.GET_SOURCE_INFO_LIST, []],
  [TRY.GET_SINK_INPUT_INFO_LIST, []],
  [TRY.GET_CLIENT_INFO_LIST, []],
  [3, playbackStream()],
]);

describe("attack by the browser's container: listening in", function () {
  this.timeout(300_000);
  let postern: TestPostern;
  let server: TestSoundServer;
  before(async () => {
    postern = await testPostern();
    server = await startSoundServer(join(postern.home, "run"), join(postern.home, ".config/pulse/cookie"));
    const { exitCode, stderr } = await postern.run("up", postern.gate, "--headless");
    assert.equal(exitCode, 0, stderr);
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await postern[Symbol.asyncDispose]();
  });

  it("records what others play at the server's own socket, so the attack is one", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", SOUND_CLIENT, server.socket, ...FRAMES]);
    const answers: Record<string, [number, number]> = JSON.parse(stdout);
    assert.deepEqual(
      Object.values(answers).map(([command]) => command),
      Array.from({ length: 7 }, () => REPLY),
    );
  });

  it("is refused at the socket that is in the container, where playing is not", async () => {
    const node = ["/usr/libexec/postern/node", "-e", SOUND_CLIENT, "/run/sound/native", ...FRAMES];
    const { stdout } = await execute(postern.engine, await postern.container("firefox"), node);
    const answers: Record<string, [number, number]> = JSON.parse(stdout);
    const [hello = [], name = [], ...tried] = Object.values(answers);
    const playing = tried.pop() ?? [];
    assert.deepEqual([hello[0], name[0], playing[0]], [REPLY, REPLY, REPLY]);
    assert.deepEqual(
      tried,
      Array.from({ length: 4 }, () => [ERROR, DENIED]),
    );
  });

  it("finds no other socket, no cookie, no device, and can not put a socket of its own in the place", async () => {
    const look =
      "find / \\( -path /proc -o -path /sys \\) -prune -o -name '*cookie*' -path '*pulse*' -print; find /run /tmp -exec test -S {} \\; -print; ls /dev/snd /dev/video0 2>&1; rm -f /run/sound/native; touch /run/sound/x";
    const { stdout, stderr } = await execute(postern.engine, await postern.container("firefox"), ["sh", "-c", look]);
    assert.deepEqual(stdout.match(/^\/.*$/gm)?.toSorted(), ["/run/postern/bridge.sock", "/run/sound/native"]);
    assert.equal(stdout.match(/No such file or directory/g)?.length, 2, stdout);
    assert.equal(stderr.match(/Read-only file system/g)?.length, 2, stderr);
  });
});
