import assert from "node:assert/strict";
import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { configure } from "#test/harness/configure.ts";
import { type EngineView, openEngineView } from "#test/harness/engine-view.ts";
import { eventually } from "#test/harness/eventually.ts";
import { assertExplained, nothingLeft } from "#test/harness/failure.ts";
import { imageName } from "#container/images.ts";
import { type Run, type TestPostern, testPostern } from "#test/harness/postern.ts";
import { onTerminal } from "#test/harness/pseudo-terminal.ts";
import { ownership } from "#container/contained.ts";
import { profileName } from "#container/profiles.ts";
import { treeOf } from "#test/harness/tree.ts";

const IMAGES = ["vault", "firefox", "base"];

describe("postern uninstall --all", function () {
  this.timeout(600_000);
  let postern: TestPostern;
  let home: string;
  let before: Record<string, string>;
  let view: EngineView;
  let volume: string;
  const tags = new Map<string, string>();
  beforeEach(async () => {
    postern = await testPostern();
    ({ home } = postern);
    volume = profileName(postern.engine.owner, postern.gate);
    await mkdir(join(home, ".config/chromium"), { recursive: true });
    before = await treeOf(home);
    const run = await postern.run("up", "--vault");
    assert.equal(run.exitCode, 0, run.stderr);
    await postern.engine.createVolume({ Name: volume, Labels: ownership(postern.engine) });
    // Whoever runs the tests has profiles too.
    view = await openEngineView(home, volume);
    // Other tests need the images again: by another name they stay.
    for (const { RepoTags } of await postern.engine.listImages()) {
      for (const tag of RepoTags ?? []) {
        const name = tag.replace(/^postern\/(\w+):/, "postern-test/kept-$1:");
        if (name === tag || !IMAGES.some((kind) => tag.startsWith(`postern/${kind}:`))) continue;
        await retag(tag, name);
        tags.set(tag, name);
      }
    }
  });
  afterEach(async () => {
    for (const [tag, name] of tags) {
      await retag(name, tag);
      await postern.engine.getImage(name).remove();
    }
    tags.clear();
    await view[Symbol.asyncDispose]();
    await postern[Symbol.asyncDispose]();
  });

  /** With all volumes but the test's out of sight. */
  async function uninstallAll(...words: string[]): Promise<Run> {
    const { DOCKER_HOST } = postern.environment;
    postern.environment.DOCKER_HOST = view.host;
    const run = await postern.run("uninstall", "--all", ...words);
    if (DOCKER_HOST === undefined) delete postern.environment.DOCKER_HOST;
    else postern.environment.DOCKER_HOST = DOCKER_HOST;
    return run;
  }

  async function retag(from: string, to: string): Promise<void> {
    const [repo = "", tag = ""] = to.split(":");
    await postern.engine.getImage(from).tag({ repo, tag });
  }
  const exists = (path: string) =>
    stat(join(home, path)).then(
      () => true,
      () => false,
    );
  const hasVolume = () =>
    postern.engine
      .getVolume(volume)
      .inspect()
      .then(
        () => true,
        () => false,
      );
  const ownImages = async () =>
    (await postern.engine.listImages())
      .flatMap(({ RepoTags }) => RepoTags ?? [])
      .filter((tag) => tag.startsWith("postern/") && tag.includes(`:uid-${postern.engine.owner}`));

  it("with --yes: ends everything, and leaves nothing but what the user wrote", async () => {
    const config = await configure(postern, "[gates.work]\nconsent = 'always'\n");
    assert.equal((await postern.run("install")).exitCode, 0);
    const { exitCode, stdout, stderr } = await uninstallAll("--yes");
    assert.equal(exitCode, 0, stderr);
    for (const what of [imageName(postern.engine.owner, "vault"), "profiles", "demo store", "log"])
      assert.match(stdout, new RegExp(`^Removed .*${what}`, "m"));
    assert.match(stdout, /^Kept your config\.toml .*\n {2}To remove it too: rm -r '.*config\.toml'$/m);
    await nothingLeft(postern);
    assert.equal(await hasVolume(), false);
    assert.deepEqual(await ownImages(), []);
    assert.match(await readFile(config, "utf8"), /always/);
    const { ".config/postern": _1, ".config/postern/config.toml": _2, ...left } = await treeOf(home);
    // Directories of the user's, in which Postern's own were made, stay.
    const { ".local": _3, ".local/share": _4, ".local/state": _5, ...others } = left;
    delete others["engine-view.sock"];
    assert.deepEqual(others, before);
  });

  it("without a terminal and without --yes: keeps what somebody may want, and says how to remove it", async () => {
    const { exitCode, stdout, stderr } = await uninstallAll("--json");
    assert.equal(exitCode, 0, stderr);
    const { kept, removed }: { kept: { what: string; command: string }[]; removed: string[] } = JSON.parse(stdout);
    const [volumes, demo, state] = kept;
    assert.equal(volumes?.command, `docker volume rm ${volume}`);
    assert.equal(demo?.command, `rm -r '${join(home, ".local/share/postern/demo")}'`);
    assert.equal(state?.command, `rm -r '${join(home, ".local/state/postern")}'`);
    assert.equal(kept.length, 3);
    assert.ok(removed.includes(`the image ${imageName(postern.engine.owner, "vault")}`));
    await nothingLeft(postern);
    assert.equal(await hasVolume(), true);
    for (const path of [".local/share/postern/demo/store", ".local/state/postern/log"]) assert.ok(await exists(path));
    assert.equal(await exists("run/postern"), false);
  });

  it("on a terminal: asks about each, and does as it is told", async () => {
    await using terminal = onTerminal(`${postern.command} uninstall --all`, {
      ...postern.environment,
      DOCKER_HOST: view.host,
    });
    for (const [question, answer] of [
      ["profiles of the sandboxed browsers", "n"],
      ["demo store", "y"],
      ["log of what was released", "n"],
    ] as const) {
      await eventually(question, () => new RegExp(`Remove .*${question}`).test(flat(terminal.screen())), 60_000);
      terminal.type(answer);
    }
    assert.equal(await terminal.exitCode(), 0);
    assert.equal(await hasVolume(), true);
    assert.equal(await exists(".local/share/postern/demo"), false);
    assert.equal(await exists(".local/state/postern/log"), true);
  });

  it("without an engine: says so, and does the rest", async () => {
    await postern.run("down");
    const dockerHost = postern.environment.DOCKER_HOST;
    postern.environment.DOCKER_HOST = "unix:///nowhere/docker.sock";
    const { exitCode, stdout, stderr } = await postern.run("uninstall", "--all", "--yes");
    if (dockerHost === undefined) delete postern.environment.DOCKER_HOST;
    else postern.environment.DOCKER_HOST = dockerHost;
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /^Kept images and browser profiles, if there are any: no container engine answers$/m);
    for (const what of ["demo store", "log"]) assert.match(stdout, new RegExp(`^Removed .*${what}`, "m"));
    for (const path of [".local/share/postern/demo", ".local/state/postern", "run/postern"])
      assert.equal(await exists(path), false, path);
    assert.equal(await hasVolume(), true);
    assert.notDeepEqual(await ownImages(), []);
  });
});

describe("postern uninstall, while Postern runs", function () {
  this.timeout(300_000);

  it("says how to end it first; and --yes is an answer to --all only", async () => {
    await using postern = await testPostern();
    assert.equal((await postern.run("up", "--vault")).exitCode, 0);
    assertExplained(await postern.run("uninstall"), /is running/, /postern down$/);
    assertExplained(await postern.run("uninstall", "--yes"), /Without --all/, /uninstall --all --yes$/);
  });
});

/** Of what was drawn, the lines joined. */
function flat(screen: string): string {
  return screen.replaceAll(/\s+/g, " ");
}
