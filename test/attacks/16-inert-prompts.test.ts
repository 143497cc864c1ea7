import assert from "node:assert/strict";
import { askByPinentry } from "#consent/ask-by-pinentry.ts";
import { promptText } from "#consent/prompt-text.ts";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { TIMER, anyTime } from "#test/harness/prompt-timer.ts";
import { askFairly } from "#consent/person.ts";
import { pseudoTerminal } from "#test/harness/pseudo-terminal.ts";
import { codeOf, greetedClient } from "#test/harness/raw-client.ts";

const ORIGIN = "https://example.com";
const ENTRY = `example.com/<b>Allow</b> &amp; %0AOK ${"x".repeat(150)}`;
const HOSTILE = [
  "https://example.com\nSite: bank.example",
  "https://example.com\u202E",
  "https://example.com\u001B[2J",
  "https://example.com/<b>bank.example</b>",
  `https://${"a".repeat(10_000)}.example.com`,
  "https://bank.example@example.com",
];

describe("attack 16: text of the browser's or of the store's that does something to a prompt", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  before(async () => {
    broker = await startBroker({ entries: { [ENTRY]: "secret" } });
  });
  after(() => broker[Symbol.asyncDispose]());

  it("does not get that far as an origin, as a frame's page or as a field", async () => {
    using client = await greetedClient(broker.socket);
    const handle = await findFirst(client, 2, ORIGIN);
    let id = 2;
    for (const text of HOSTILE) {
      const get = { type: "get", handle, origin: ORIGIN, fields: ["password"] };
      for (const changed of [
        { origin: text },
        { topOrigin: text },
        { fields: [text] },
        { fields: [`custom:${text}`] },
      ]) {
        const reply = await client.ask({ ...get, ...changed, id: (id += 1) });
        assert.equal(codeOf(reply), "bad_message", JSON.stringify(changed));
      }
    }
    assert.deepEqual(broker.questions, []);
  });

  it("is shown inert as what an HTTP server guards, after the complete origin", async () => {
    await broker.person(async () => "once");
    using client = await greetedClient(broker.socket);
    const realm = "Staff\nwants: nothing\u001B[2J\u202E<b>bank.example</b>";
    const { result } = await client.ask({ id: 2, type: "find", origin: ORIGIN, use: "http-auth", realm });
    const [, handle = ""] = /"handle":"([\w-]{22})"/.exec(JSON.stringify(result)) ?? [];
    await client.ask({ id: 3, type: "get", handle, origin: ORIGIN, fields: ["password"] });
    const question = broker.questions.pop();
    assert.partialDeepStrictEqual(question, { kind: "fill", realm });
    assert.ok(question !== undefined);
    const lines = promptText(question).split("\n");
    assert.deepEqual([lines[0], lines.length], [ORIGIN, 8]);
    assert.equal(lines[6], "The page says: “Staff\uFFFDwants: nothing\uFFFD[2J\uFFFD‹b›bank.example‹/b›”");
  });

  it("is shown inert as an entry's name, after the complete origin, on a real pinentry", async () => {
    await using terminal = await pseudoTerminal();
    const tty = { tty: terminal.tty, term: "xterm" };
    await broker.person(askFairly(askByPinentry("pinentry-curses", { PATH: process.env.PATH }, TIMER, tty), anyTime));
    using client = await greetedClient(broker.socket);
    const handle = await findFirst(client, 2, ORIGIN);
    const answer = client.ask({ id: 3, type: "get", handle, origin: ORIGIN, fields: ["password"] });
    const question = await eventually("the question", () => broker.questions.at(-1));
    await eventually("the prompt", () => terminal.screen().includes("<Allow once>"));
    terminal.type("\r");
    assert.equal(codeOf(await answer), "denied");

    const screen = terminal.screen();
    assert.ok(screen.indexOf(ORIGIN) >= 0 && screen.indexOf(ORIGIN) < screen.indexOf("‹b›Allow"), screen);
    assert.doesNotMatch(screen, /<b>|&amp;/);
    assert.match(promptText(question), /^https:\/\/example\.com\nSite: example\.com\n/);
    assert.equal(promptText(question).split("\n").length, 6);
  });
});
