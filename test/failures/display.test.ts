import assert from "node:assert/strict";
import { chmod, readdir } from "node:fs/promises";
import { join } from "node:path";
import { announceGlobals } from "#test/harness/announced-globals.ts";
import { type Compositor, startCompositor } from "#test/harness/compositor.ts";
import { eventually } from "#test/harness/eventually.ts";
import { assertExplained, nothingLeft } from "#test/harness/failure.ts";
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
  });

  const up = (...options: string[]) => postern.run("up", postern.gate, "--network", "none", ...options);

  it("that is not there: says which socket, and what to look at", async () => {
    postern.environment.WAYLAND_DISPLAY = "wayland-9";
    const hint = /WAYLAND_DISPLAY and XDG_RUNTIME_DIR.* postern up --headless/;
    assertExplained(await up(), /No Wayland compositor answers at .*\/run\/wayland-9/, hint);
    postern.environment.WAYLAND_DISPLAY = compositor.display;
  });

  it("that cage can not be on: says what cage says", async () => {
    await using folder = await temporaryDirectory();
    // For root, another user comes to it.
    await chmod(folder.path, 0o755);
    const path = join(folder.path, "wayland-0");
    await using _useless = await announceGlobals(path, { globals: ["wl_compositor", "unknown_v1"] });
    postern.environment.WAYLAND_DISPLAY = path;
    assertExplained(await up(), /cage, did not start: \S/, /--rebuild.*--headless/);
    postern.environment.WAYLAND_DISPLAY = compositor.display;
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
});
