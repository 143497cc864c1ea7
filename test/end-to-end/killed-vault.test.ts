import assert from "node:assert/strict";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { configure } from "#test/harness/configure.ts";
import { eventually } from "#test/harness/eventually.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { type Processes, killedSaves } from "#test/harness/killed-saves.ts";
import type { PassStore } from "#test/harness/pass-store.ts";
import { testPostern } from "#test/harness/postern.ts";
import { killSession } from "#test/harness/session-process.ts";

const SAVES = 24;
const CONFIG = "[gates.session.limits]\ngets-a-minute = 10000\n";

describe("end to end: a vault or a session process that is killed while it saves", () => {
  it("leaves a store without half an entry, that git finds sound, with everything that was acknowledged", async () => {
    const { acknowledged, killed } = await killedSaves(SAVES, startVault);
    assert.ok(acknowledged > 0 && killed > 0, `${acknowledged} acknowledged, ${killed} killed`);
  }).timeout(1_200_000);
});

/** As people run it: the vault in its container, and `postern up` after each mishap. */
async function startVault(store: PassStore): Promise<Processes> {
  const postern = await testPostern({ GNUPGHOME: store.gnupg, PASSWORD_STORE_DIR: store.store });
  // Whose name is on what git keeps.
  await copyFile(join(store.home, ".gitconfig"), join(postern.home, ".gitconfig"));
  const consent = await fakeProgram(postern.home, "consent", `cat > /dev/null; sleep 0.8; echo '{"answer":"once"}'`);
  await configure(postern, `consent.command = [${JSON.stringify(consent)}]\n${CONFIG}`);

  async function start(): Promise<void> {
    const { exitCode, stderr } = await postern.run("up", "--vault");
    assert.equal(exitCode, 0, stderr);
  }

  async function endVault(): Promise<void> {
    const { id } = await postern.container("vault");
    await postern.engine.getContainer(id).kill({ signal: "SIGKILL" });
    await eventually("the vault's end", async () => (await postern.run("status")).exitCode !== 0, 60_000);
  }

  await start();
  return {
    socket: join(postern.home, "run/postern/gates/session/bridge.sock"),
    killAndRestart: async (which) => {
      await (which === "broker" ? endVault() : killSession(postern));
      await start();
    },
    [Symbol.asyncDispose]: () => postern[Symbol.asyncDispose](),
  };
}
