import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { execa } from "execa";
import { type Announced, announceGlobals } from "#test/harness/announced-globals.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

/** What compositors offer that no list of what is bad had: each a way to see or move the windows of others. */
const UNHEARD_OF = [
  "zriver_control_v1",
  "hyprland_toplevel_export_manager_v1",
  "jay_compositor",
  "treeland_capture_manager_v1",
  "zcosmic_toplevel_manager_v1",
];
const MAIN = join(import.meta.dirname, "../harness/display-main.ts");
/** What every compositor offers. */
const ORDINARY = ["wl_compositor", "wl_shm", "wl_seat", "xdg_wm_base", "wl_data_device_manager"];

interface Asked {
  Labels: Record<string, string>;
  HostConfig: { NetworkMode: string; Mounts: { Source: string }[] };
}

describe("attack 65: a compositor offers what nobody has called dangerous yet", () => {
  let home: string;
  const asked: Asked[] = [];
  const parts = new AsyncDisposableStack();
  before(async () => {
    home = parts.use(await temporaryDirectory()).path;
    // In the place of an engine: writes down what it is asked to start, and starts nothing.
    const server = createServer((request, response) => {
      if (!(request.url ?? "").includes("/containers/create")) return void response.end("OK");
      text(request)
        .then((body) => asked.push(JSON.parse(body)))
        .finally(() => response.writeHead(500).end("{}"))
        .catch(() => undefined);
    });
    server.listen(engine());
    parts.defer(() => void server.close());
    await once(server, "listening");
  });
  after(() => parts.disposeAsync());
  beforeEach(() => void asked.splice(0));

  const engine = (): string => join(home, "engine.sock");
  const display = (): string => join(home, "wayland-1");
  const made = (...names: string[]): string => join(home, "run/postern/displays/work", ...names);

  /** @returns the socket that the browser would get; undefined where it is a compositor's that is to be started */
  async function socketOn(announced: Announced): Promise<string | undefined> {
    await using _compositor = await announceGlobals(display(), announced);
    const { stdout, stderr, failed } = await execa(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", MAIN, home, display(), "work"],
      { env: { XDG_RUNTIME_DIR: join(home, "run"), DOCKER_HOST: `unix://${engine()}` }, reject: false },
    );
    if (!failed) return stdout;
    assert.match(stderr, /The container engine would not start postern-display-work-/);
    return undefined;
  }

  function assertShutIn(compositor: string): void {
    const started = asked.map(({ Labels, HostConfig }) => ({
      kind: Labels["io.github.postern.kind"],
      network: HostConfig.NetworkMode,
      mounted: HostConfig.Mounts.map(({ Source }) => Source),
    }));
    assert.deepEqual(started, [{ kind: "display", network: "none", mounted: [compositor, made("nested")] }]);
  }

  it("the compositor's own socket is given where all that it offers is known", async () => {
    assert.equal(await socketOn({ globals: ORDINARY }), display());
    assert.deepEqual(asked, []);
  });

  it("a security context's is, where the unknown is kept from it", async () => {
    const context = { path: made("wayland"), globals: ORDINARY };
    assert.equal(await socketOn({ globals: [...ORDINARY, ...UNHEARD_OF], context }), made("wayland"));
    assert.deepEqual(asked, []);
  });

  for (const name of UNHEARD_OF) {
    it(`${name}: the browser gets a nested compositor's socket`, async () => {
      assert.equal(await socketOn({ globals: [...ORDINARY, name] }), undefined);
      assertShutIn(display());
    });

    it(`${name} in a security context: the browser gets a nested compositor's socket, and that the context's`, async () => {
      const context = { path: made("wayland"), globals: [...ORDINARY, name] };
      assert.equal(await socketOn({ globals: [...ORDINARY, name], context }), undefined);
      assertShutIn(made("wayland"));
    });
  }
});
