import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { type Server, connect, createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { execute } from "#container/exec.ts";
import { findFirst } from "#test/harness/bridge.ts";
import { startCompositor } from "#test/harness/compositor.ts";
import { configure } from "#test/harness/configure.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";
import { greetedClient } from "#test/harness/raw-client.ts";
import { startSoundServer } from "#test/harness/sound-server.ts";

const SECONDS = 60;
const ENTRIES = 500;
const FILLED = "the one that is filled";
/** What a person may want of the command while the browser does its worst. */
const ORDERS = [["status"], ["lock"], ["unlock"], ["status"]] as const;
const MARK = "marker-of-the-headline-";

/** What the attacker found (headline/attacker.ts). */
interface Loot {
  secrets: string[];
  /** The labels that it was told, by the domain it asked about. */
  learned: Record<string, string[]>;
  reached: string[];
  answers: Record<string, Record<string, number>>;
}

/** What it did meanwhile to everything else that leads out of its container (headline/flood.ts). */
interface Flood {
  /** How often each channel took something. */
  used: Record<string, number>;
  /** Of this machine's addresses, and files. */
  reached: string[];
}

/** The person says yes after a moment, as people do, until they leave the keyboard. */
const CONSENT = (directory: string): string => `#!/bin/sh
if [ ! -e ${directory}/away ]; then sleep 1; echo '{"answer":"once"}'; else exec sleep 300; fi
`;

describe(`the headline: the attacker owns the browser's container for ${SECONDS} s, with nobody at the keyboard`, function () {
  this.timeout(600_000);
  let store: PassStore;
  let postern: TestPostern;
  let loot: Loot;
  let flood: Flood;
  let server: Server | undefined;
  /** Of this machine, the bridges of both gates among them. */
  let addresses: string[];
  /** What came of each order during the attack: its exit code, or nothing before the end. */
  const answers: unknown[] = [];
  /** The gate of another browser, which has nobody's attention. */
  let other: string;
  const parts = new AsyncDisposableStack();
  before(async () => {
    store = parts.use(await makePassStore({ "localhost:8000/alice": FILLED }));
    await addEntries(store);
    await writeFile(join(store.home, "consent"), CONSENT(store.home));
    await chmod(join(store.home, "consent"), 0o755);
    const compositor = parts.use(await startCompositor());
    postern = parts.use(await testPostern({ GNUPGHOME: store.gnupg, ...compositor.environment }));
    parts.use(await startSoundServer(join(postern.home, "run"), join(postern.home, ".config/pulse/cookie")));
    await configure(postern, `[consent]\ncommand = ["${store.home}/consent"]\n`);
    await up(postern.gate, "--network", "internet");
    assert.deepEqual(await fill(), { password: FILLED });
    other = `${postern.gate}-2`;
    await up(other, "--headless", "--ephemeral", "--network", "internet");
    await writeFile(join(store.home, "away"), "");
    server = createServer((socket) => socket.on("error", () => undefined).end("reached")).listen(0, "0.0.0.0");
    await once(server, "listening");
    addresses = await ownAddresses();
    const attacking = Promise.all([attack(), floodAll()]);
    const ended = attacking.then(() => "ended");
    // Nothing that a person orders waits for the end of it.
    for (const order of ORDERS) {
      const answered = postern
        .run(...order, ...(order[0] === "status" ? [] : [other]))
        .then(({ exitCode }) => exitCode);
      answers.push([order[0], await Promise.race([answered, ended])]);
    }
    [loot, flood] = await attacking;
    print();
  });
  after(async () => {
    server?.close();
    await parts.disposeAsync();
  });

  it("keeps every channel busy, and no order of the person's waiting", () => {
    const channels = ["bridge", "display", "downloads", "network", "output", "sound"];
    assert.deepEqual(Object.keys(flood.used).toSorted(), channels);
    assert.deepEqual(
      answers,
      ORDERS.map(([order]) => [order, 0]),
    );
  });

  it("gets not one secret", () => {
    assert.deepEqual(loot.secrets, []);
  });

  it("learns the labels of at most 20 domains, which it knew", () => {
    const domains = Object.keys(loot.learned);
    assert.ok(domains.length > 0 && domains.length <= 20, `${domains.length} domains`);
    for (const domain of domains) assert.deepEqual(loot.learned[domain], [`${domain}/alice`]);
  });

  it("reaches no store, keyring, agent, log, bus or engine, and no socket but those that it is given", () => {
    assert.deepEqual(loot.reached, []);
  });

  it("reaches no address of this machine, no other gate's bridge, and no file by a link", async () => {
    assert.ok(addresses.length > 3, addresses.join());
    for (const address of addresses) {
      const pieces: unknown[] = await connect(portOf(server), address).toArray();
      assert.equal(pieces.join(""), "reached", address);
    }
    assert.deepEqual(flood.reached, []);
  });

  it("is locked out in the end, and the next request after the unlocking works", async () => {
    assert.match((await postern.run("status")).stdout, new RegExp(`Gate\\s+${postern.gate}: locked`));
    assert.equal((await postern.run("unlock")).exitCode, 0);
    assert.match((await postern.run("status")).stdout, new RegExp(`Gate\\s+${postern.gate}: ready`));
    await rm(join(store.home, "away"));
    assert.deepEqual(await fill(), { password: FILLED });
  });

  it("leaves a log that shows what it asked for", async () => {
    const log = (await postern.log()).filter((line) => line.gate === postern.gate);
    const looked = log.filter((line) => line.type === "find" && line.decision === "allowed");
    const origins = looked.map((line) => String(line.origin));
    for (const domain of Object.keys(loot.learned)) assert.ok(origins.includes(`https://${domain}`), domain);
    const gets = log.filter((line) => line.type === "get");
    assert.ok(gets.some((line) => line.decision === "refused"));
    const released = gets.filter((line) => line.decision === "allowed").map((line) => line.entry);
    // Before, and after the unlocking.
    assert.deepEqual(released, ["localhost:8000/alice", "localhost:8000/alice"]);
  });

  /** As the extension fills a page, with the person's yes. */
  async function fill(): Promise<unknown> {
    using client = await greetedClient(join(postern.home, "run/postern/gates", postern.gate, "bridge.sock"));
    const origin = "http://localhost:8000";
    const handle = await findFirst(client, 2, origin);
    const { result } = await client.ask({ id: 3, type: "get", handle, origin, fields: ["password"] });
    return result;
  }

  async function up(...parameters: string[]): Promise<void> {
    const { exitCode, stderr } = await postern.run("up", ...parameters, "--store", store.store);
    assert.equal(exitCode, 0, stderr);
  }

  async function attack(): Promise<Loot> {
    // It knows every domain of the store, in an order of its own.
    const domains = Array.from({ length: ENTRIES }, (_, at) => domainOf(((at * 7) % ENTRIES) + 1));
    return JSON.parse(await inside("attacker.ts", MARK, ...domains));
  }

  async function floodAll(): Promise<Flood> {
    return JSON.parse(await inside("flood.ts", String(portOf(server)), ...addresses));
  }

  /** Runs a file of headline/ in the browser's container as its user. @returns what it printed */
  async function inside(file: string, ...parameters: string[]): Promise<string> {
    const script = await readFile(join(import.meta.dirname, "headline", file), "utf8");
    const node = ["/usr/libexec/postern/node", "--input-type=module-typescript", "-e", script, "--", String(SECONDS)];
    const { stdout, stderr } = await execute(postern.engine, await postern.container("firefox"), [
      ...node,
      ...parameters,
    ]);
    assert.equal(stderr, "");
    return stdout;
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
      ["files, sockets and addresses that it reached", loot.reached.length + flood.reached.length],
      ...Object.entries(flood.used).map(([channel, times]) => [`times that it used: ${channel}`, times] as const),
    ] as const;
    for (const [name, value] of rows) process.stdout.write(`    ${name.padEnd(46)}${String(value).padStart(8)}\n`);
    for (const [name, codes] of Object.entries(loot.answers)) {
      const told = Object.entries(codes).map(([code, count]) => `${code} ${count}`);
      process.stdout.write(`    ${name.padEnd(46)}${told.join(", ").padStart(8)}\n`);
    }
  }
});

function portOf(server?: Server): number {
  const bound = server?.address();
  assert.ok(typeof bound === "object" && bound !== null);
  return bound.port;
}

/** All that the kernel has, with a carrier or without; its own loopback is another one inside. */
async function ownAddresses(): Promise<string[]> {
  const { stdout } = await promisify(execFile)("ip", ["-4", "-json", "address"]);
  const interfaces: { addr_info: { local: string }[] }[] = JSON.parse(stdout);
  const all = interfaces.flatMap(({ addr_info: those }) => those.map(({ local }) => local));
  return all.filter((address) => !address.startsWith("127."));
}

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
