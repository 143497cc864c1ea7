import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { askByPinentry } from "#consent/ask-by-pinentry.ts";
import type { FillQuestion } from "#protocol/generated/consent.ts";
import { eventually } from "#test/harness/eventually.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { type PseudoTerminal, pseudoTerminal } from "#test/harness/pseudo-terminal.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const QUESTION: FillQuestion = {
  kind: "fill",
  gate: "test",
  origin: "https://example.com",
  registrableDomain: "example.com",
  entry: "example.com/alice",
  site: "example.com",
  match: "exact",
  fields: ["username", "password"],
  minutes: 15,
};
const never = new AbortController().signal;
const environment = { PATH: process.env.PATH };

describe("consent through pinentry-curses on a terminal", function () {
  this.timeout(30_000);
  let terminal: PseudoTerminal;
  beforeEach(async () => {
    terminal = await pseudoTerminal();
  });
  afterEach(() => terminal[Symbol.asyncDispose]());

  async function answerWith(keys: string, question = QUESTION): Promise<string> {
    const answer = askByPinentry("pinentry-curses", environment, { tty: terminal.tty, term: "xterm" })(question, never);
    await eventually("the prompt", () => terminal.screen().includes("<Allow once>"));
    terminal.type(keys);
    return await answer;
  }

  it("shows who wants what", async () => {
    await answerWith("\t\t\r");
    for (const text of [
      "https://example.com",
      "Site: example.com",
      "example.com/alice",
      "user name, password",
      "Deny",
    ]) {
      assert.ok(terminal.screen().includes(text), `${text} in ${terminal.screen()}`);
    }
  });

  it("takes the first button for once", async () => {
    assert.equal(await answerWith("\r"), "once");
  });

  it("takes the second for 15 minutes", async () => {
    assert.equal(await answerWith("\t\r"), "session");
  });

  it("takes the third for no", async () => {
    assert.equal(await answerWith("\t\t\r"), "deny");
  });

  it("offers no minutes where a yes may not last", async () => {
    assert.equal(await answerWith("\t\r", { ...QUESTION, minutes: 0 }), "deny");
    assert.doesNotMatch(terminal.screen(), /minutes/);
  });

  it("asks whether a browser may go on with a button that says so, and with no minutes", async () => {
    const { gate, origin, registrableDomain } = QUESTION;
    const question = { kind: "limit", gate, origin, registrableDomain, domains: 20, span: "day" } as const;
    const ask = askByPinentry("pinentry-curses", environment, { tty: terminal.tty, term: "xterm" });
    const answer = ask(question, never);
    await eventually("the prompt", () => terminal.screen().includes("<Go on>"));
    terminal.type("\r");
    assert.equal(await answer, "once");
    assert.match(terminal.screen(), /20 within a day/);
    assert.doesNotMatch(terminal.screen(), /Allow|minutes/);
  });

  it("shows a long name in letters of several bytes", async () => {
    const folders = "Личные кабинеты/".repeat(12);
    const entry = `${folders}example.com`;
    assert.equal(await answerWith("\r", { ...QUESTION, entry }), "once");
    // Without the prompt's frame, which stands in between where a line ends.
    const shown = terminal.screen().replaceAll(/[^\p{Script=Cyrillic}/ ]/gu, "");
    assert.ok(shown.includes(folders), terminal.screen());
  });

  it("shows a question that has no room in a line not in part, and says so", async () => {
    const label = "a".repeat(60);
    const host = `${`${label}.`.repeat(3)}evil.example`;
    const origin = `https://${host}`;
    const question = {
      ...QUESTION,
      origin,
      topOrigin: origin,
      registrableDomain: host,
      site: host,
      entry: label.repeat(4),
    };
    const ask = askByPinentry("pinentry-curses", environment, { tty: terminal.tty, term: "xterm" });
    await assert.rejects(ask({ ...question, match: "parent" }, never), {
      code: "no_consent_agent",
      message: "The question is too long for pinentry to show.",
    });
    // All that was drawn before this is there by then.
    await writeFile(terminal.tty, "nothing else");
    await eventually("the end", () => terminal.screen().endsWith("nothing else"));
    assert.equal(terminal.screen(), "nothing else");
  });

  it("says when the terminal is too small for it", async () => {
    await promisify(execFile)("stty", ["-F", terminal.tty, "rows", "5", "cols", "20"]);
    const ask = askByPinentry("pinentry-curses", environment, { tty: terminal.tty, term: "xterm" });
    await assert.rejects(ask(QUESTION, never), {
      code: "no_consent_agent",
      message: "The terminal is too small for the question.",
    });
  });

  it("disappears when the question is withdrawn", async () => {
    await using temporary = await temporaryDirectory();
    const pid = join(temporary.path, "pid");
    const program = await fakeProgram(temporary.path, "pinentry", `echo $$ >${pid}; exec pinentry-curses "$@"`);
    const gone = new AbortController();
    const ask = askByPinentry(program, environment, { tty: terminal.tty, term: "xterm" });
    const answer = ask(QUESTION, gone.signal);
    await eventually("the prompt", () => terminal.screen().includes("<Allow once>"));
    gone.abort(new Error("withdrawn"));
    await assert.rejects(answer, /withdrawn/);
    hasEnded(await readFile(pid, "utf8"));
  });
});

describe("consent through a pinentry that misbehaves", () => {
  const MISBEHAVIOUR = {
    "is not there": undefined,
    "ends at once": "exit 0",
    "greets and ends": "echo OK; exit 0",
    "is no pinentry": "echo hello",
    "fails at the question":
      "echo OK; while read -r line; do case $line in CONFIRM*) echo ERR 83886340;; *) echo OK;; esac; done",
    "does not take the text":
      "echo OK; while read -r line; do case $line in SETDESC*) echo ERR 83886179;; *) echo OK;; esac; done",
    "has no display":
      "echo OK; while read -r line; do case $line in CONFIRM*) echo ERR 83918950;; *) echo OK;; esac; done",
  };
  for (const [what, script] of Object.entries(MISBEHAVIOUR)) {
    it(`that ${what}: no_consent_agent, never yes`, async () => {
      await using temporary = await temporaryDirectory();
      const program = join(temporary.path, "pinentry");
      if (script !== undefined) {
        await writeFile(program, `#!/bin/sh\n${script}\n`);
        await chmod(program, 0o755);
      }
      await assert.rejects(askByPinentry(program, environment)(QUESTION, never), { code: "no_consent_agent" });
    });
  }

  it("that does not take a third button: what it would say is no", async () => {
    await using temporary = await temporaryDirectory();
    const program = await fakeProgram(
      temporary.path,
      "pinentry",
      `echo OK
       while read -r line; do
         case $line in
           GETINFO*) echo D qt; echo OK;;
           SETNOTOK*) echo ERR 83886355;;
           CONFIRM*) echo ERR 83886194;;
           *) echo OK;;
         esac
       done`,
    );
    assert.equal(await askByPinentry(program, environment)(QUESTION, never), "deny");
  });

  it("that is slow to start: the prompt has appeared when it was told to show it, and not before", async () => {
    await using temporary = await temporaryDirectory();
    const log = join(temporary.path, "log");
    const program = await fakeProgram(
      temporary.path,
      "pinentry",
      `echo OK; while read -r line; do echo "$line" >>${log}; echo OK; done`,
    );
    const before: string[] = [];
    const onShown = (): void => void before.push(readFileSync(log, "utf8"));
    assert.equal(await askByPinentry(program, environment)(QUESTION, never, onShown), "once");
    assert.equal(before.length, 1);
    // All that comes ahead of it was answered by then.
    assert.match(before[0] ?? "", /^SETDESC .*\nSETOK .*\nSETCANCEL .*\n/m);
  });

  it("that does not end when it is asked to: ended", async () => {
    await using temporary = await temporaryDirectory();
    const asked = join(temporary.path, "asked");
    const program = await fakeProgram(
      temporary.path,
      "pinentry",
      `trap '' TERM; echo OK
       while read -r line; do case $line in CONFIRM*) echo $$ >${asked}; sleep 600;; *) echo OK;; esac; done`,
    );
    const gone = new AbortController();
    const answer = askByPinentry(program, environment)(QUESTION, gone.signal);
    const outcome = assert.rejects(answer, /withdrawn/);
    const pid = await eventually("the question", async () => (await readFile(asked, "utf8").catch(() => "")) || false);
    gone.abort(new Error("withdrawn"));
    await outcome;
    hasEnded(pid);
  });
});

function hasEnded(pid: string): void {
  assert.throws(() => process.kill(Number(pid), 0), { code: "ESRCH" });
}
