import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { findFirst } from "#test/harness/bridge.ts";
import { eventually } from "#test/harness/eventually.ts";
import { assertExplained } from "#test/harness/failure.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { listeningDescriptor } from "#test/harness/listening-descriptor.ts";
import { makePassStore } from "#test/harness/pass-store.ts";
import type { Run } from "#test/harness/postern.ts";
import { greetedClient } from "#test/harness/raw-client.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const ROOT = join(import.meta.dirname, "../..");
const UNITS = join(ROOT, "manifests/systemd");
const ORIGIN = "https://example.com";
const PROGRAM = "%h/.local/share/postern/program";

/** The values of a setting of a unit. */
async function setting(unit: string, name: string): Promise<string[]> {
  const lines = (await readFile(join(UNITS, unit), "utf8")).split("\n");
  return lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1));
}

describe("the broker as a user's service", function () {
  this.timeout(120_000);

  it("serves the browser whose connection systemd passes on, with the session process beside it", async () => {
    await using parts = new AsyncDisposableStack();
    const { home, store, environment } = parts.use(await makePassStore({ "example.com": "secret" }));
    const runtime = join(home, "run");
    const marker = join(home, "ready");
    // Whoever it is has read the question first.
    const person = await fakeProgram(home, "person", `cat >/dev/null; sleep 1; echo '{"answer": "session"}'`);
    await fakeProgram(
      join(home, "bin"),
      "systemd-notify",
      `echo "$* $NOTIFY_SOCKET" >${marker}.new; mv ${marker}.new ${marker}`,
    );
    await mkdir(join(home, ".config/postern"), { recursive: true });
    await writeFile(join(home, ".config/postern/config.toml"), `[consent]\ncommand = ["${person}"]\n`);
    const [listen = ""] = await setting("postern-broker.socket", "ListenStream");
    const path = expanded(listen);
    await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
    const socket = parts.use(await listeningDescriptor(path));

    function expanded(text: string): string {
      const known = { [PROGRAM]: join(ROOT, "dist"), "%h/.password-store": store, "%h": home, "%t": runtime };
      return Object.entries(known).reduce((rest, [from, to]) => rest.replaceAll(from, to), text);
    }
    async function start(
      unit: string,
      extra: Record<string, string>,
      descriptors: number[] = [],
    ): Promise<ChildProcess> {
      const [command = ""] = await setting(unit, "ExecStart");
      const words = expanded(command.replace(`${PROGRAM}/node`, process.execPath)).split(" ");
      const child = spawn("/bin/sh", ["-c", 'LISTEN_PID=$$ exec "$@"', "sh", ...words], {
        env: {
          PATH: `${home}/bin:${process.env.PATH}`,
          HOME: home,
          XDG_RUNTIME_DIR: runtime,
          LANG: "C.UTF-8",
          ...extra,
        },
        stdio: ["ignore", "ignore", "ignore", ...descriptors],
      });
      parts.defer(async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill();
        await once(child, "exit", { signal: AbortSignal.timeout(30_000) });
      });
      return child;
    }
    async function postern(...words: string[]): Promise<Run> {
      const child = promisify(execFile)(process.execPath, [join(ROOT, "dist/postern.cjs"), ...words], {
        env: { ...environment, XDG_RUNTIME_DIR: runtime },
      });
      const { stdout, stderr } = await child.catch((error: unknown) => ({ stdout: "", stderr: "", ...Object(error) }));
      return { exitCode: child.child.exitCode, stdout, stderr };
    }

    const notify = join(home, "notify");
    const { GNUPGHOME = "", PASSWORD_STORE_DIR = "" } = environment;
    const session = await start("postern-session.service", { GNUPGHOME, PASSWORD_STORE_DIR, NOTIFY_SOCKET: notify });
    await eventually("the session process is ready", () => stat(marker).catch(() => undefined));
    assert.equal(await readFile(marker, "utf8"), `--ready ${notify}\n`);
    assert.match((await postern("status")).stdout, /^Store .*0 entries$/m);
    const [name = ""] = await setting("postern-broker.socket", "FileDescriptorName");
    await start("postern-broker.service", { LISTEN_FDS: "1", LISTEN_FDNAMES: name }, [socket.descriptor]);
    await eventually("the broker", async () => /^Gate +session: ready/m.test((await postern("status")).stdout));
    await socket[Symbol.asyncDispose]();

    using client = await greetedClient(path);
    const handle = await findFirst(client, 2, ORIGIN);
    const reply = await client.ask({ id: 3, type: "get", handle, origin: ORIGIN, fields: ["password"] });
    assert.deepEqual(reply.result, { password: "secret" });
    assert.match((await postern("grants")).stdout, /^session +example\.com +https:\/\/example\.com +password/m);
    assert.match((await postern("doctor")).stdout, /^fine +engine +not needed/m);
    assertExplained(await postern("up", "--vault"), /runs as a service/, /systemctl --user stop/);
    assert.match(await readFile(join(home, ".local/state/postern/log/audit.jsonl"), "utf8"), /"get".*"allowed"/);

    assert.equal((await postern("down")).exitCode, 0);
    await eventually("the session process has ended", () => session.exitCode === 0);
    await assert.rejects(stat(join(runtime, "postern/vault/gnupg")), { code: "ENOENT" });
  });

  it("is given no more of the home and of the run-time directory than it reads, and where it writes its log", async () => {
    const service = "postern-broker.service";
    assert.deepEqual(await setting(service, "BindPaths"), ["%h/.local/state/postern/log"]);
    assert.deepEqual(await setting(service, "BindReadOnlyPaths"), [
      `${PROGRAM} %h/.password-store %h/.config/postern %t/postern/vault`,
    ]);
    assert.deepEqual(await setting(service, "TemporaryFileSystem"), [
      "%h:ro /run:ro /var:ro /dev/pts:ro /tmp /dev/shm",
    ]);
    const [command = ""] = await setting(service, "ExecStart");
    assert.match(
      command,
      /--gnupg %t\/postern\/vault\/gnupg .*--session %t\/postern\/vault --state %h\/\.local\/state\/postern\/log /,
    );
  });

  it("is of units that systemd takes, and holds to be hardened", async () => {
    const analyze = (...words: string[]): Promise<unknown> =>
      promisify(execFile)("systemd-analyze", words, {
        env: { PATH: process.env.PATH, HOME: home, XDG_RUNTIME_DIR: home },
      });
    await using temporary = await temporaryDirectory();
    const home = temporary.path;
    // It also looks whether what they start is there.
    const program = PROGRAM.replace("%h", home);
    for (const name of ["node", "postern-broker.cjs", "postern-session.cjs"]) await fakeProgram(program, name, "");
    const units = ["postern-broker.socket", "postern-broker.service", "postern-session.service"];
    await analyze("verify", "--user", "--recursive-errors=no", ...units.map((unit) => join(UNITS, unit)));
    // Of 10; what is below 2 is called safe.
    await analyze("security", "--user", "--offline=true", "--threshold=15", join(UNITS, "postern-broker.service"));
  });
});
