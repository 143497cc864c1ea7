import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { createGpg } from "#broker/gpg.ts";
import { PosternError } from "#protocol/error.ts";
import { eventually } from "#test/harness/eventually.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";

const run = promisify(execFile);

/** A pinentry that answers GETPIN in its own way; `$0.pid` tells that it was started. */
function pinentry(onGetPin: string): string {
  return `echo $$ > "$0.pid"
echo OK
while read -r command rest; do
  case "$command" in
    GETPIN) ${onGetPin} ;;
    BYE) echo OK; exit ;;
    *) echo OK ;;
  esac
done`;
}

describe("attack 25: an agent in trouble", function () {
  this.timeout(60_000);
  let mine: PassStore;
  let message: Buffer;
  const never = new AbortController().signal;
  const path = process.env.PATH ?? "";

  before(async () => {
    mine = await makePassStore({ entry: "hunter2" }, "open sesame");
    message = await readFile(join(mine.store, "entry.gpg"));
  });
  after(() => mine[Symbol.asyncDispose]());

  /** A fresh agent, which knows no passphrase and asks by this script. */
  async function askBy(script: string): Promise<string> {
    const program = await fakeProgram(mine.home, "pinentry", script);
    await rm(`${program}.pid`, { force: true });
    await restartAgent(program);
    return program;
  }

  async function restartAgent(program: string): Promise<void> {
    await run("gpgconf", ["--kill", "gpg-agent"], { env: mine.environment });
    await writeFile(join(mine.gnupg, "gpg-agent.conf"), `pinentry-program ${program}\n`);
    await run("gpg-connect-agent", ["/bye"], { env: mine.environment });
  }

  async function decrypt(patience?: number, signal = never): Promise<string> {
    const gpg = createGpg({ homedir: mine.gnupg, path, signal: never, ...(patience !== undefined && { patience }) });
    return (await gpg.decrypt(message, signal)).toString();
  }

  it("five troubles have five codes, leave no zombie, and the next request works after each", async () => {
    const works = async (): Promise<void> => {
      await askBy(pinentry('echo "D open sesame"; echo OK'));
      assert.equal(await decrypt(), "hunter2");
      await eventually("no zombie", async () => (await zombies()).length === 0);
    };
    const codes: unknown[] = [];
    const failing = async (decrypted: Promise<unknown>, mend?: () => Promise<void>): Promise<void> => {
      codes.push(
        await decrypted.then(
          () => "decrypted",
          (error: unknown) => (error instanceof PosternError ? error.code : error),
        ),
      );
      await mend?.();
      await works();
    };

    await askBy(pinentry('echo "ERR 83886179 Operation cancelled <Pinentry>"'));
    await failing(decrypt());

    const hung = await askBy(pinentry("exec sleep 600"));
    await failing(decrypt(500), () => endPinentry(hung));

    await run("gpgconf", ["--kill", "gpg-agent"], { env: mine.environment });
    await failing(decrypt());

    // The public key is there, the private one is not.
    const keys = join(mine.gnupg, "private-keys-v1.d");
    await rename(keys, `${keys}.away`);
    await askBy(pinentry('echo "D open sesame"; echo OK'));
    await failing(decrypt(), async () => {
      await rm(keys, { recursive: true, force: true });
      await rename(`${keys}.away`, keys);
    });

    // Neither is.
    await using other = await makePassStore({ entry: "of somebody else" });
    const foreign = await readFile(join(other.store, "entry.gpg"));
    await failing(createGpg({ homedir: mine.gnupg, path, signal: never }).decrypt(foreign, never));

    assert.deepEqual(codes, [
      "pinentry_failed",
      "timeout",
      "agent_unreachable",
      "no_secret_key",
      "not_encrypted_to_you",
    ]);
  });

  it("decrypts after the right one", async () => {
    await askBy(pinentry('echo "D open sesame"; echo OK'));
    assert.equal(await decrypt(), "hunter2");
  });

  it("tells a wrong one", async () => {
    await askBy(pinentry('echo "D wrong"; echo OK'));
    await assert.rejects(decrypt(), { code: "pinentry_failed", message: /wrong/ });
  });

  it("tells that none was given", async () => {
    await askBy(pinentry('echo "ERR 83886179 Operation cancelled <Pinentry>"'));
    await assert.rejects(decrypt(), { code: "pinentry_failed", message: /not given/ });
  });

  it("tells that pinentry gave up", async () => {
    await askBy(pinentry('echo "ERR 83886142 Timeout <Pinentry>"'));
    await assert.rejects(decrypt(), { code: "pinentry_failed", message: /in time/ });
  });

  it("tells that there is no pinentry", async () => {
    await restartAgent(join(mine.home, "no-such-pinentry"));
    await assert.rejects(decrypt(), { code: "pinentry_failed", message: /no pinentry/ });
  });

  it("tells that pinentry crashed", async () => {
    await askBy(pinentry("exit 1"));
    await assert.rejects(decrypt(), { code: "pinentry_failed", message: /could not ask/ });
  });

  it("does not wait for ever for a pinentry that hangs, and the next request works", async () => {
    const program = await askBy(pinentry("exec sleep 600"));
    await assert.rejects(decrypt(500), { code: "timeout" });
    await endPinentry(program);
    await askBy(pinentry('echo "D open sesame"; echo OK'));
    assert.equal(await decrypt(), "hunter2");
  });

  it("stops when the request does", async () => {
    const program = await askBy(pinentry("exec sleep 600"));
    const request = new AbortController();
    const decrypted = decrypt(undefined, request.signal);
    decrypted.catch(() => undefined);
    await isAsked(program);
    request.abort(new Error("cancelled"));
    await assert.rejects(decrypted, /cancelled/);
    await endPinentry(program);
    await assert.rejects(decrypt(undefined, AbortSignal.abort(new Error("cancelled before"))), /cancelled before/);
  });

  it("tells an agent that goes away in the middle", async () => {
    const program = await askBy(pinentry("exec sleep 600"));
    const decrypted = decrypt();
    decrypted.catch(() => undefined);
    await isAsked(program);
    const { stdout } = await run("gpg-connect-agent", ["getinfo pid", "/bye"], { env: mine.environment });
    process.kill(Number(/^D (\d+)$/m.exec(stdout)?.[1]), "SIGKILL");
    await assert.rejects(decrypted, { code: "agent_unreachable" });
    await endPinentry(program);
  });
});

/** Children of this process that have ended and were not asked how. */
async function zombies(): Promise<string[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const states = await Promise.all(ids.map((id) => readFile(`/proc/${id}/stat`, "utf8").catch(() => "")));
  return states.filter((state) => new RegExp(`\\) Z ${process.pid} `).test(state));
}

/** Waits until the fake is the sleep that it becomes. */
async function isAsked(program: string): Promise<void> {
  await eventually("pinentry is asked", async () => {
    const pid = await readFile(`${program}.pid`, "utf8").catch(() => "none");
    const command = await readFile(`/proc/${pid.trim()}/cmdline`, "utf8").catch(() => "");
    return command.startsWith("sleep");
  });
}

async function endPinentry(program: string): Promise<void> {
  const pid = Number(await readFile(`${program}.pid`, "utf8"));
  process.kill(pid, "SIGKILL");
  await eventually("pinentry is gone", async () => {
    const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "gone");
    return status === "gone" || / Z /.test(status);
  });
}
