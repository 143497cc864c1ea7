import assert from "node:assert/strict";
import { lstat, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { execStream, execute } from "#container/exec.ts";
import { eventually } from "#test/harness/eventually.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";

const MIB = 1024 * 1024;
/** The marker in lines of its own, then 64 MiB on both outputs of the container itself. */
const FLOOD = `for i in $(seq 100); do echo MARKER-OF-THE-FLOOD > /proc/1/fd/1; done
  head -c 33554432 /dev/zero | tr '\\0' x > /proc/1/fd/1
  head -c 33554432 /dev/zero | tr '\\0' x > /proc/1/fd/2
  echo written`;
/** More than anybody reads, from a program whose number is known. */
const FOR_EVER = "echo $$ > /tmp/writer; exec cat /dev/zero";

for (const options of [["--ephemeral"], []]) {
  describe(`attack 64: a browser${options.join().replace("--", " that is ")} fills this machine's disk by what it writes`, function () {
    this.timeout(300_000);
    let postern: TestPostern;
    let root: string;
    before(async () => {
      postern = await testPostern();
      const up = ["up", postern.gate, "--headless", "--network", "internet"];
      const { exitCode, stderr } = await postern.run(...up, ...options);
      assert.equal(exitCode, 0, stderr);
      const { DockerRootDir }: { DockerRootDir: string } = await postern.engine.info();
      root = DockerRootDir;
    });
    after(() => postern[Symbol.asyncDispose]());

    const inBrowser = async (line: string) =>
      await execute(postern.engine, await postern.container("firefox"), ["sh", "-c", line]);
    const sessionLog = () => join(postern.home, ".local/state/postern/session.log");

    it("has no log at the engine, as all other containers of the session", async () => {
      const containers = await postern.engine.listContainers({ all: true });
      const ours = containers.filter(({ Names }) => Names.some((name) => name.endsWith(postern.session)));
      assert.ok(ours.length >= 3, String(ours.length));
      for (const { Id } of ours) {
        const { HostConfig, LogPath } = await postern.engine.getContainer(Id).inspect();
        assert.equal(HostConfig.LogConfig?.Type, "none");
        assert.equal(LogPath, "");
      }
    });

    it("may write to its output without an end, and not a byte of it is kept", async () => {
      const { id } = await postern.container("firefox");
      const places = [join(root, "containers", id), join(postern.home, ".local/state/postern")];
      const before = await Promise.all(places.map(bytesBelow));
      const { stdout, stderr } = await inBrowser(FLOOD);
      assert.equal(stdout, "written\n", stderr);
      const after = await Promise.all(places.map(bytesBelow));
      assert.deepEqual(after, before);
    });

    it("does not hold up the session process while it does", async () => {
      const flood = "yes xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx > /proc/1/fd/1 & echo $!";
      const { stdout: pid } = await inBrowser(flood);
      const { exitCode, stderr } = await postern.run("status", "--json");
      assert.equal(exitCode, 0, stderr);
      // It was still at it, and did not hang on a full pipe.
      assert.equal((await inBrowser(`kill ${pid}`)).exitCode, 0);
    });

    it("is not read on by whoever runs a program in it", async () => {
      const container = await postern.container("firefox");
      await assert.rejects(inBrowser("head -c 3000000 /dev/zero"), { code: "internal", message: /wrote more/ });
      const { stream } = await execStream(postern.engine, container, ["sh", "-c", FOR_EVER]);
      let written = "";
      await eventually("it waits", async () => {
        const before = written;
        written = (await inBrowser("grep wchar /proc/$(cat /tmp/writer)/io")).stdout;
        return written !== "" && written === before;
      });
      // It had more to write, and waits.
      assert.match(written, /^wchar: \d{4,8}\n$/);
      assert.ok(stream.readableLength < MIB, String(stream.readableLength));
      stream.destroy();
    });

    it("leaves at its end a few lines, or nothing where nothing is kept", async () => {
      await inBrowser("kill -9 -1").catch(() => undefined);
      const told = await eventually("the browser's end is told", async () => {
        const text = await readFile(sessionLog(), "utf8");
        return text.includes(" ended with ") && text;
      });
      assert.ok(told.length < 10_000, String(told.length));
      // What was read of it is the first, which Firefox wrote before.
      const lines = told.split("\n").filter((line) => line.startsWith("  "));
      if (options.length > 0) assert.deepEqual(lines, []);
      else assert.ok(lines.length <= 20, told);
    });
  });
}

async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (file) => (await lstat(join(file.parentPath, file.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
