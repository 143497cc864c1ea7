import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { askByCommand } from "#consent/ask-by-command.ts";
import type { FillQuestion } from "#protocol/generated/consent.ts";
import { TIMER, anyTime } from "#test/harness/prompt-timer.ts";
import { askFairly } from "#consent/person.ts";
import { eventually } from "#test/harness/eventually.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const QUESTION: FillQuestion = {
  kind: "fill",
  gate: "test",
  origin: "https://example.com",
  registrableDomain: "example.com",
  entry: "example.com/alice",
  site: "example.com",
  match: "exact",
  fields: ["password"],
  minutes: 15,
};
const never = new AbortController().signal;
const shell = (script: string): string[] => ["/bin/sh", "-c", script];

const asking = (command: string[]) => askFairly(askByCommand(command, TIMER), anyTime);

describe("consent through a configured command", () => {
  for (const answer of ["once", "session", "deny"]) {
    it(`takes ${answer}`, async () => {
      const ask = asking(shell(`cat >/dev/null; echo '{"answer":"${answer}"}'`));
      assert.equal(await ask(QUESTION, never), answer);
    });
  }

  it("gives it the question and the text to show", async () => {
    await using temporary = await temporaryDirectory();
    const path = join(temporary.path, "question.json");
    await asking(["/bin/sh", "-c", `cat >"$0"; echo '{"answer":"deny"}'`, path])(QUESTION, never);
    const given: Record<string, unknown> = JSON.parse(await readFile(path, "utf8"));
    assert.equal(given.origin, QUESTION.origin);
    assert.equal(given.entry, QUESTION.entry);
    assert.match(String(given.text), /^https:\/\/example\.com\n/);
  });

  it("is timed from when it says that it has drawn, and else from its start", async () => {
    const answer = `echo '{"answer":"once"}'`;
    const prompt = (script: string) => askByCommand(shell(script), TIMER)(QUESTION, never);
    const fromStart = await prompt(`sleep 1; ${answer}`);
    const fromShown = await prompt(`sleep 1; echo '{ "shown": true }'; sleep 0.2; ${answer}`);
    assert.deepEqual([fromStart.answer, fromShown.answer], ["once", "once"]);
    assert.ok(
      fromShown.shownFor > 0 && fromShown.shownFor < fromStart.shownFor,
      JSON.stringify({ fromStart, fromShown }),
    );
  });

  it("takes a lasting yes for this once where none was offered", async () => {
    const ask = asking(shell(`cat >/dev/null; echo '{"answer":"session"}'`));
    assert.equal(await ask({ ...QUESTION, minutes: 0 }, never), "once");
  });

  const NO_YES = {
    "says nothing": "cat >/dev/null",
    "says something else": "cat >/dev/null; echo yes",
    "says an unknown answer": `cat >/dev/null; echo '{"answer":"always"}'`,
    "says more than an answer": `cat >/dev/null; echo '{"answer":"once","password":"x"}'`,
    "says yes and fails": `cat >/dev/null; echo '{"answer":"once"}'; exit 1`,
    "says too much": "cat >/dev/null; yes | head -c 100000",
    "says an unknown answer and does not read the question": `echo '{"answer":"maybe"}'`,
  };
  for (const [what, script] of Object.entries(NO_YES)) {
    it(`takes no yes from one that ${what}`, async () => {
      await assert.rejects(asking(shell(script))(QUESTION, never), { code: "no_consent_agent" });
    });
  }

  it("takes no yes from one that is not there", async () => {
    await assert.rejects(asking(["/nonexistent/ask"])(QUESTION, never), { code: "no_consent_agent" });
  });

  it("ends it when the question is withdrawn", async () => {
    await using temporary = await temporaryDirectory();
    const path = join(temporary.path, "pid");
    const gone = new AbortController();
    const script = 'echo $$ >"$0.part"; mv "$0.part" "$0"; exec sleep 600';
    const answer = asking(["/bin/sh", "-c", script, path])(QUESTION, gone.signal);
    const pid = await pidIn(path);
    gone.abort(new Error("withdrawn"));
    await assert.rejects(answer, /withdrawn/);
    assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
  });

  it("ends what it started, too, which may be what draws the question", async () => {
    await using temporary = await temporaryDirectory();
    const path = join(temporary.path, "pid");
    const gone = new AbortController();
    // The shell waits for it; it holds the shell's output.
    const script = 'sleep 600 & echo $! >"$0.part"; mv "$0.part" "$0"; wait';
    const answer = asking(["/bin/sh", "-c", script, path])(QUESTION, gone.signal);
    const pid = await pidIn(path);
    gone.abort(new Error("withdrawn"));
    await assert.rejects(answer, /withdrawn/);
    await eventually("its end", async () => !(await isAlive(pid)));
  });
});

/** What the program wrote of itself, once it has. */
function pidIn(path: string): Promise<number> {
  return eventually("the program", async () => Number(await readFile(path, "utf8").catch(() => 0)) || false);
}

/** One that has ended and that nobody has asked about since has no command line. */
async function isAlive(pid: number): Promise<boolean> {
  return (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")) !== "";
}
