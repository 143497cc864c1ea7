import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Terminal, askByPinentry } from "#consent/ask-by-pinentry.ts";
import type { FillQuestion } from "#protocol/generated/consent.ts";
import { askFairly } from "#consent/person.ts";
import { TIMER, anyTime } from "#test/harness/prompt-timer.ts";
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

const asking = (program: string, terminal?: Terminal) =>
  askFairly(askByPinentry(program, environment, TIMER, terminal), anyTime);

describe("consent through pinentry-curses on a terminal", function () {
  this.timeout(30_000);
  let terminal: PseudoTerminal;
  beforeEach(async () => {
    terminal = await pseudoTerminal();
  });
  afterEach(() => terminal[Symbol.asyncDispose]());

  async function answerWith(keys: string, question = QUESTION): Promise<string> {
    const answer = asking("pinentry-curses", { tty: terminal.tty, term: "xterm" })(question, never);
    await eventually("the prompt", () => terminal.screen().includes("<Deny>"));
    terminal.type(keys);
    return await answer;
  }

  it("shows who wants what", async () => {
    await answerWith("\r");
    for (const text of [
      "https://example.com",
      "Site: example.com",
      "example.com/alice",
      "user name, password",
      "Allow once",
    ]) {
      assert.ok(terminal.screen().includes(text), `${text} in ${terminal.screen()}`);
    }
  });

  for (const [keys, answer] of Object.entries({ "\r": "deny", "\u001B\r": "deny", "\t\r": "once", "\t\t\r": "deny" })) {
    it(`takes ${JSON.stringify(keys)} for: ${answer}`, async () => {
      assert.equal(await answerWith(keys), answer);
    });
  }

  it("asks whether a browser may go on with a button that says so, and with no minutes", async () => {
    const { gate, origin, registrableDomain } = QUESTION;
    const question = { kind: "limit", gate, origin, registrableDomain, domains: 20, span: "day" } as const;
    const ask = asking("pinentry-curses", { tty: terminal.tty, term: "xterm" });
    const answer = ask(question, never);
    await eventually("the prompt", () => terminal.screen().includes("<Go on>"));
    terminal.type("\t\r");
    assert.equal(await answer, "once");
    assert.match(terminal.screen(), /20 within a day/);
    assert.doesNotMatch(terminal.screen(), /Allow|minutes/);
  });

  it("shows a long name in letters of several bytes", async () => {
    const folders = "Личные кабинеты/".repeat(12);
    const entry = `${folders}example.com`;
    assert.equal(await answerWith("\t\r", { ...QUESTION, entry }), "once");
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
    const ask = asking("pinentry-curses", { tty: terminal.tty, term: "xterm" });
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
    const ask = asking("pinentry-curses", { tty: terminal.tty, term: "xterm" });
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
    const ask = asking(program, { tty: terminal.tty, term: "xterm" });
    const answer = ask(QUESTION, gone.signal);
    await eventually("the prompt", () => terminal.screen().includes("<Deny>"));
    gone.abort(new Error("withdrawn"));
    await assert.rejects(answer, /withdrawn/);
    await hasEnded(await readFile(pid, "utf8"));
  });
});

describe("consent through a pinentry that misbehaves", () => {
  const MISBEHAVIOUR = {
    "is not there": undefined,
    "ends at once": "exit 0",
    "greets and ends": "echo OK; exit 0",
    "is no pinentry": "echo hello",
    "fails at the question":
      "echo OK; while read -r line; do case $line in GETPIN*) echo ERR 83886340;; *) echo OK;; esac; done",
    "does not take the text":
      "echo OK; while read -r line; do case $line in SETDESC*) echo ERR 83886179;; *) echo OK;; esac; done",
    "has no display":
      "echo OK; while read -r line; do case $line in GETPIN*) echo ERR 83918950;; *) echo OK;; esac; done",
  };
  for (const [what, script] of Object.entries(MISBEHAVIOUR)) {
    it(`that ${what}: no_consent_agent, never yes`, async () => {
      await using temporary = await temporaryDirectory();
      const program = join(temporary.path, "pinentry");
      if (script !== undefined) {
        await writeFile(program, `#!/bin/sh\n${script}\n`);
        await chmod(program, 0o755);
      }
      await assert.rejects(asking(program)(QUESTION, never), { code: "no_consent_agent" });
    });
  }

  const pinentry = (directory: string, flavour: string, answers: string): Promise<string> =>
    fakeProgram(
      directory,
      "pinentry",
      `echo OK
       while read -r line; do
         echo "$line" >>${directory}/log
         case $line in
           GETINFO*) echo D ${flavour}; echo OK;;
           ${answers}
           *) echo OK;;
         esac
       done`,
    );

  it("that does not take a third button: a yes is typed", async () => {
    await using temporary = await temporaryDirectory();
    const answers = "SETNOTOK*) echo ERR 83886355;; CONFIRM*) echo ERR 83886194;; GETPIN*) echo D yes; echo OK;;";
    assert.equal(await asking(await pinentry(temporary.path, "qt", answers))(QUESTION, never), "once");
  });

  const TYPED = { yes: "once", YES: "once", "15": "session", "": "deny", y: "deny", "10": "deny", "yes%0Ayes": "deny" };
  for (const [typed, answer] of Object.entries(TYPED)) {
    it(`that has two buttons: ${JSON.stringify(typed)} is ${answer}`, async () => {
      await using temporary = await temporaryDirectory();
      const program = await pinentry(temporary.path, "gnome3", `GETPIN*) echo "D ${typed}"; echo OK;;`);
      assert.equal(await asking(program)(QUESTION, never), answer);
      const log = await readFile(join(temporary.path, "log"), "utf8");
      assert.match(
        log,
        /^SETDESC .*Type yes where a password is asked for to allow once, 15 to allow for 15 minutes\./m,
      );
      assert.doesNotMatch(log, /^CONFIRM/m);
    });
  }

  it("that is slow to start and to answer: the time counts from when it was told to show the question", async () => {
    await using temporary = await temporaryDirectory();
    const slow = await fakeProgram(
      temporary.path,
      "pinentry",
      `sleep 1; echo OK; while read -r line; do case $line in GETPIN*) sleep 0.2; echo D yes; echo OK; sleep 1;; *) echo OK;; esac; done`,
    );
    const { answer, shownFor } = await askByPinentry(slow, environment, TIMER)(QUESTION, never);
    assert.equal(answer, "once");
    assert.ok(shownFor > 0 && shownFor < 1_000, String(shownFor));
  });

  it("that does not end when it is asked to: ended", async () => {
    await using temporary = await temporaryDirectory();
    const asked = join(temporary.path, "asked");
    const program = await fakeProgram(
      temporary.path,
      "pinentry",
      `trap '' TERM; echo OK
       while read -r line; do case $line in GETPIN*) echo $$ >${asked}; sleep 600;; *) echo OK;; esac; done`,
    );
    const gone = new AbortController();
    const answer = asking(program)(QUESTION, gone.signal);
    const outcome = assert.rejects(answer, /withdrawn/);
    const pid = await eventually("the question", async () => (await readFile(asked, "utf8").catch(() => "")) || false);
    gone.abort(new Error("withdrawn"));
    await outcome;
    await hasEnded(pid);
  });
});

/** One that has ended and that nobody has asked about since has no command line. */
async function hasEnded(pid: string): Promise<void> {
  const isAlive = async () => (await readFile(`/proc/${pid.trim()}/cmdline`, "utf8").catch(() => "")) !== "";
  await eventually("its end", async () => !(await isAlive()));
}
