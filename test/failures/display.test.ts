import assert from "node:assert/strict";
import { chmod, readFile, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { type Compositor, startCompositor } from "#test/harness/compositor.ts";
import { eventually } from "#test/harness/eventually.ts";
import { assertExplained, nothingLeft } from "#test/harness/failure.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";
import { onTerminal } from "#test/harness/pseudo-terminal.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

describe("postern up, with a display", function () {
  this.timeout(300_000);
  let compositor: Compositor;
  let postern: TestPostern;
  const parts = new AsyncDisposableStack();
  before(async () => {
    compositor = parts.use(await startCompositor());
    postern = parts.use(await testPostern(compositor.environment));
  });
  after(() => parts.disposeAsync());
  afterEach(async () => {
    await nothingLeft(postern);
    assert.deepEqual(await readdir(join(postern.home, "run/postern/displays")).catch(() => []), []);
    assert.deepEqual(await cages(), []);
  });

  const up = (...options: string[]) => postern.run("up", postern.gate, "--network", "none", ...options);

  it("that is not there: says which socket, and what to look at", async () => {
    postern.environment.WAYLAND_DISPLAY = "wayland-9";
    const hint = /WAYLAND_DISPLAY and XDG_RUNTIME_DIR.* postern up --headless/;
    assertExplained(await up(), /No Wayland compositor answers at .*\/run\/wayland-9/, hint);
    postern.environment.WAYLAND_DISPLAY = compositor.display;
  });

  it("that a cage which does not start should be on: says where its messages are", async () => {
    await using folder = await temporaryDirectory();
    // For root, another user runs it.
    await chmod(folder.path, 0o755);
    const programs = join(folder.path, "programs");
    await fakeProgram(programs, "cage", 'test "$1" = -v && exit; echo why it failed >&2; exit 1');
    postern.environment.PATH = `${programs}:${process.env.PATH}`;
    assertExplained(await up(), /cage, did not start/, /session\.log/);
    assert.match(await readFile(join(postern.home, ".local/state/postern/session.log"), "utf8"), /why it failed/);
    postern.environment.PATH = process.env.PATH ?? "";
  });

  for (const [moment, shown] of [
    ["the vault", "browser image "],
    ["the browser", "vault   "],
    ["the window", "browser   "],
  ] as const) {
    it(`and Ctrl-C at ${moment}: leaves nothing`, async () => {
      await using terminal = onTerminal(
        `exec ${postern.command} up ${postern.gate} http://localhost:1/`,
        postern.environment,
      );
      const answer = await eventually("the question", () => terminal.screen().includes("demo store with a"), 20_000);
      assert.ok(answer);
      terminal.type("y");
      await eventually(moment, () => terminal.screen().includes(shown), 100_000);
      terminal.type("\u0003");
      assert.equal(await terminal.exitCode(), 2, terminal.screen());
      assert.match(terminal.screen(), /postern: error: Stopped\./);
    });
  }

  it("that ends: takes the browser along, the next up says so, and one with another display works", async () => {
    assert.equal((await up()).exitCode, 0);
    await compositor.kill();
    await eventually(
      "the browser's end",
      () =>
        postern.container("firefox").then(
          () => false,
          () => true,
        ),
      40_000,
    );
    assertExplained(await up(), /No Wayland compositor answers/, /postern up --headless/);
    compositor = parts.use(await startCompositor());
    Object.assign(postern.environment, compositor.environment);
    const { exitCode, stderr } = await up();
    assert.equal(exitCode, 0, stderr);
    await postern.run("down");
  });

  /** The processes that work in this test's directory. */
  async function cages(): Promise<string[]> {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const places = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => "")));
    return places.filter((place) => place.includes(join(postern.home, "run/postern/displays")));
  }
});
