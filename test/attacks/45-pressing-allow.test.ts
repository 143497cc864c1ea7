import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { execa } from "execa";
import { readGlobals } from "#cli/display/registry.ts";
import { type Global, createEventDecoder, decodeGlobal, encodeRequest } from "#cli/display/wire.ts";
import { execute } from "#container/exec.ts";
import { type Compositor, startCompositor } from "#test/harness/compositor.ts";
import { eventually } from "#test/harness/eventually.ts";
import { newerSway } from "#test/harness/newer-sway.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";

/** The frame that sway draws around a prompt, and nothing else on the screen has. */
const FRAME = 0x28_55_77;
const PRESSES = "zwp_virtual_keyboard_manager_v1";
/** What sway and its relatives keep from sandboxed clients. */
const PRIVILEGED = /^(?:zwlr_|zwp_virtual_|zwp_input_method|ext_(?!idle)|wp_security_context|wp_drm_lease)/;

/** The user's pinentry with a question, on the user's compositor; `answered` has what came of it. */
interface Prompt extends AsyncDisposable {
  answer(): string;
}

async function prompt(compositor: Compositor): Promise<Prompt> {
  const child: ChildProcess = spawn("/usr/bin/pinentry-qt", [], {
    env: { PATH: process.env.PATH, HOME: "/nonexistent", XDG_RUNTIME_DIR: "/nonexistent", ...compositor.environment },
    stdio: ["pipe", "pipe", "ignore"],
  });
  let output = "";
  child.stdout?.on("data", (piece: Buffer) => (output += piece.toString()));
  child.stdin?.write(
    "SETTITLE Postern\nSETDESC http://localhost:8000\nSETOK Allow once\nSETCANCEL Deny\nGETINFO pid\nCONFIRM\n",
  );
  await compositor.window(/^Postern$/);
  // A window that sway lists is not drawn yet.
  await eventually("the prompt on the screen", async () => (await compositor.colours()).has(FRAME), 60_000);
  return {
    // What follows the number that was asked for before the question.
    answer: () => /^D \d+\nOK.*\n([^]*)/m.exec(output)?.[1] ?? "",
    [Symbol.asyncDispose]: async () => {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      await eventually("the prompt's end", async () => !(await isShown(compositor)));
    },
  };
}

async function isShown(compositor: Compositor): Promise<boolean> {
  return (await compositor.windows()).some(({ title }) => title === "Postern");
}

/** Presses the keys of a yes through a socket. @returns why that could not be done; nothing when it could */
async function pressAllow(display: string): Promise<string> {
  // Before 0.7 s Postern itself takes no yes; a window that has just appeared may take none either.
  await wait(1_000);
  const { failed, stderr } = await execa("wtype", ["-s", "500", "-d", "50", "-k", "Tab", "-k", "space"], {
    env: { XDG_RUNTIME_DIR: "/nonexistent", WAYLAND_DISPLAY: display },
    reject: false,
  });
  return failed ? `wtype: ${stderr}` : "";
}

/** What the browser's own socket offers to a program in its container. */
async function globalsInside(postern: TestPostern): Promise<Global[]> {
  const requests = Buffer.concat([encodeRequest(1, 1, 2), encodeRequest(1, 0, 3)]).toString("base64");
  const client = `
    const socket = require("node:net").connect(process.env.WAYLAND_DISPLAY);
    let all = Buffer.alloc(0);
    // The end of the round trip is the last event, and an object that is no other's.
    const isDone = () => all.includes(Buffer.from([3, 0, 0, 0, 0, 0, 12, 0]));
    socket.on("data", (piece) => {
      all = Buffer.concat([all, piece]);
      if (isDone()) { process.stdout.write(all.toString("base64")); socket.destroy(); }
    });
    socket.write(Buffer.from("${requests}", "base64"));`;
  const command = ["/usr/libexec/postern/node", "-e", client];
  const { stdout, stderr } = await execute(postern.engine, await postern.container("firefox"), command);
  assert.equal(stderr, "");
  const events = [...createEventDecoder()(Buffer.from(stdout, "base64"))];
  return events.filter(({ object, opcode }) => object === 2 && opcode === 0).map(({ body }) => decodeGlobal(body));
}

/** What of that is a way to other windows. */
function privilegedAmong(globals: Global[]): string[] {
  const names = globals.map((global) => global.interface).filter((name) => PRIVILEGED.test(name));
  return [...new Set(names)].toSorted();
}

for (const [name, kind, place, compositorOf, kept] of [
  ["knows security contexts", "context", "wayland", async () => startCompositor(await newerSway()), []],
  // Cage's own: they show that one window, and nothing of the compositor that it is in.
  [
    "does not, through cage",
    "nested",
    "nested/wayland-0",
    () => startCompositor(),
    ["zwlr_export_dmabuf_manager_v1", "zwlr_gamma_control_manager_v1", "zwlr_screencopy_manager_v1"],
  ],
] as const) {
  describe(`attack 45: the browser presses Allow, on a compositor that ${name}`, function () {
    this.timeout(600_000);
    let compositor: Compositor;
    let postern: TestPostern;
    const parts = new AsyncDisposableStack();
    before(async () => {
      compositor = parts.use(await compositorOf());
      postern = parts.use(await testPostern(compositor.environment));
      const up = await postern.run("up", postern.gate, "--network", "none", "--json");
      assert.equal(up.exitCode, 0, up.stderr);
      const { display }: { display: string } = JSON.parse(up.stdout);
      assert.equal(display, kind);
      await eventually("the window", async () => (await compositor.windows()).length === 1, 60_000);
    });
    after(() => parts.disposeAsync());

    it("is what a program with the user's own socket can do", async () => {
      assert.ok(privilegedAmong(await readGlobals(compositor.display, AbortSignal.timeout(20_000))).includes(PRESSES));
      await using asked = await prompt(compositor);
      assert.equal(await pressAllow(compositor.display), "");
      await eventually("the yes", () => asked.answer().startsWith("OK"), 20_000);
    });

    it("is not offered to a program in the container", async () => {
      assert.match((await postern.run("doctor")).stdout, /^fine {3}display {3}safe: /m);
      const offered = await globalsInside(postern);
      assert.ok(offered.some((global) => global.interface === "xdg_wm_base"));
      assert.deepEqual(privilegedAmong(offered), kept);
    });

    it("can not be done with the socket that the browser has, nor the prompt be seen", async () => {
      await using asked = await prompt(compositor);
      const given = join(postern.home, "run/postern/displays", postern.gate, place);
      const offered = await readGlobals(given, AbortSignal.timeout(20_000));
      assert.ok(offered.some((global) => global.interface === "xdg_wm_base"));
      assert.match(await pressAllow(given), /^wtype: .*virtual keyboard/);
      if (kind === "context") {
        await assert.rejects(compositor.colours(given), /compositor doesn't support/);
      } else {
        // Cage shows a picture: its own.
        const seen = await compositor.colours(given);
        assert.deepEqual([seen.size > 0, seen.has(FRAME)], [true, false]);
      }
      assert.ok(await isShown(compositor));
      assert.equal(asked.answer(), "");
      // The prompt itself works all the while.
      await compositor.type("-k", "Escape");
      await eventually("the no", () => asked.answer().includes("ERR"), 20_000);
    });
  });
}
