import assert from "node:assert/strict";
import { access } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { askByPinentry } from "#consent/ask-by-pinentry.ts";
import { askFairly, createFairness } from "#consent/person.ts";
import type { FillQuestion } from "#protocol/generated/consent.ts";
import { type Compositor, startCompositor } from "#test/harness/compositor.ts";
import { eventually } from "#test/harness/eventually.ts";
import { TIMER } from "#test/harness/prompt-timer.ts";
import { pseudoTerminal } from "#test/harness/pseudo-terminal.ts";

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
const never = new AbortController().signal;
/** From then on a yes counts. */
const READ = 1_500;

describe("attack 75: a yes that nobody chose, once it was there long enough to be read", function () {
  this.timeout(180_000);

  describe("pinentry-curses", () => {
    const KEYS = {
      Enter: ["\r", "deny"],
      "Enter twice": ["\r\r", "deny"],
      "the button that says yes": ["\t\r", "once"],
    } as const;
    for (const [what, [keys, expected]] of Object.entries(KEYS)) {
      it(`${what}: ${expected}`, async () => {
        await using terminal = await pseudoTerminal();
        const draw = askByPinentry("pinentry-curses", { PATH: process.env.PATH }, TIMER, {
          tty: terminal.tty,
          term: "xterm",
        });
        const answer = askFairly(draw, createFairness())(QUESTION, never);
        await eventually("the prompt", () => terminal.screen().includes("<Deny>"));
        await wait(READ);
        terminal.type(keys);
        assert.equal(await answer, expected);
      });
    }
  });

  describe("pinentry-qt", () => {
    let desktop: Compositor;
    before(async () => {
      await access("/usr/bin/pinentry-qt");
      desktop = await startCompositor();
    });
    after(() => desktop[Symbol.asyncDispose]());

    async function answerWith(act: () => Promise<void>): Promise<string> {
      const environment = {
        PATH: process.env.PATH,
        HOME: "/",
        LANG: "C.UTF-8",
        QT_QPA_PLATFORM: "wayland",
        ...desktop.environment,
      };
      const answer = askFairly(askByPinentry("/usr/bin/pinentry-qt", environment, TIMER), createFairness())(
        QUESTION,
        never,
      );
      await desktop.window(/^Postern$/);
      await wait(READ);
      await act();
      return await answer;
    }

    const KEYS = { Return: ["Return"], Escape: ["Escape"] };
    for (const [what, keys] of Object.entries(KEYS)) {
      it(`${what}: deny`, async () => {
        assert.equal(await answerWith(() => desktop.type(...keys.flatMap((key) => ["-k", key]))), "deny");
      });
    }

    it("its window closed: deny", async () => {
      const close = async (): Promise<void> => await desktop.close((await desktop.window(/^Postern$/)).app);
      assert.equal(await answerWith(close), "deny");
    });

    it("the button that says yes: once", async () => {
      assert.equal(await answerWith(() => desktop.type("-k", "Tab", "-k", "Tab", "-k", "space")), "once");
    });
  });
});
