import assert from "node:assert/strict";
import { chmod, mkdir, readFile, readdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { assertExplained } from "#test/harness/failure.ts";
import { startNativeHost } from "#test/harness/native-host.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";
import { HELLO } from "#test/harness/raw-client.ts";
import { touchesOf, treeOf } from "#test/harness/tree.ts";

const DIST = join(import.meta.dirname, "../../dist");
const FIREFOX = ".mozilla/native-messaging-hosts/io.github.postern.json";
const CHROMIUM = ".config/chromium/NativeMessagingHosts/io.github.postern.json";
const FOLDER = ".local/share/postern/program";

describe("postern install and uninstall", function () {
  this.timeout(60_000);
  let postern: TestPostern;
  let home: string;
  beforeEach(async () => {
    postern = await testPostern();
    ({ home } = postern);
    // Two browsers that were started before, one that was not, and files of the user's own beside what is written.
    for (const path of [".config/mozilla/firefox/abc.default", ".config/chromium/Default", ".local/bin", ".mozilla"])
      await mkdir(join(home, path), { recursive: true });
    await writeFile(join(home, ".local/bin/mine"), "mine\n", { mode: 0o755 });
    await chmod(join(home, ".local/bin"), 0o750);
  });
  afterEach(() => postern[Symbol.asyncDispose]());

  const run = async (...words: string[]) => {
    const found = await postern.run(...words);
    assert.equal(found.exitCode, 0, found.stderr);
    return found;
  };
  const text = (path: string) => readFile(join(home, path), "utf8");
  const write = (path: string, content: string) => writeFile(join(home, path), content);

  it("writes for the browsers that were started before, and for no other", async () => {
    const { stdout } = await run("install", "--json");
    const result: { browsers: { name: string }[]; isOnPath: boolean } = JSON.parse(stdout);
    assert.deepEqual(
      result.browsers.map(({ name }) => name),
      ["firefox", "chromium"],
    );
    assert.equal(result.isOnPath, false);
    const host = join(home, ".local/share/postern/postern-host");
    for (const path of [FIREFOX, CHROMIUM]) assert.ok((await text(path)).includes(`"path": "${host}"`));
    for (const path of [host, join(home, ".local/bin/postern")]) assert.equal((await stat(path)).mode & 0o777, 0o755);
    for (const path of [FIREFOX, CHROMIUM]) assert.equal((await stat(join(home, path))).mode & 0o777, 0o644);
    assert.deepEqual((await readdir(join(home, ".config"))).toSorted(), ["chromium", "mozilla"]);
    // All that was built, and Node.
    const { node, ...program } = await treeOf(join(home, FOLDER));
    const { ".stamp": _, ...built } = await treeOf(DIST);
    assert.deepEqual(Object.keys(program), Object.keys(built));
    assert.ok(node !== undefined);
  });

  it("gives a command that works by itself, and how to add the extension", async () => {
    const { stdout } = await run("install", "firefox", "chromium");
    assert.match(stdout, /\.local\/bin is not on your PATH/);
    assert.match(stdout, /about:debugging#\/runtime\/this-firefox/);
    assert.match(stdout, /Load unpacked/);
    const [xpi = ""] = /\/\S+\.xpi/.exec(stdout) ?? [];
    assert.ok((await stat(xpi)).isFile());
    const { stdout: version } = await execa(join(home, ".local/bin/postern"), ["--version"], {
      env: { HOME: home },
      extendEnv: false,
    });
    assert.match(version, /^\d+\.\d+\.\d+$/);
  });

  it("twice gives the same bytes and touches nothing", async () => {
    await run("install");
    const [tree, touches] = [await treeOf(home), await touchesOf(home)];
    assert.match((await run("install")).stdout, /nothing was changed/);
    assert.deepEqual(await treeOf(home), tree);
    assert.deepEqual(await touchesOf(home), touches);
    // Also by the command that was installed.
    const command = join(home, ".local/bin/postern");
    await execa(command, ["install"], { env: postern.environment, extendEnv: false });
    assert.deepEqual(await touchesOf(home), touches);
  });

  it("renews what is older and mends what is gone, and leaves nothing of that behind", async () => {
    await run("install");
    const tree = await treeOf(home);
    await rm(join(home, FIREFOX));
    await rm(join(home, FOLDER, "postern-host.cjs"));
    await writeFile(join(home, FOLDER, "of-an-older-version"), "");
    assert.match((await run("install")).stdout, /Renewed .*\/program\nWrote|Wrote .*\nRenewed .*\/program/);
    assert.deepEqual(await treeOf(home), tree);
  });

  it("then uninstall leaves the home directory as it was", async () => {
    const tree = await treeOf(home);
    await run("install", "firefox", "chromium", "brave", "librewolf");
    assert.notDeepEqual(await treeOf(home), tree);
    await run("uninstall");
    assert.deepEqual(await treeOf(home), tree);
    assert.match((await run("uninstall")).stdout, /was not set up/);
  });

  it("also what was installed when the folder was just being replaced", async () => {
    await run("install");
    const tree = await treeOf(home);
    await rename(join(home, FOLDER), join(home, `${FOLDER}.old`));
    const command = join(home, ".local/bin/postern");
    const { exitCode } = await execa(command, ["--version"], { env: {}, extendEnv: false });
    assert.equal(exitCode, 0);
    await run("install");
    assert.deepEqual(await treeOf(home), tree);
  });

  it("--print shows every file and writes nothing", async () => {
    const tree = await treeOf(home);
    const { stdout } = await run("install", "--print");
    assert.match(stdout, /"allowed_extensions"/);
    const { files, folder, receipt }: { files: { path: string; text: string }[]; folder: string; receipt: string } =
      JSON.parse((await run("install", "--print", "--json")).stdout);
    assert.deepEqual(await treeOf(home), tree);
    const shown = [...files.map(({ path }) => path), receipt];
    for (const path of [...shown, folder]) assert.ok(stdout.includes(path), path);
    await run("install");
    const written = Object.entries(await treeOf(home)).filter(
      ([path, what]) => !(path in tree) && what.startsWith("100"),
    );
    const paths = written.map(([path]) => join(home, path)).filter((path) => !path.startsWith(`${folder}/`));
    assert.deepEqual(shown.toSorted(), paths.toSorted());
    assert.ok(paths.length < written.length);
    for (const file of files) assert.equal(await readFile(file.path, "utf8"), file.text);
  });

  it("leaves alone what somebody else wrote or changed, and says so", async () => {
    await mkdir(join(home, ".mozilla/native-messaging-hosts"));
    await write(FIREFOX, '{"name":"io.github.postern","path":"/theirs"}');
    const tree = await treeOf(home);
    assertExplained(
      await postern.run("install"),
      /io\.github\.postern\.json is there already/,
      /^postern: hint: .*mv /,
    );
    assert.deepEqual(await treeOf(home), tree);
    await run("install", "chromium");
    await write(CHROMIUM, "changed by hand");
    assertExplained(await postern.run("install", "chromium"), /is there already, and is not as/, /mv /);
    assert.match((await run("uninstall")).stdout, /Left alone.*chromium\/NativeMessagingHosts/);
    assert.equal(await text(CHROMIUM), "changed by hand");
    await rm(join(home, ".config/chromium/NativeMessagingHosts"), { recursive: true });
    assert.deepEqual(await treeOf(home), tree);
  });

  it("works in a home directory of any name, and through a link to it", async () => {
    const odd = join(home, "it's $(a) `home` \"%s\\n");
    await mkdir(join(odd, ".mozilla/firefox"), { recursive: true });
    await symlink(odd, join(home, "link"));
    postern.environment.HOME = join(home, "link");
    const before = await treeOf(odd);
    await run("install");
    const command = join(odd, ".local/bin/postern");
    const host = join(odd, ".local/share/postern/postern-host");
    const { exitCode } = await execa(command, ["--version"], { env: {}, extendEnv: false });
    assert.equal(exitCode, 0);
    for (const [path, error] of [
      ["", /not running for this browser/],
      [".local/share/postern/program", /not where postern install put it/],
    ] as const) {
      if (path !== "") await rm(join(odd, path), { recursive: true });
      const browser = startNativeHost([host], { env: postern.environment });
      browser.send(HELLO);
      assert.match(JSON.stringify(await browser.next(path === "" ? HELLO.id : 0)), error);
      browser.process.stdin?.end();
      assert.equal(await browser.exitCode(), 0);
    }
    await run("uninstall");
    assert.deepEqual(await treeOf(odd), before);
  });

  it("says that a list of what was installed is none, and what to do", async () => {
    await run("install");
    await write(".local/share/postern/installed.json", "{}");
    for (const command of ["install", "uninstall"])
      assertExplained(await postern.run(command), /is no list of what was installed/, /mv .*; postern install$/);
    await rm(join(home, ".local/share/postern/installed.json"));
    await run("install");
    await run("uninstall");
    for (const path of [FIREFOX, CHROMIUM]) await assert.rejects(stat(join(home, path)), { code: "ENOENT" });
  });

  it("is looked at by doctor, which names what is not as it was written", async () => {
    const looked = async () => (await postern.run("doctor")).stdout;
    assert.match(await looked(), /^fine {3}install {3}not set up in browsers of your own$/m);
    await run("install");
    assert.match(await looked(), /^fine {3}install {3}for Firefox, Chromium$/m);
    await rm(join(home, CHROMIUM));
    assert.match(await looked(), /^wrong {2}install {3}.*io\.github\.postern\.json is missing\.\n +Set it up again/m);
    await run("install");
    await write(`${FOLDER}/postern.cjs`, "");
    assert.match(await looked(), /^wrong {2}install {3}.*program is not as this Postern installs it\.$/m);
  });

  it("says what names there are when it is given another", async () => {
    assertExplained(await postern.run("install", "netscape"), /netscape is no browser/, /firefox, librewolf, chromium/);
  });
});
