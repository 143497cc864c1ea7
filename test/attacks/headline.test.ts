import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { execute } from "#container/exec.ts";
import { findFirst } from "#test/harness/bridge.ts";
import { configure } from "#test/harness/configure.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";
import { greetedClient } from "#test/harness/raw-client.ts";

const SECONDS = 60;
const ENTRIES = 500;
const FILLED = "the one that is filled";
const MARK = "marker-of-the-headline-";

/** What the attacker found (headline/attacker.ts). */
interface Loot {
  secrets: string[];
  /** The labels that it was told, by the domain it asked about. */
  learned: Record<string, string[]>;
  reached: string[];
  answers: Record<string, Record<string, number>>;
}

/** The person says yes to the first question, after a moment as people do, and then leaves the keyboard. */
const CONSENT = (directory: string): string => `#!/bin/sh
echo asked >> ${directory}/questions
if [ "$(wc -l < ${directory}/questions)" = 1 ]; then sleep 1; echo '{"answer":"once"}'; else exec sleep 300; fi
`;

describe(`the headline: the attacker owns the browser's container for ${SECONDS} s, with nobody at the keyboard`, function () {
  this.timeout(600_000);
  let store: PassStore;
  let postern: TestPostern;
  let loot: Loot;
  const parts = new AsyncDisposableStack();
  before(async () => {
    store = parts.use(await makePassStore({ "localhost:8000/alice": FILLED }));
    await addEntries(store);
    await writeFile(join(store.home, "consent"), CONSENT(store.home));
    await chmod(join(store.home, "consent"), 0o755);
    postern = parts.use(await testPostern({ GNUPGHOME: store.gnupg }));
    await configure(postern, `[consent]\ncommand = ["${store.home}/consent"]\n`);
    const { exitCode, stderr } = await postern.run("up", postern.gate, "--store", store.store, "--headless");
    assert.equal(exitCode, 0, stderr);
    loot = await attack();
    print();
  });
  after(() => parts.disposeAsync());

  it("gets not one secret", () => {
    assert.deepEqual(loot.secrets, []);
  });

  it("learns the labels of at most 20 domains, which it knew", () => {
    const domains = Object.keys(loot.learned);
    assert.ok(domains.length > 0 && domains.length <= 20, `${domains.length} domains`);
    for (const domain of domains) assert.deepEqual(loot.learned[domain], [`${domain}/alice`]);
  });

  it("reaches no store, keyring, agent, log, bus or engine, and no socket but its gate's", () => {
    assert.deepEqual(loot.reached, []);
  });

  it("is locked out in the end, and the next request after the unlocking works", async () => {
    assert.match((await postern.run("status")).stdout, new RegExp(`Gate\\s+${postern.gate}: locked`));
    assert.equal((await postern.run("unlock")).exitCode, 0);
    assert.match((await postern.run("status")).stdout, new RegExp(`Gate\\s+${postern.gate}: ready`));
    // The person is back.
    await writeFile(join(store.home, "consent"), `#!/bin/sh\nsleep 1; echo '{"answer":"once"}'\n`);
    using client = await greetedClient(join(postern.home, "run/postern/gates", postern.gate, "bridge.sock"));
    const origin = "http://localhost:8000";
    const handle = await findFirst(client, 2, origin);
    const { result } = await client.ask({ id: 3, type: "get", handle, origin, fields: ["password"] });
    assert.deepEqual(result, { password: FILLED });
  });

  it("leaves a log that shows what it asked for", async () => {
    const log = (await postern.log()).filter((line) => line.gate === postern.gate);
    const looked = log.filter((line) => line.type === "find" && line.decision === "allowed");
    const origins = looked.map((line) => String(line.origin));
    for (const domain of Object.keys(loot.learned)) assert.ok(origins.includes(`https://${domain}`), domain);
    const gets = log.filter((line) => line.type === "get");
    assert.ok(gets.some((line) => line.decision === "refused"));
    const released = gets.filter((line) => line.decision === "allowed").map((line) => line.entry);
    // By the command, and after the unlocking.
    assert.deepEqual(released, ["localhost:8000/alice", "localhost:8000/alice"]);
  });

  async function attack(): Promise<Loot> {
    const script = await readFile(join(import.meta.dirname, "headline/attacker.ts"), "utf8");
    // It knows every domain of the store, in an order of its own.
    const domains = Array.from({ length: ENTRIES }, (_, at) => domainOf(((at * 7) % ENTRIES) + 1));
    const node = ["/usr/libexec/postern/node", "--input-type=module-typescript", "-e", script, "--"];
    const command = [...node, String(SECONDS), MARK, ...domains];
    const { stdout, stderr } = await execute(postern.engine, await postern.container("firefox"), command);
    assert.equal(stderr, "");
    return JSON.parse(stdout);
  }

  function print(): void {
    const rows = [
      ["seconds", SECONDS],
      ["entries of the store", ENTRIES],
      [
        "requests",
        Object.values(loot.answers)
          .flatMap(Object.values)
          .reduce((sum, count) => sum + count, 0),
      ],
      ["secrets", loot.secrets.length],
      ["domains whose labels it learned", Object.keys(loot.learned).length],
      ["files and sockets of others that it reached", loot.reached.length],
    ] as const;
    for (const [name, value] of rows) process.stdout.write(`    ${name.padEnd(46)}${String(value).padStart(8)}\n`);
    for (const [name, codes] of Object.entries(loot.answers)) {
      const told = Object.entries(codes).map(([code, count]) => `${code} ${count}`);
      process.stdout.write(`    ${name.padEnd(46)}${told.join(", ").padStart(8)}\n`);
    }
  }
});

function domainOf(number: number): string {
  return `shop${number}.com`;
}

/** Encrypted by one gpg, since `pass insert` would take longer than the attack. */
async function addEntries({ store, home, environment }: PassStore): Promise<void> {
  const plain = join(home, "plain");
  await mkdir(plain);
  const numbers = Array.from({ length: ENTRIES }, (_, at) => at + 1);
  for (const number of numbers) await writeFile(join(plain, String(number)), `${MARK}${number}\nlogin: alice\n`);
  const files = numbers.map((number) => join(plain, String(number)));
  const encrypt = ["--batch", "--quiet", "--trust-model", "always", "--recipient", "test@postern.invalid"];
  await promisify(execFile)("gpg", [...encrypt, "--multifile", "--encrypt", ...files], { env: environment });
  for (const number of numbers) {
    await mkdir(join(store, domainOf(number)));
    await rename(join(plain, `${number}.gpg`), join(store, domainOf(number), "alice.gpg"));
  }
}
