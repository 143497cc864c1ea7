import assert from "node:assert/strict";
import { join } from "node:path";
import { chooseByProgram } from "#consent/choose-by-program.ts";
import { createFairness } from "#consent/person.ts";
import { startCompositor } from "#test/harness/compositor.ts";
import { eventually } from "#test/harness/eventually.ts";
import { TIMER, anyTime } from "#test/harness/prompt-timer.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";
import { readFile } from "node:fs/promises";

const QUESTION = { gate: "work", origin: "https://example.com" };
const ENTRIES = ["a.com", "b.com/$(touch marker)", "b.com/--help", "c.com"];
const never = new AbortController().signal;

describe("choosing by a program", function () {
  this.timeout(180_000);
  let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
  const file = (name: string): string => join(folder.path, name);
  const found = (environment: NodeJS.ProcessEnv) =>
    chooseByProgram(undefined, { PATH: file("bin"), ...environment }, anyTime, TIMER);

  beforeEach(async () => {
    folder = await temporaryDirectory();
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  const program = (name: string, script: string) =>
    fakeProgram(file("bin"), name, `for each in "$@"; do echo "$each"; done > ${file(`${name}.arguments`)}\n${script}`);
  const argumentsOf = async (name: string) => (await readFile(file(`${name}.arguments`), "utf8")).split("\n");

  it("takes the first that is there and can draw here", async () => {
    await program("fuzzel", "echo a.com");
    await program("rofi", "echo c.com");
    assert.deepEqual(await found({ DISPLAY: ":9" })(QUESTION, ENTRIES, never), { answer: "chosen", place: 3 });
    assert.deepEqual(await found({ WAYLAND_DISPLAY: "w" })(QUESTION, ENTRIES, never), { answer: "chosen", place: 0 });
    const prompt = "https://example.com (work): ";
    assert.deepEqual(await argumentsOf("fuzzel"), ["--dmenu", "--width", "68", "--prompt", prompt, ""]);
  });

  it("gives the names on its input, as they are, and none as an argument, where others would see it", async () => {
    await program("zenity", `read one; read two; echo "$two"`);
    assert.deepEqual(await found({ DISPLAY: ":9" })(QUESTION, ENTRIES, never), { answer: "chosen", place: 1 });
    for (const entry of ENTRIES) assert.ok(!(await argumentsOf("zenity")).join("\n").includes(entry), entry);
  });

  it("draws a real one on a desktop, where what is typed narrows the list", async () => {
    await using desktop = await startCompositor();
    const environment = { PATH: process.env.PATH, HOME: folder.path, ...desktop.environment };
    const chosen = chooseByProgram(["fuzzel"], environment, anyTime, TIMER)(QUESTION, ENTRIES, never);
    await eventually("the list", async () => (await desktop.colours()).size > 1, 60_000);
    await desktop.type("help", "-k", "Return");
    assert.deepEqual(await chosen, { answer: "chosen", place: 2 });
  });

  it("takes a configured one for such as dmenu", async () => {
    const own = await fakeProgram(file("own"), "my-menu", `echo "$1 $2" > ${file("own.arguments")}; echo c.com`);
    const choose = chooseByProgram([own, "--flag"], { PATH: file("bin") }, anyTime, TIMER);
    assert.deepEqual(await choose(QUESTION, ENTRIES, never), { answer: "chosen", place: 3 });
    assert.equal(await readFile(file("own.arguments"), "utf8"), "--flag -p\n");
  });

  it("takes what fails, says nothing, or names something else for no choice", async () => {
    for (const script of ["exit 1", "echo a.com; exit 1", "true", "echo other.com", "echo a.com; echo c.com"]) {
      await program("rofi", script);
      assert.deepEqual(await found({ DISPLAY: ":9" })(QUESTION, ENTRIES, never), { answer: "deny" }, script);
    }
  });

  it("takes the crash of a program for nobody's no", async () => {
    for (const script of ["kill -SEGV $$", "exit 139"]) {
      await program("rofi", script);
      const choice = found({ DISPLAY: ":9" })(QUESTION, ENTRIES, never);
      await assert.rejects(choice, { code: "no_consent_agent", message: /has crashed/, hint: /rofi/ }, script);
    }
  });

  it("lets no more wait for the person than a person could choose from", async () => {
    await program("rofi", `touch ${file("there")}; sleep 60 & wait`);
    const request = new AbortController();
    const choose = found({ PATH: `${file("bin")}:/usr/bin:/bin`, DISPLAY: ":9" });
    const waiting = Array.from({ length: 8 }, () => choose(QUESTION, ENTRIES, request.signal));
    const ends = Promise.allSettled(waiting);
    await assert.rejects(choose(QUESTION, ENTRIES, never), { code: "busy" });
    request.abort(new Error("withdrawn"));
    await ends;
    await program("rofi", "echo a.com");
    assert.deepEqual(await choose(QUESTION, ENTRIES, never), { answer: "chosen", place: 0 });
  });

  it("says what to install where there is none, or nothing to draw on", async () => {
    const told = {
      code: "no_consent_agent",
      hint: /^Install fuzzel, wofi, rofi, bemenu, dmenu or zenity, or set/,
    };
    await assert.rejects(found({ DISPLAY: ":9" })(QUESTION, ENTRIES, never), told);
    await program("rofi", "echo a.com");
    await assert.rejects(found({})(QUESTION, ENTRIES, never), told);
    const missing = chooseByProgram([file("missing")], {}, anyTime, TIMER);
    await assert.rejects(missing(QUESTION, ENTRIES, never), told);
  });

  it("goes when the request goes", async () => {
    await program("rofi", `trap 'touch ${file("gone")}; exit' TERM; touch ${file("there")}; sleep 60 & wait`);
    const request = new AbortController();
    const chosen = found({ PATH: `${file("bin")}:/usr/bin:/bin`, DISPLAY: ":9" })(QUESTION, ENTRIES, request.signal);
    const exists = (name: string) =>
      readFile(file(name)).then(
        () => true,
        () => false,
      );
    await eventually("the program", () => exists("there"));
    request.abort(new Error("withdrawn"));
    await assert.rejects(chosen, { message: "withdrawn" });
    assert.equal(await exists("gone"), true);
  });

  it("does not take a choice that came before anyone could have read", async () => {
    await program("rofi", `echo once more >> ${file("times")}; echo a.com`);
    const choose = chooseByProgram(undefined, { PATH: `${file("bin")}:/bin`, DISPLAY: ":9" }, createFairness(), TIMER);
    assert.deepEqual(await choose(QUESTION, ENTRIES, never), { answer: "deny" });
    assert.equal(await readFile(file("times"), "utf8"), "once more\n".repeat(3));
  });
});
