import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ownBrowsers } from "#manifests/browsers.ts";
import { type PlannedFile, writeFiles } from "#manifests/installation.ts";
import { removeFiles } from "#manifests/take-out.ts";
import { PosternError } from "#protocol/error.ts";
import { assertExplained } from "#test/harness/failure.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";
import { treeOf } from "#test/harness/tree.ts";

const MANIFEST = "native-messaging-hosts/io.github.postern.json";
const ROUNDS = 200;
const NEVER = new AbortController().signal;
const nothing = async (): Promise<void> => undefined;

/** What an attacker may have made a link, below the home directory. */
const LINKED = [
  ".mozilla",
  ".mozilla/native-messaging-hosts",
  `.mozilla/${MANIFEST}`,
  ".config",
  ".config/chromium/NativeMessagingHosts",
  ".config/chromium/NativeMessagingHosts/io.github.postern.json",
  ".local/bin",
  ".local/bin/postern",
  ".local/share/postern",
  ".local/share/postern/installed.json",
  ".local/share/postern/postern-host",
  ".local/share/postern/program",
];

describe("attack 30: the installer, led elsewhere", function () {
  this.timeout(120_000);
  let postern: TestPostern;
  let home: string;
  let elsewhere: string;
  beforeEach(async () => {
    postern = await testPostern();
    home = join(postern.home, "home");
    elsewhere = join(postern.home, "elsewhere");
    for (const path of [home, elsewhere]) await mkdir(path);
    postern.environment.HOME = home;
  });
  afterEach(() => postern[Symbol.asyncDispose]());

  for (const path of LINKED) {
    it(`by a link at ${path}: writes neither there nor anywhere`, async () => {
      await mkdir(dirname(join(home, path)), { recursive: true });
      for (const [kind, target] of Object.entries({ directory: elsewhere, nothing: join(elsewhere, "not-there") })) {
        await symlink(target, join(home, path));
        const tree = await treeOf(home);
        assertExplained(
          await postern.run("install", "firefox", "chromium"),
          /is a link, and Postern writes through none/,
          /ls -l /,
        );
        assert.deepEqual(await treeOf(home), tree, kind);
        assert.deepEqual(await readdir(elsewhere), [], kind);
        await rm(join(home, path));
      }
    });
  }

  it("by a link that comes after the installation: removes nothing at its other end", async () => {
    assert.equal((await postern.run("install", "firefox")).exitCode, 0);
    await mkdir(join(elsewhere, "native-messaging-hosts"));
    const text = await readFile(join(home, ".mozilla", MANIFEST));
    await writeFile(join(elsewhere, MANIFEST), text);
    await rm(join(home, ".mozilla"), { recursive: true });
    await symlink(elsewhere, join(home, ".mozilla"));
    const { exitCode, stdout } = await postern.run("uninstall");
    assert.equal(exitCode, 0);
    assert.match(stdout, /Left alone.*\.mozilla/);
    assert.deepEqual(await readFile(join(elsewhere, MANIFEST)), text);
  });

  it("knows no path outside of each browser's own directory", () => {
    for (const { manifest, profiles } of ownBrowsers("/home/u", "/home/u/.config")) {
      assert.ok(!manifest.includes(".."), manifest);
      const own = dirname(dirname(manifest));
      assert.match(own, /^\/home\/u\/(?!\.config$)/);
      assert.ok(
        profiles.some((path) => `${path}/`.startsWith(`${own}/`)),
        manifest,
      );
    }
  });

  describe("in between", () => {
    const at = (path: string) => join(home, path);
    const planned = (text: string): PlannedFile => ({ path: at(`.mozilla/${MANIFEST}`), text, mode: 0o644 });
    const installation = () => ({ home, receipt: at("receipt.json") });

    it("by a link at the file's own place: refuses, and what it leads to stays", async () => {
      const target = join(elsewhere, "target");
      await writeFile(target, "theirs");
      const slipIn = () => symlink(target, planned("").path);
      await assert.rejects(writeFiles(installation(), [planned("ours")], slipIn, NEVER), { code: "internal" });
      assert.equal(await readFile(target, "utf8"), "theirs");
      await rm(planned("").path);
      // The same in the place of a file of its own.
      await writeFiles(installation(), [planned("ours")], nothing, NEVER);
      const exchange = async (): Promise<void> => {
        await rm(planned("").path);
        await slipIn();
      };
      await assert.rejects(writeFiles(installation(), [planned("ours, newer")], exchange, NEVER), { code: "internal" });
      assert.equal(await readFile(target, "utf8"), "theirs");
    });

    it("by a file of somebody else's at that place: leaves it alone", async () => {
      const { path } = planned("");
      const slipIn = () => writeFile(path, "theirs");
      await assert.rejects(writeFiles(installation(), [planned("ours")], slipIn, NEVER), {
        message: /is there already/,
      });
      assert.equal(await readFile(path, "utf8"), "theirs");
      await rm(path);
      await writeFiles(installation(), [planned("ours")], nothing, NEVER);
      await assert.rejects(writeFiles(installation(), [planned("newer")], slipIn, NEVER), {
        message: /is there already/,
      });
      assert.equal(await readFile(path, "utf8"), "theirs");
    });

    it(`by a directory that becomes a link and back without end, ${ROUNDS} times: nothing is written or removed there`, async () => {
      const directory = at(".mozilla/native-messaging-hosts");
      await mkdir(directory, { recursive: true });
      await mkdir(join(elsewhere, "kept"));
      const texts = ["one", "other"].map((word) => `${word.repeat(2000)}\n`);
      // A file with what was written, to be removed by whoever follows the link.
      await writeFile(join(elsewhere, "io.github.postern.json"), texts[0] ?? "");
      const tree = await treeOf(elsewhere);
      const swapper = await startSwapping(directory, elsewhere);
      const outcomes = { fine: 0, refused: 0 };
      try {
        // More of them, should one of the two have kept out of the other's way.
        const isEnough = (round: number): boolean => round >= ROUNDS && outcomes.fine > 0 && outcomes.refused > 0;
        for (let round = 0; !isEnough(round) && round < 20 * ROUNDS; round += 1) {
          const text = texts[round % 2] ?? "";
          const act =
            round % 3 === 2 ? removeFiles(installation()) : writeFiles(installation(), [planned(text)], nothing, NEVER);
          await act.then(
            () => (outcomes.fine += 1),
            (error: unknown) => {
              assert.ok(error instanceof PosternError, String(error));
              outcomes.refused += 1;
            },
          );
        }
      } finally {
        assert.equal(swapper.exitCode, null);
        const exited = once(swapper, "exit");
        swapper.kill("SIGKILL");
        await exited;
      }
      assert.deepEqual(await treeOf(elsewhere), tree);
      // Both happened, or the race was none.
      assert.ok(outcomes.fine > 0 && outcomes.refused > 0, JSON.stringify(outcomes));
    });

    it("is read by a browser at any moment: the file is the old one or the new one, whole", async () => {
      const texts = ["one", "other"].map((word) => `${word.repeat(20_000)}\n`);
      await writeFiles(installation(), [planned(texts[0] ?? "")], nothing, NEVER);
      const done = new AbortController();
      const seen = new Set<string>();
      const reading = (async () => {
        while (!done.signal.aborted) seen.add(await readFile(planned("").path, "utf8"));
      })();
      // More of them, should the browser not have seen both.
      for (let round = 1; round <= 30 || (seen.size < 2 && round <= 20 * ROUNDS); round += 1) {
        await writeFiles(installation(), [planned(texts[round % 2] ?? "")], nothing, NEVER);
      }
      done.abort();
      await reading;
      for (const text of seen) assert.ok(texts.includes(text), `${text.length} bytes`);
      assert.equal(seen.size, 2);
    });
  });
});

/** Another process, as another program of the attacker's: exchanges the directory for a link, and back. */
async function startSwapping(directory: string, target: string): Promise<ChildProcess> {
  const script = `
    const { renameSync, rmSync, symlinkSync, unlinkSync } = require("node:fs");
    const [directory, target] = process.argv.slice(1);
    const aside = directory + ".aside";
    // The installer may have made a directory meanwhile.
    const either = (act, otherwise) => { try { act(); } catch { otherwise(); } };
    console.log("begun");
    for (;;) {
      either(() => renameSync(directory, aside), () => rmSync(directory, { recursive: true, force: true }));
      either(() => { symlinkSync(target, directory); unlinkSync(directory); }, () => {});
      either(() => renameSync(aside, directory), () => rmSync(aside, { recursive: true, force: true }));
    }`;
  const child = spawn(process.execPath, ["-e", script, directory, target], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return child;
}
