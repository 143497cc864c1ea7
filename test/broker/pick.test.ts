import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type ChooseEntry, chooseByProgram } from "#consent/choose-by-program.ts";
import { createFairness } from "#consent/person.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { makePassStore } from "#test/harness/pass-store.ts";
import { type RawClient, codeOf, greetedClient } from "#test/harness/raw-client.ts";
import { TIMER } from "#test/harness/prompt-timer.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const ORIGIN = "https://example.com";
const ENTRIES = {
  "work/bank.com/alice": "secret-of-bank\n",
  "work/wifi at home": "secret-of-wifi\n",
  "work/example.com": "own\n",
  "work/shop/login": "alice\n",
  "work/shop/password": "secret-of-shop\n",
  "private/bank.com/alice": "secret-of-private\n",
};

describe("pick, right after the start", () => {
  it("shows all of a store that is still being read", async () => {
    await using store = await makePassStore({ "example.com/alice": "secret" });
    const text = await readFile(join(store.store, "example.com/alice.gpg"));
    const names = Array.from({ length: 3_000 }, (_, at) => `site${at}.example.net/alice`);
    for (const name of names) {
      await mkdir(join(store.store, dirname(name)));
      await writeFile(join(store.store, `${name}.gpg`), text);
    }
    let shown: readonly string[] = [];
    const choose: ChooseEntry = async (_question, entries) => {
      shown = entries;
      return { answer: "deny" };
    };
    await using broker = await startBroker({ store, choose });
    using client = await greetedClient(broker.socket);
    assert.equal(codeOf(await client.ask({ id: 2, type: "pick", origin: ORIGIN })), "denied");
    assert.deepEqual(new Set(shown), new Set(["example.com/alice", ...names]));
  }).timeout(60_000);
});

describe("pick", function () {
  this.timeout(120_000);
  let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
  let broker: TestBroker;
  let client: RawClient;
  let id = 10;
  before(async () => {
    folder = await temporaryDirectory();
    // What dmenu is to its caller. It says what it was given, and waits as long as one who reads.
    const file = (name: string): string => join(folder.path, name);
    const script = `/bin/cat > ${file("lines")}; echo "$@" > ${file("asked")}; /bin/sleep 0.8; /bin/cat ${file("choice")}`;
    await fakeProgram(file("bin"), "dmenu", script);
    const environment = { PATH: file("bin"), DISPLAY: ":99" };
    const choose = chooseByProgram(undefined, environment, createFairness(), TIMER);
    const config = '[gates.test]\nfolders = ["work"]\n';
    broker = await startBroker({ entries: ENTRIES, config, choose });
    client = await greetedClient(broker.socket);
  });
  after(async () => {
    client[Symbol.dispose]();
    await broker[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const ask = (request: Record<string, unknown>) => client.ask({ ...request, id: (id += 1) });
  const choosing = (line: string) => writeFile(join(folder.path, "choice"), line);

  it("shows all that the gate sees, the origin first, and tells the browser of the chosen one alone", async () => {
    await choosing("work/bank.com/alice\n");
    const { result } = await ask({ type: "pick", origin: ORIGIN });
    assert.partialDeepStrictEqual(result, { entry: { label: "bank.com/alice", username: "alice", match: "picked" } });
    const lines = await readFile(join(folder.path, "lines"), "utf8");
    assert.equal(lines, "work/bank.com/alice\nwork/example.com\nwork/shop/password\nwork/wifi at home\n");
    assert.match(
      await readFile(join(folder.path, "asked"), "utf8"),
      /^-i -l 20 -p https:\/\/example\.com \(test\): $/m,
    );
    assert.doesNotMatch(JSON.stringify(client.received), /wifi|private|secret/);
    assert.equal((await broker.log()).at(-1)?.entry, "work/bank.com/alice");
  });

  it("releases nothing: its get asks, and names both sites", async () => {
    await choosing("work/bank.com/alice\n");
    const { result } = await ask({ type: "pick", origin: ORIGIN });
    const [, handle = ""] = /"handle":"([\w-]{22})"/.exec(JSON.stringify(result)) ?? [];
    const get = { type: "get", handle, fields: ["password"] };
    assert.equal(codeOf(await ask({ ...get, origin: "https://bank.com" })), "origin_mismatch");
    assert.deepEqual((await ask({ ...get, origin: ORIGIN })).result, { password: "secret-of-bank" });
    assert.partialDeepStrictEqual(broker.questions, [{ origin: ORIGIN, site: "bank.com", match: "picked" }]);
  });

  it("offers what names no site as well, once for all the files it lies in", async () => {
    await choosing("work/shop/password\n");
    const { result } = await ask({ type: "pick", origin: ORIGIN });
    assert.partialDeepStrictEqual(result, { entry: { label: "shop" } });
    const [, handle = ""] = /"handle":"([\w-]{22})"/.exec(JSON.stringify(result)) ?? [];
    const reply = await ask({ type: "get", handle, origin: ORIGIN, fields: ["username", "password"] });
    assert.deepEqual(reply.result, { username: "alice", password: "secret-of-shop" });
    assert.partialDeepStrictEqual(broker.questions.at(-1), { site: "", match: "picked" });
  });

  it("is limited to three a minute, and has nothing for a page over http", async () => {
    const choose: ChooseEntry = async () => ({ answer: "chosen", place: 0 });
    await using other = await startBroker({ entries: { "bank.com": "x" }, choose });
    using peer = await greetedClient(other.socket);
    const pick = (at: number, origin: string) => peer.ask({ id: at, type: "pick", origin });
    assert.equal(codeOf(await pick(2, "http://example.com")), "denied");
    for (const at of [3, 4]) assert.equal((await pick(at, ORIGIN)).ok, true);
    assert.equal(codeOf(await pick(5, ORIGIN)), "rate_limited");
  });
});
