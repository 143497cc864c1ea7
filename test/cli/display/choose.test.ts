import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod } from "node:fs/promises";
import { type Server, type Socket, createServer } from "node:net";
import { join } from "node:path";
import { planDisplay } from "#cli/display/choose.ts";
import { encodeRequest } from "#cli/display/wire.ts";
import { placesOf } from "#cli/places.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

/** What GNOME's compositor offers (mutter 43), and a person's own. */
const HARMLESS = [
  "wl_compositor",
  "wl_shm",
  "wl_data_device_manager",
  "xdg_wm_base",
  "gtk_shell1",
  "xdg_activation_v1",
];
const PRESSES = "zwp_virtual_keyboard_manager_v1";

/** In the place of compositors that are too large to install for a test: answers with a registry and nothing else. */
function compositorWith(interfaces: string[]): Server {
  return createServer((socket) => {
    socket.once("data", () => {
      // An event has the form of a request.
      const globals = interfaces.map((name, index) => encodeRequest(2, 0, index + 1, name, 1));
      socket.write(Buffer.concat([...globals, encodeRequest(3, 0, 1)]));
    });
    socket.on("error", () => undefined);
  });
}

describe("the choice of a display", () => {
  let home: string;
  const parts = new AsyncDisposableStack();
  before(async () => {
    home = parts.use(await temporaryDirectory()).path;
    await fakeProgram(join(home, "with-cage"), "cage", "exit 0");
  });
  after(() => parts.disposeAsync());

  async function plan(server: Server, programs = "without-cage"): Promise<unknown> {
    const path = join(home, "wayland-1");
    const sockets = new Set<Socket>();
    server.on("connection", (socket: Socket) => sockets.add(socket)).listen(path);
    await once(server, "listening");
    await chmod(path, 0o777);
    const environment = { PATH: join(home, programs) };
    const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
    const place = { environment, places: placesOf({}, home, uid, home), uid, gid };
    try {
      const wish = { display: path, gate: "work", acceptUnsafe: false };
      return (await planDisplay(place, wish, AbortSignal.timeout(10_000))).kind;
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    }
  }

  it("takes the compositor's own where that offers nothing dangerous", async () => {
    assert.equal(await plan(compositorWith(HARMLESS)), "plain");
    assert.equal(await plan(compositorWith(HARMLESS), "with-cage"), "plain");
  });

  it("takes a security context before anything else", async () => {
    assert.equal(await plan(compositorWith([...HARMLESS, PRESSES, "wp_security_context_manager_v1"])), "context");
  });

  it("takes cage where it is, else refuses, for each dangerous thing alone", async () => {
    for (const name of [PRESSES, "zwlr_virtual_pointer_manager_v1", "ext_data_control_manager_v1"]) {
      assert.equal(await plan(compositorWith([...HARMLESS, name]), "with-cage"), "nested");
      await assert.rejects(plan(compositorWith([...HARMLESS, name])), { message: new RegExp(name), hint: /cage/ });
    }
  });

  it("says so when what listens hangs up or speaks something else", async () => {
    const hangsUp = createServer((socket) => socket.end());
    const speaksOtherwise = createServer((socket) => socket.on("error", () => undefined).write("\0".repeat(8)));
    for (const server of [hangsUp, speaksOtherwise])
      await assert.rejects(plan(server), { code: "internal", message: /does not speak Wayland/, hint: /--headless/ });
  });
});
