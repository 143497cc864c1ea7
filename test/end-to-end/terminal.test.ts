import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { eventually } from "#test/harness/eventually.ts";
import { makePassStore } from "#test/harness/pass-store.ts";
import { testPostern } from "#test/harness/postern.ts";
import { onTerminal } from "#test/harness/pseudo-terminal.ts";

describe("end to end: consent through pinentry on the terminal that ran postern up", function () {
  this.timeout(300_000);

  it("asks there, fills, stays in the foreground, and ends everything on Ctrl-C", async () => {
    await using store = await makePassStore({ "localhost:8000/alice": "pw-alice\n" });
    await using postern = await testPostern({ GNUPGHOME: store.gnupg });
    const command = `${postern.command} up ${postern.gate} --store ${store.store}`;
    await using terminal = onTerminal(command, postern.environment);
    const shown = (text: string, limit: number) => eventually(text, () => terminal.screen().includes(text), limit);

    await shown("<Deny>", 200_000);
    assert.match(terminal.screen(), /http:\/\/localhost:8000/);
    // A yes counts from 0.7 s on.
    await wait(1_000);
    terminal.type("\t\r");
    await shown("Ctrl-C ends it.", 60_000);
    assert.match(terminal.screen(), /Filled username and password in the page/);
    assert.equal((await postern.run("status")).exitCode, 0);

    terminal.type("\u0003");
    await terminal.exitCode();
    await eventually("the end", async () => (await postern.run("status")).exitCode === 1, 60_000);
    for (const kind of ["vault", "firefox"] as const) {
      const isGone = (): Promise<boolean> =>
        postern.container(kind).then(
          () => false,
          (error: unknown) => /no such container/i.test(String(error)),
        );
      await eventually(`the end of ${kind}`, isGone, 60_000);
    }
  });
});
