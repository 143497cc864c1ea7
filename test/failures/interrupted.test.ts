import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "#test/harness/eventually.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { testPostern } from "#test/harness/postern.ts";
import { onTerminal } from "#test/harness/pseudo-terminal.ts";

/** What the terminal shows when the step is at work: the line of the one before it. */
const MOMENTS = {
  "the start": "",
  "the engine": "store ",
  "the vault": "browser image ",
  "the browser": "vault   ",
  "the fill": "browser   ",
};

describe("postern up, interrupted by Ctrl-C", function () {
  this.timeout(200_000);
  let store: PassStore;
  before(async () => {
    store = await makePassStore({ "localhost:8000/alice": "pw-alice\n" });
  });
  after(() => store[Symbol.asyncDispose]());

  for (const [moment, shown] of Object.entries(MOMENTS)) {
    // Before the command has begun there is nobody to say anything.
    const says = moment === "the start" ? "" : "says so, ";
    it(`at ${moment}, ${says}fails, and leaves nothing`, async () => {
      await using postern = await testPostern({ GNUPGHOME: store.gnupg });
      const command = `echo begun; exec ${postern.command} up ${postern.gate} --store ${store.store}`;
      await using terminal = onTerminal(command, postern.environment);
      await eventually(moment, () => terminal.screen().includes("begun") && terminal.screen().includes(shown), 100_000);
      terminal.type("\u0003");
      const exitCode = await terminal.exitCode();
      assert.notEqual(exitCode, 0, terminal.screen());
      if (says !== "") {
        assert.equal(exitCode, 2, terminal.screen());
        assert.match(terminal.screen(), /postern: error: Stopped\.\r?\npostern: hint: Start again with: postern up/);
      }
      await eventually(
        "the end of the session process",
        async () => !(await runtime(postern.home)).includes("session.sock"),
        // A Firefox that is just starting takes no notice of being asked to end.
        40_000,
      );
      const { engine, session } = postern;
      const containers = await engine.listContainers({ all: true });
      assert.ok(!containers.some(({ Names }) => Names.some((name) => name.endsWith(session))));
    });
  }

  async function runtime(home: string): Promise<string[]> {
    return await readdir(join(home, "run/postern")).catch(() => []);
  }
});
