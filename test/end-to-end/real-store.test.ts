import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { execute } from "#container/exec.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { type Run, type TestPostern, testPostern } from "#test/harness/postern.ts";

const PASSPHRASE = "the passphrase of this test's key";
const PASSWORD = "pw-marker-of-the-end-to-end-test";

/** Answers the agent's question for the passphrase once, counts how often it was asked, and shows what for. */
const PINENTRY = (directory: string): string => `#!/bin/sh
echo "OK ready"
while read -r command rest; do
  case "$command" in
    SETDESC) echo "$rest" >> ${directory}/descriptions; echo OK ;;
    GETPIN)
      echo asked >> ${directory}/asked
      if [ "$(wc -l < ${directory}/asked)" -gt 1 ]; then echo "ERR 83886179 Operation cancelled"; else echo "D ${PASSPHRASE}"; echo OK; fi ;;
    BYE) echo OK; exit 0 ;;
    *) echo OK ;;
  esac
done
`;

/** Consent by a configured command: notes what it was asked and says yes for this once, after a moment. */
const CONSENT = (directory: string): string => `#!/bin/sh
cat >> ${directory}/questions
echo >> ${directory}/questions
sleep 1
echo '{"answer":"once"}'
`;

describe("end to end: a store made with pass, a key with a passphrase, consent by a command", function () {
  this.timeout(600_000);
  let store: PassStore;
  let postern: TestPostern;
  let up: Run;
  before(async () => {
    store = await makePassStore({}, PASSPHRASE);
    await writeFile(join(store.home, "pinentry"), PINENTRY(store.home));
    await writeFile(join(store.home, "consent"), CONSENT(store.home));
    for (const program of ["pinentry", "consent"]) await chmod(join(store.home, program), 0o755);
    await writeFile(join(store.gnupg, "gpg-agent.conf"), `pinentry-program ${store.home}/pinentry\n`);
    // The agent that made the key runs, and asks with the system's pinentry.
    await promisify(execFile)("gpgconf", ["--kill", "gpg-agent"], { env: store.environment });
    await store.insert("localhost:8000/alice", `${PASSWORD}\nlogin: alice@example.org\n`);
    await store.insert("bank.example/alice", "never asked for");
    postern = await testPostern({ GNUPGHOME: store.gnupg });
    await mkdir(join(postern.home, ".config/postern"), { recursive: true });
    await writeFile(
      join(postern.home, ".config/postern/config.toml"),
      `[consent]\ncommand = ["${store.home}/consent"]\n`,
    );
    up = await postern.run("up", postern.gate, "--store", store.store, "--headless", "--json");
  });
  after(async () => {
    await postern[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  it("prints one JSON object and exits with 0", () => {
    assert.equal(up.exitCode, 0, up.stderr);
    assert.match(up.stdout, /^\{.*\}\n$/);
    const result: Record<string, unknown> = JSON.parse(up.stdout);
    assert.deepEqual(Object.keys(result), ["engine", "route", "gate", "filled", "screenshot", "steps"]);
    assert.deepEqual(
      { ...result, screenshot: "", steps: [] },
      {
        engine: "docker",
        route: "socket",
        gate: postern.gate,
        filled: ["username", "password"],
        screenshot: "",
        steps: [],
      },
    );
  });

  it("has filled the page's own fields with the entry's user name and password", async () => {
    await using browser = await postern.browser();
    await browser.setContext("content");
    const values = await browser.run(
      "return [...document.querySelectorAll('input')].map((input) => [input.name, input.value]);",
    );
    assert.deepEqual(values, [
      ["username", "alice@example.org"],
      ["password", PASSWORD],
    ]);
  });

  it("has saved a screenshot", async () => {
    const { screenshot }: { screenshot: string } = JSON.parse(up.stdout);
    const picture = await readFile(screenshot);
    assert.equal(picture.subarray(1, 4).toString(), "PNG");
  });

  it("asked for consent once, naming gate, origin, entry and fields", async () => {
    const text = await readFile(join(store.home, "questions"), "utf8");
    const questions = text
      .trim()
      .split("\n")
      .map((line): Record<string, unknown> => JSON.parse(line));
    assert.equal(questions.length, 1);
    assert.equal(questions[0]?.gate, postern.gate);
    assert.equal(questions[0]?.origin, "http://localhost:8000");
    assert.equal(questions[0]?.entry, "localhost:8000/alice");
    assert.deepEqual(questions[0]?.fields, ["username", "password"]);
  });

  it("asked for the passphrase once, under Postern's own description", async () => {
    assert.equal(await readFile(join(store.home, "asked"), "utf8"), "asked\n");
    assert.match(await readFile(join(store.home, "descriptions"), "utf8"), /Postern's vault/);
  });

  it("logged what was released", async () => {
    const allowed = (await postern.log()).filter((line) => line.type === "get");
    assert.equal(allowed.length, 1);
    assert.equal(allowed[0]?.decision, "allowed");
    assert.equal(allowed[0]?.entry, "localhost:8000/alice");
  });

  it("has no private key in the vault: gpg -K shows sec#", async () => {
    const vault = await postern.container("vault");
    const { stdout } = await execute(postern.engine, vault, ["gpg", "-K"]);
    assert.match(stdout, /^sec#/m);
    assert.match(stdout, /^ssb#/m);
    assert.doesNotMatch(stdout, /^(?:sec|ssb) /m);
  });

  it("has the key's secret part in no file of either container, and the store in none of the browser's", async () => {
    const ciphertext = (await readFile(join(store.store, "localhost:8000/alice.gpg"))).subarray(-24).toString("hex");
    const [keyFile = ""] =
      (await store.gpg(["--batch", "--with-colons", "--with-keygrip", "-K"])).match(/(?<=^grp:{9})[0-9A-F]{40}/m) ?? [];
    const privateKey = await readFile(join(store.gnupg, "private-keys-v1.d", `${keyFile}.key`));
    const marks = { key: privateKey.subarray(-24).toString("hex"), password: Buffer.from(PASSWORD).toString("hex") };
    for (const kind of ["vault", "firefox"] as const) {
      const container = await postern.container(kind);
      const found = await searchFiles(container, { ...marks, ...(kind === "firefox" ? { ciphertext } : {}) });
      assert.deepEqual(found, [], kind);
      const names = await execute(postern.engine, container, ["find", "/", "-xdev", "-name", "private-keys-v1.d"]);
      assert.equal(names.stdout, "");
    }
    // The search finds what is there: the store's ciphertext in the vault.
    assert.notDeepEqual(await searchFiles(await postern.container("vault"), { ciphertext }), []);
  });

  it("shows itself, locks, unlocks and goes down without a trace", async () => {
    const status: Record<string, unknown> = JSON.parse((await postern.run("status", "--json")).stdout);
    assert.equal(status.running, true);
    assert.deepEqual(status.stores, [{ path: store.store }]);
    assert.equal(status.entries, 2);
    assert.equal((await postern.run("lock")).exitCode, 0);
    assert.match((await postern.run("status")).stdout, /Gate\s+test-\w+: locked/);
    assert.equal((await postern.run("unlock")).exitCode, 0);
    assert.match((await postern.run("log", "-n", "3")).stdout, /localhost:8000\/alice/);
    assert.equal((await postern.run("down")).exitCode, 0);
    assert.equal((await postern.run("status")).exitCode, 1);
    await assert.rejects(postern.container("vault"), /no such container/i);
    await assert.rejects(postern.container("firefox"), /no such container/i);
  });

  /** Searches every file that the container's user can read, mounts included, for byte strings given in hexadecimal. */
  async function searchFiles(
    container: Parameters<typeof execute>[1],
    marks: Record<string, string>,
  ): Promise<string[]> {
    const script = `
      const fs = require("node:fs");
      const marks = Object.entries(${JSON.stringify(marks)}).map(([name, hex]) => [name, Buffer.from(hex, "hex")]);
      const found = [];
      const walk = (folder) => {
        let entries = [];
        try { entries = fs.readdirSync(folder, { withFileTypes: true }); } catch { return; }
        for (const entry of entries) {
          const path = (folder === "/" ? "" : folder) + "/" + entry.name;
          if (["/proc", "/sys", "/dev"].includes(path)) continue;
          if (entry.isDirectory()) walk(path);
          else if (entry.isFile()) {
            let content;
            try { content = fs.readFileSync(path); } catch { continue; }
            for (const [name, mark] of marks) if (content.includes(mark)) found.push(name + ": " + path);
          }
        }
      };
      walk("/");
      console.log(JSON.stringify(found));`;
    const { stdout, stderr, exitCode } = await execute(postern.engine, container, [
      "/usr/libexec/postern/node",
      "-e",
      script,
    ]);
    assert.equal(exitCode, 0, stderr);
    return JSON.parse(stdout);
  }
});
