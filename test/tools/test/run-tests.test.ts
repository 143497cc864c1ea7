import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { eventually } from "#test/harness/eventually.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const ROOT = join(import.meta.dirname, "../../..");
const RUN_TESTS = join(ROOT, "tools/test/run-tests.ts");

type Machine = "nothing" | "shared" | "alone";

describe("running tests in lanes", function () {
  this.timeout(60_000);
  let folder: string;
  let parts: AsyncDisposableStack;
  beforeEach(async () => {
    parts = new AsyncDisposableStack();
    folder = parts.use(await temporaryDirectory()).path;
    await mkdir(join(folder, "test"));
    await mkdir(join(folder, "tmp"));
    await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  });
  afterEach(() => parts.disposeAsync());

  /** A test file whose tests are these lines. */
  async function file(name: string, ...lines: string[]): Promise<string> {
    const path = `test/${name}.mjs`;
    await writeFile(
      join(folder, path),
      `import fs from "node:fs";\ndescribe("${name}", () => {\n${lines.join("\n")}\n});\n`,
    );
    return path;
  }
  const job = (machine: Machine, ...files: string[]) => ({ machine, files });

  function command(jobs: { machine: Machine; files: string[] }[]): string[] {
    const words = [folder, jobs, ["--timeout=30000"]].map((word) => JSON.stringify(word)).join();
    return [
      "--input-type=module",
      "--eval",
      `import { runTests } from ${JSON.stringify(RUN_TESTS)}; process.exitCode = await runTests(${words});`,
    ];
  }
  // Locks of its own: the run that this is a part of holds the machine's.
  const env = () => ({ ...process.env, TMPDIR: join(folder, "tmp") });

  async function run(...jobs: { machine: Machine; files: string[] }[]): Promise<{ code: number; stdout: string }> {
    const ended = promisify(execFile)(process.execPath, command(jobs), { env: env() });
    const { code, stdout } = await ended.then(
      (end) => ({ code: 0, stdout: end.stdout }),
      (error: { code: number; stdout: string }) => error,
    );
    // Coloured, where the one who runs this asks for colours.
    return { code, stdout: stripVTControlCharacters(stdout) };
  }

  it("prints what mocha prints of each file, and one summary at the end", async () => {
    const one = await file("one", 'it("holds", () => {});');
    const two = await file("two", 'it("holds too", () => {}); it("and this", () => {});');
    const { code, stdout } = await run(job("nothing", one), job("shared", two));
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^ {2}one\n {4}✔ holds$/m);
    assert.match(stdout, /^ {2}two\n {4}✔ holds too\n {4}✔ and this$/m);
    assert.match(stdout, /\n {2}3 passing \(\d+s\)\n\n$/);
    assert.equal(stdout.match(/passing/g)?.length, 1);
  });

  it("shows of a failure its file, title, difference and place", async () => {
    const bad = await file(
      "bad",
      'it("is equal", () => { throw Object.assign(new Error("not so"), { actual: "x", expected: "y", showDiff: true }); });',
    );
    const { code, stdout } = await run(
      job("nothing", bad),
      job("nothing", await file("good", 'it("holds", () => {});')),
    );
    assert.equal(code, 1);
    const summary = stdout.slice(stdout.indexOf(`  ${bad}\n`));
    assert.match(summary, /1\) bad\n {7}is equal:\n\s+Error: not so\n\s+\+ expected - actual\n\s+-x\n\s+\+y\n/);
    assert.match(summary, /at .*bad\.mjs:\d+:\d+/);
    assert.match(summary, /\n {2}1 passing \(\d+s\)\n {2}1 failing\n\n$/);
  });

  for (const [what, lines] of [
    ["does not load", ['throw new Error("no file");']],
    ["ends its process", ['it("ends", () => process.exit(0));']],
    ["is killed", ['it("ends", () => process.kill(process.pid, "SIGKILL"));']],
    [
      "exits otherwise than it says",
      [
        'it("holds", () => { process.once("beforeExit", () => process.once("exit", () => { process.exitCode = 3; })); });',
      ],
    ],
    ["has a test that is skipped", ['it("holds", () => {}); it.skip("does not", () => {});']],
  ] as const) {
    it(`fails for a file that ${what}`, async () => {
      const { code, stdout } = await run(job("nothing", await file("odd", ...lines)));
      assert.equal(code, 1, stdout);
      assert.match(stdout, /^ {2}test\/odd\.mjs$/m);
      assert.match(stdout, /\n {2}1 failing\n\n$/);
    });
  }

  it("fails where no test ran at all", async () => {
    const { code, stdout } = await run(job("nothing", await file("empty", "")));
    assert.equal(code, 1);
    assert.match(stdout, /^\s*0 passing \(\d+s\)\s*$/);
    assert.equal((await run()).code, 1);
  });

  it("runs side by side what may be, and nothing that shares the machine beside what needs it alone", async () => {
    const log = JSON.stringify(join(folder, "log"));
    const note = (name: string) => `
      it("notes", async () => {
        fs.appendFileSync(${log}, "+${name} ");
        await new Promise((resolve) => setTimeout(resolve, 300));
        fs.appendFileSync(${log}, "-${name} ");
      });`;
    const names = ["s1", "a1", "s2", "a2", "n1", "n2"] as const;
    const kinds = { s: "shared", a: "alone", n: "nothing" } as const;
    const jobs = [];
    for (const name of names) {
      const [kind = "n"] = name;
      jobs.push(job(kind === "s" || kind === "a" ? kinds[kind] : "nothing", await file(name, note(name))));
    }
    const { code, stdout } = await run(...jobs);
    assert.equal(code, 0, stdout);
    const running = new Set<string>();
    let most = 0;
    for (const step of (await readFile(join(folder, "log"), "utf8")).trim().split(" ")) {
      if (step.startsWith("+")) running.add(step.slice(1));
      else running.delete(step.slice(1));
      const taking = [...running].filter((name) => !name.startsWith("n"));
      if (taking.some((name) => name.startsWith("a"))) assert.equal(taking.length, 1, step);
      most = Math.max(most, running.size);
    }
    assert.ok(most > 1, "one at a time");
  });

  it("ends what runs when it is told to, after the hooks that clear up, and begins no more", async () => {
    const [begun, cleared] = [join(folder, "begun"), join(folder, "cleared")];
    const long = await file(
      "long",
      `after(() => fs.writeFileSync(${JSON.stringify(cleared)}, ""));`,
      `it("begins", async () => {
        fs.writeFileSync(${JSON.stringify(begun)}, "");
        await new Promise((resolve) => setTimeout(resolve, 500));
      });`,
      'it("is not come to", () => { throw new Error("begun"); });',
    );
    const next = await file("next", 'it("is not begun", () => { throw new Error("begun"); });');
    const running = spawn(process.execPath, command([job("alone", long), job("alone", next)]), { env: env() });
    let output = "";
    running.stdout.on("data", (piece: Buffer) => (output += piece.toString()));
    await eventually("the first test", () => existsSync(begun));
    running.kill("SIGTERM");
    assert.deepEqual(await once(running, "close"), [1, null]);
    assert.match(stripVTControlCharacters(output), /✔ begins/);
    assert.doesNotMatch(output, /Error: begun/);
    assert.ok(existsSync(cleared));
  });

  it("waits for another run on this machine that needs it alone", async () => {
    const [begun, go] = [join(folder, "begun"), join(folder, "go")];
    const waits = `
      it("waits", async () => {
        fs.writeFileSync(${JSON.stringify(begun)}, "");
        while (!fs.existsSync(${JSON.stringify(go)})) await new Promise((resolve) => setTimeout(resolve, 20));
      });`;
    const first = spawn(process.execPath, command([job("alone", await file("first", waits))]), {
      env: env(),
      stdio: "ignore",
    });
    const firstEnd = once(first, "exit");
    await eventually("the first run", () => existsSync(begun));
    const done = join(folder, "done");
    const second = run(
      job("shared", await file("second", `it("comes", () => fs.writeFileSync(${JSON.stringify(done)}, ""));`)),
    );
    const third = await run(job("nothing", await file("third", 'it("goes on", () => {});')));
    assert.equal(third.code, 0);
    assert.equal(existsSync(done), false);
    await writeFile(go, "");
    assert.deepEqual(await firstEnd, [0, null]);
    assert.equal((await second).code, 0);
    assert.ok(existsSync(done));
  });
});
