import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { askByCommand } from "#consent/ask-by-command.ts";
import { createShownTime } from "#consent/prompt/shown-time.ts";
import type { FillQuestion } from "#protocol/generated/consent.ts";
import { TIMER } from "#test/harness/prompt-timer.ts";

const TOO_SOON = 700;
const QUESTION: FillQuestion = {
  kind: "fill",
  gate: "work",
  origin: "https://example.com",
  registrableDomain: "example.com",
  entry: "example.com/alice",
  site: "example.com",
  match: "exact",
  fields: ["password"],
  minutes: 15,
};
const YES = `cat >/dev/null; sleep 0.2; echo '{"answer":"once"}'`;

describe("attack 58: a yes that comes too soon, while the clock is held up", function () {
  this.timeout(60_000);

  it("by the process that asks, being busy for two seconds after the prompt has appeared", async () => {
    const answer = askByCommand(["/bin/sh", "-c", YES], TIMER)(QUESTION, new AbortController().signal);
    // As a parser does that a browser feeds: nothing else is done in this process meanwhile.
    await wait(50);
    const until = performance.now() + 2_000;
    while (performance.now() < until);
    const { answer: said, shownFor } = await answer;
    assert.equal(said, "once");
    assert.ok(shownFor < TOO_SOON, `${shownFor}`);
  });

  it("by the process that counts being stopped for two seconds", async () => {
    const [program, ...parameters] = [...TIMER, "command", "/bin/sh", "-c", YES];
    const timer = spawn(program, parameters, { stdio: ["pipe", "pipe", "inherit", "pipe"] });
    timer.stdin?.end("the question");
    let counted = "";
    timer.stdio[3]?.on("data", (piece: Buffer) => (counted += piece.toString()));
    await wait(100);
    timer.kill("SIGSTOP");
    await wait(2_000);
    timer.kill("SIGCONT");
    await once(timer, "close");
    assert.ok(counted !== "" && Number(counted) < TOO_SOON, counted);
  });

  it("by a clock that jumps", () => {
    let now = 0;
    const shown = createShownTime(() => now);
    shown.begin();
    for (const time of [20, 40, 3_600_000, 3_600_020]) {
      now = time;
      shown.tick();
    }
    shown.answer();
    assert.equal(shown.total(), 20 + 20 + 250 + 20);
  });
});
