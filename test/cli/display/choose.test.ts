import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { type DisplayKind, planDisplay } from "#cli/display/choose.ts";
import { placesOf } from "#cli/places.ts";
import { type Announced, announceGlobals } from "#test/harness/announced-globals.ts";
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

describe("the choice of a display", () => {
  let home: string;
  const parts = new AsyncDisposableStack();
  before(async () => {
    home = parts.use(await temporaryDirectory()).path;
  });
  after(() => parts.disposeAsync());

  async function plan(announced: Announced): Promise<DisplayKind> {
    const path = join(home, "wayland-1");
    await using _compositor = await announceGlobals(path, announced);
    return await planned(path);
  }

  async function planned(path: string): Promise<DisplayKind> {
    const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
    const place = { environment: {}, places: placesOf({}, home, uid, home), uid, gid };
    return (await planDisplay(place, path, AbortSignal.timeout(10_000))).kind;
  }

  it("takes the compositor's own where all that it offers is known", async () => {
    assert.equal(await plan({ globals: HARMLESS }), "plain");
  });

  it("takes a security context before anything else", async () => {
    assert.equal(await plan({ globals: [...HARMLESS, PRESSES], context: { path: "", globals: [] } }), "context");
  });

  it("takes cage for each thing that is dangerous, or that nobody knows", async () => {
    for (const name of [PRESSES, "zwlr_virtual_pointer_manager_v1", "ext_data_control_manager_v1", "never_heard_of_v9"])
      assert.equal(await plan({ globals: [...HARMLESS, name] }), "nested");
  });

  it("refuses a socket that the browser's user may not write to", async () => {
    const path = join(home, "closed");
    await using _compositor = await announceGlobals(path, { globals: HARMLESS });
    await chmod(path, 0o500);
    // Whoever is not root is that user.
    await assert.rejects(planned(path), { message: /may not connect|No Wayland compositor answers/ });
  });

  it("says so when what listens hangs up or speaks something else", async () => {
    const hangsUp = createServer((socket) => socket.end());
    const speaksOtherwise = createServer((socket) => socket.on("error", () => undefined).write("\0".repeat(8)));
    for (const [index, server] of [hangsUp, speaksOtherwise].entries()) {
      const path = join(home, `other-${index}`);
      server.listen(path);
      await once(server, "listening");
      await assert.rejects(planned(path), {
        code: "internal",
        message: /does not speak Wayland/,
        hint: /--headless/,
      });
      server.close();
    }
  });
});
