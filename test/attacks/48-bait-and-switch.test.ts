import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { askByPinentry } from "#consent/ask-by-pinentry.ts";
import { type Prompt, type Shown, askFairly, createFairness } from "#consent/person.ts";
import type { Answer } from "#protocol/generated/consent.ts";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { TIMER } from "#test/harness/prompt-timer.ts";
import { pseudoTerminal } from "#test/harness/pseudo-terminal.ts";
import { type RawClient, codeOf, greetedClient } from "#test/harness/raw-client.ts";

const BAIT = "https://example.com";
const WANTED = "https://bank.example.org";

describe("attack 48: bait and switch", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  let client: RawClient;
  /** The person's clock: it stands still but for what the test lets pass. */
  beforeEach(async () => {
    broker = await startBroker({ entries: { "example.com": "dull", "bank.example.org": "marked-secret" } });
    client = await greetedClient(broker.socket);
  });
  afterEach(async () => {
    client[Symbol.dispose]();
    await broker[Symbol.asyncDispose]();
  });

  async function askFor(id: number, origin: string): Promise<void> {
    const handle = await findFirst(client, id, origin);
    client.send({ id: id + 1, type: "get", handle, origin, fields: ["password"] });
  }

  it("by a question that is exchanged under the click: the click meets nothing, or does not count", async () => {
    const screen: {
      origin: string;
      from: number;
      until: number;
      click: (answer: Answer["answer"], shownFor: number) => void;
    }[] = [];
    const draw: Prompt = (question, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<Shown<Answer["answer"]>>();
      const click = (answer: Answer["answer"], shownFor: number): void => resolve({ answer, shownFor });
      const shown = { origin: question.origin, from: performance.now(), until: Infinity, click };
      signal.addEventListener("abort", () => {
        shown.until = performance.now();
        reject(signal.reason);
      });
      screen.push(shown);
      return promise;
    };
    await broker.person(askFairly(draw, createFairness()));
    await askFor(2, BAIT);
    const bait = await eventually("the bait", () => screen[0]);
    // The person has read it, and is about to click.
    client.send({ id: 4, type: "cancel", target: 3 });
    await askFor(5, WANTED);
    const wanted = await eventually("the other question", () => screen[1]);
    assert.deepEqual([bait.origin, wanted.origin], [BAIT, WANTED]);
    assert.ok(wanted.from - bait.until >= 990, `${wanted.from - bait.until} ms with nothing on the screen`);
    wanted.click("once", 600);
    // It is put again instead, and now it is read.
    const again = await eventually("the question once more", () => screen[2]);
    assert.equal(client.received.filter(({ id }) => id === 6).length, 0);
    again.click("deny", 5_000);
    assert.equal(codeOf(await client.next(({ id }) => id === 6)), "denied");
    assert.doesNotMatch(JSON.stringify(client.received), /marked-secret/);
  });

  it("by a prompt that appears under a hand that is typing: its Enter is no yes, and what chooses yes comes too soon", async () => {
    await using terminal = await pseudoTerminal();
    const tty = { tty: terminal.tty, term: "xterm" };
    await broker.person(
      askFairly(askByPinentry("pinentry-curses", { PATH: process.env.PATH }, TIMER, tty), createFairness()),
    );
    const prompts = (): number => terminal.screen().split("Site: ").length - 1;
    await askFor(2, WANTED);
    await eventually("the prompt", () => prompts() >= 1);
    terminal.type("\t\r");
    await eventually("the prompt once more", () => prompts() >= 2);
    assert.equal(client.received.filter(({ id }) => id === 3).length, 0);
    terminal.type("\r");
    assert.equal(codeOf(await client.next(({ id }) => id === 3)), "denied");
    assert.doesNotMatch(JSON.stringify(client.received), /marked-secret/);
    assert.doesNotMatch(await readFile(`${broker.state}/audit.jsonl`, "utf8"), /"get".*"allowed"/);
  });
});
