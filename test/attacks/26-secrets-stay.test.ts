import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { execute } from "#container/exec.ts";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { testPostern } from "#test/harness/postern.ts";
import { codeOf, greetedClient } from "#test/harness/raw-client.ts";

const run = promisify(execFile);
const PASSWORD = "marker-password-of-attack-26";
const SEED = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U";
const NOTE = "marker-note-of-attack-26";
const SAVED = "marker-saved-of-attack-26";
const ORIGIN = "https://example.com";

/** Whatever must be found nowhere but in the reply to an allowed `get`. */
const SECRETS = [PASSWORD, SEED, NOTE, SAVED];

describe("attack 26: a secret appears in no log, error, argument, environment, core file or crash report", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  before(async () => {
    broker = await startBroker({
      entries: {
        "example.com/alice": `${PASSWORD}\nlogin: alice\notpauth://totp/x?secret=${SEED}\nnote: ${NOTE}\n`,
        "broken.example.org": `\notpauth://totp/x?secret=${SEED}&digits=99\n${NOTE}\n`,
        "redirect.example.org": `gopass://other/${PASSWORD}\n`,
      },
    });
  });
  after(() => broker[Symbol.asyncDispose]());

  it("while logins are released, refused and broken", async () => {
    using client = await greetedClient(broker.socket);
    const seen: string[] = [];
    const watch = watchProcesses(seen, broker.store.home);

    const handle = await findFirst(client, 2, ORIGIN);
    const released = await client.ask({
      id: 3,
      type: "get",
      handle,
      origin: ORIGIN,
      fields: ["username", "password", "otp"],
    });
    assert.match(JSON.stringify(released), new RegExp(PASSWORD));
    assert.doesNotMatch(JSON.stringify(released), new RegExp(`${SEED}|${NOTE}`));

    await broker.person(async () => "deny");
    const again = await findFirst(client, 4, ORIGIN);
    assert.equal(
      codeOf(await client.ask({ id: 5, type: "get", handle: again, origin: ORIGIN, fields: ["password"] })),
      "denied",
    );
    await broker.person(async () => "once");
    const errors: unknown[] = [];
    let id = 6;
    for (const origin of ["https://broken.example.org", "https://redirect.example.org"]) {
      const broken = await findFirst(client, (id += 1), origin);
      const reply = await client.ask({
        id: (id += 1),
        type: "get",
        handle: broken,
        origin,
        fields: ["password", "otp"],
      });
      assert.equal(codeOf(reply), "entry_invalid", origin);
      errors.push(reply);
    }
    const save = { type: "save", origin: ORIGIN, username: "bob", password: SAVED };
    // It is soon over, and may be while nobody looks.
    await eventually("a pass at work", async () => {
      const saved = await client.ask({ ...save, id: (id += 1), username: `bob${id}` });
      assert.equal(saved.ok, true);
      errors.push(saved);
      return seen.some((line) => line.includes("insert\0--multiline"));
    });
    errors.push(await client.ask({ id: (id += 1), ...save, password: `pass: ${SAVED}` }));
    assert.equal(codeOf(Object(errors.at(-1))), "entry_invalid");
    watch.stop();

    const pid = broker.process.pid;
    const places = {
      errors: JSON.stringify(errors),
      log: JSON.stringify(await broker.log()),
      output: broker.output(),
      arguments: await readFile(`/proc/${pid}/cmdline`, "utf8"),
      environment: await readFile(`/proc/${pid}/environ`, "utf8"),
      "arguments and environments of its children": seen.join("\n"),
      questions: JSON.stringify(broker.questions),
    };
    assert.ok(
      seen.some((line) => line.includes("--decrypt")),
      "no gpg was seen at work",
    );
    for (const secret of SECRETS) {
      await assert.rejects(run("grep", ["--recursive", "--files-with-matches", secret, broker.store.home]), {
        code: 1,
      });
    }
    for (const [place, text] of Object.entries(places)) {
      for (const secret of SECRETS) assert.equal(text.includes(secret), false, `${secret} in ${place}`);
    }
  });

  it("after a crash: no core file and no report is left, in the state directory or where it ran", async () => {
    broker.process.kill("SIGABRT");
    await new Promise((resolve) => broker.process.once("exit", resolve));
    for (const directory of [broker.state, broker.store.home]) {
      const names = await readdir(directory);
      assert.deepEqual(
        names.filter((name) => /^core(\.|$)|^report\..*\.json$/.test(name)),
        [],
      );
    }
    const text = await readFile(join(broker.state, "audit.jsonl"), "utf8");
    for (const secret of SECRETS) assert.equal(text.includes(secret), false);

    // Whether there could be one is for its container to say.
    await using postern = await testPostern({ GNUPGHOME: broker.store.gnupg });
    const { exitCode, stderr } = await postern.run("up", "--vault", "--store", broker.store.store);
    assert.equal(exitCode, 0, stderr);
    const vault = await postern.container("vault");
    const inVault = (line: string) => execute(postern.engine, vault, ["sh", "-c", line]);
    const find = 'for p in /proc/[0-9]*; do [ "$(readlink $p/exe)" != /usr/libexec/postern/node ] || echo $p; done';
    const found = (await inVault(find)).stdout.trim();
    assert.match(found, /^\/proc\/\d+$/);
    assert.match((await inVault(`cat ${found}/limits`)).stdout, /^Max core file size +0 +0 /m);
    assert.match((await inVault(`touch ${found}/cwd/marker`)).stderr, /Read-only file system/);

    await inVault(`kill -ABRT ${found.replace("/proc/", "")}`);
    await eventually("its end", () =>
      postern.container("vault").then(
        () => false,
        () => true,
      ),
    );
    assert.deepEqual(await readdir(join(postern.home, ".local/state/postern/log")), ["audit.jsonl"]);
  });
});

/** Notes arguments and environment of every gpg and every pass that is at work in this home, as often as it can look. */
function watchProcesses(seen: string[], home: string): { stop: () => void } {
  const stop = new AbortController();
  void (async () => {
    while (!stop.signal.aborted) {
      for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
        const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
        if (!/^gpg\0|\/gpg\0|insert\0--multiline/.test(line)) continue;
        const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
        if (`${line}${environment}`.includes(home)) seen.push(line, environment);
      }
    }
  })();
  return { stop: () => stop.abort() };
}
