import assert from "node:assert/strict";
import { cp, mkdir, readFile, rename, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { type PlannedFile, writeFiles } from "#manifests/installation.ts";
import { digestOf } from "#manifests/own-file.ts";
import { removeFiles } from "#manifests/take-out.ts";
import { PosternError } from "#protocol/error.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";
import { treeOf } from "#test/harness/tree.ts";

const ROOT = join(import.meta.dirname, "../..");

/** What is being done when the process is killed: lines of a script that has all that `install` has. */
const POINTS = {
  "when the receipt is written": `await writeFiles(plan, plan.files, async () => kill(), never);`,
  "when the program's folder is half made": `
    await writeFiles(plan, plan.files, async (undo) => {
      const parent = await openDirectory(home, dirname(plan.program.path));
      await mkdir(parent.at("program.new/container"), { recursive: true });
      await writeFile(parent.at("program.new/postern.cjs"), "half");
      kill();
    }, never);`,
  "when the program's folder is in its place": `
    await writeFiles(plan, plan.files, async (undo) => {
      await placeProgram(plan.program, undo, never);
      kill();
    }, never);`,
  "when a file is half written": `
    await writeFiles(plan, plan.files, async (undo) => {
      await placeProgram(plan.program, undo, never);
      await writeFile(join(home, ".local/bin/.postern.postern-draft"), "#!/bin/sh");
      kill();
    }, never);`,
  "when the files are in their places": `await writeFiles(plan, plan.files, async () => undefined, never); kill();`,
};

describe("postern install, cut off", function () {
  this.timeout(60_000);
  let postern: TestPostern;
  let home: string;
  beforeEach(async () => {
    postern = await testPostern();
    home = join(postern.home, "home");
    await mkdir(join(home, ".mozilla/firefox"), { recursive: true });
    postern.environment.HOME = home;
  });
  afterEach(() => postern[Symbol.asyncDispose]());

  async function killedAt(point: string): Promise<void> {
    const script = `
      import { mkdir, writeFile } from "node:fs/promises";
      import { dirname, join } from "node:path";
      import { openDirectory } from "#manifests/directory.ts";
      import { writeFiles } from "#manifests/installation.ts";
      import { planInstallation } from "#cli/install/plan.ts";
      import { placeProgram } from "#cli/install/program-folder.ts";
      import { placesOf } from "#cli/places.ts";
      const home = process.env.HOME;
      const places = placesOf(process.env, home, 0, "/tmp");
      const plan = await planInstallation({ home, places, bundles: "${ROOT}/dist" }, []);
      const never = new AbortController().signal;
      const kill = () => process.kill(process.pid, "SIGKILL");
      ${point}`;
    const options = { cwd: ROOT, env: postern.environment, extendEnv: false, reject: false } as const;
    const { signal, stderr } = await execa(process.execPath, ["--input-type=module", "--eval", script], options);
    assert.equal(signal, "SIGKILL", stderr);
  }

  for (const [name, point] of Object.entries(POINTS)) {
    it(`by SIGKILL ${name}: uninstall takes all of it out, and install makes it whole`, async () => {
      const before = await treeOf(home);
      await killedAt(point);
      assert.notDeepEqual(await treeOf(home), before);
      assert.equal((await postern.run("uninstall")).exitCode, 0);
      assert.deepEqual(await treeOf(home), before);

      assert.equal((await postern.run("install")).exitCode, 0);
      const whole = await treeOf(home);
      assert.equal((await postern.run("uninstall")).exitCode, 0);
      await killedAt(point);
      const { exitCode, stderr } = await postern.run("install");
      assert.equal(exitCode, 0, stderr);
      assert.deepEqual(await treeOf(home), whole);
    });
  }

  describe("while an older version is renewed", () => {
    const never = new AbortController().signal;
    const nothing = async (): Promise<void> => undefined;
    const installation = () => ({ home, receipt: join(home, ".local/share/postern/installed.json") });
    const NAMES = ["a", "b", "c"];
    const files = (text: string): PlannedFile[] =>
      NAMES.map((name) => ({ path: join(home, ".local/bin", name), text: `${text} ${name}`, mode: 0o755 }));
    let empty: Record<string, string>;
    let older: Record<string, string>;
    beforeEach(async () => {
      empty = await treeOf(home);
      await writeFiles(installation(), files("older"), nothing, never);
      older = await treeOf(home);
    });

    it("by Ctrl-C: leaves that", async () => {
      const interrupted = new AbortController();
      const interrupt = async (): Promise<void> => interrupted.abort(new PosternError("cancelled", "Stopped."));
      const writing = writeFiles(installation(), files("newer"), interrupt, interrupted.signal);
      await assert.rejects(writing, { code: "cancelled" });
      assert.deepEqual(await treeOf(home), older);
    });

    it("by a file that can not be written: takes back those that were", async () => {
      const inTheWay = join(home, ".local/bin/.c.postern-draft");
      const block = (): Promise<void> => mkdir(inTheWay);
      await assert.rejects(writeFiles(installation(), files("newer"), block, never), { code: "internal" });
      await rmdir(inTheWay);
      assert.deepEqual(await treeOf(home), older);
    });

    it("by SIGKILL between two files: both versions are known as its own", async () => {
      // As it stands then: a receipt of both, the first file of the newer.
      const receipt = await readFile(installation().receipt, "utf8");
      const half = async (): Promise<void> => {
        await cp(installation().receipt, join(home, "of-both"));
        throw new PosternError("cancelled", "Killed.");
      };
      await assert.rejects(writeFiles(installation(), files("newer"), half, never), { code: "cancelled" });
      assert.equal(await readFile(installation().receipt, "utf8"), receipt);
      await rename(join(home, "of-both"), installation().receipt);
      await writeFile(join(home, ".local/bin/a"), "newer a");
      await writeFiles(installation(), files("newest"), nothing, never);
      assert.doesNotMatch(await readFile(installation().receipt, "utf8"), new RegExp(digestOf("older a")));
      assert.deepEqual(await removeFiles(installation()), []);
      assert.deepEqual(await treeOf(home), empty);
    });
  });
});
