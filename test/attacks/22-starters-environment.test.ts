import assert from "node:assert/strict";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { execute } from "#container/exec.ts";
import { runBrowser } from "#test/container/running.ts";
import { configure } from "#test/harness/configure.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { namedParent } from "#test/harness/named-parent.ts";
import { type NativeHost, startNativeHost } from "#test/harness/native-host.ts";
import { makePassStore } from "#test/harness/pass-store.ts";
import { testPostern } from "#test/harness/postern.ts";
import { HELLO } from "#test/harness/raw-client.ts";

const ORIGIN = "https://example.org";
/** Named by the loader in a complaint of every program that it is given to. */
const PRELOADED = "/nonexistent/of-attack-22.so";
/** The script's own shell and env(1), which take the environment away: what loads into them is their starter's affair. */
const BEFORE_IT_IS_GONE = 2;

/** What says where the sockets lie; of PATH the name alone. */
const PASSED_ON = new Set(["PATH", "TEMP", "TMP", "TMPDIR", "XDG_RUNTIME_DIR"]);

/** Everything that loads or leads elsewhere, with each leaving a file in `marks` where it takes effect. */
function hostile(traps: string, path: string): Record<string, string> {
  return {
    LD_PRELOAD: PRELOADED,
    LD_LIBRARY_PATH: join(traps, "lib"),
    NODE_OPTIONS: `--require ${join(traps, "require.cjs")}`,
    NODE_V8_COVERAGE: join(traps, "marks"),
    BASH_ENV: join(traps, "shell.sh"),
    ENV: join(traps, "shell.sh"),
    PATH: `${join(traps, "bin")}:${path}`,
    GNUPGHOME: join(traps, "gnupg"),
    PASSWORD_STORE_DIR: join(traps, "store"),
    PASSWORD_STORE_GPG_OPTS: `--status-file ${join(traps, "marks/gpg-options")}`,
    PASSWORD_STORE_ENABLE_EXTENSIONS: "true",
  };
}

const PROGRAMS = ["gpg", "gpgconf", "pass", "node", "env", "cat", "sh", "git"];
const FILES = {
  "require.cjs": (traps: string) => `require("node:fs").writeFileSync("${traps}/marks/node", "");\n`,
  "shell.sh": (traps: string) => `: > ${traps}/marks/shell\n`,
  "gnupg/gpg.conf": (traps: string) => `log-file ${traps}/marks/gpg\nno-such-option\n`,
};

describe("attack 22: the environment of whoever starts the host", function () {
  this.timeout(300_000);

  it("the installed host: has no effect on it, on the broker or on gpg", async () => {
    await using store = await makePassStore({ "example.org/alice": "pw-alice\n" });
    await using postern = await testPostern({ GNUPGHOME: store.gnupg, PASSWORD_STORE_DIR: store.store });
    const consent = await fakeProgram(postern.home, "consent", `cat > /dev/null; sleep 0.8; echo '{"answer":"once"}'`);
    await configure(postern, `consent.command = [${JSON.stringify(consent)}]\n`);
    for (const words of [
      ["install", "firefox"],
      ["up", "--vault"],
    ]) {
      const { exitCode, stderr } = await postern.run(...words);
      assert.equal(exitCode, 0, stderr);
    }
    const traps = join(store.home, "traps");
    const marks = () => readdir(join(traps, "marks"));
    for (const folder of ["marks", "lib", "gnupg", "store"]) await mkdir(join(traps, folder), { recursive: true });
    for (const [name, text] of Object.entries(FILES)) await writeFile(join(traps, name), text(traps));
    for (const name of PROGRAMS) await fakeProgram(join(traps, "bin"), name, `: > ${traps}/marks/${name}; exit 1`);
    const environment = { ...postern.environment, ...hostile(traps, "/usr/bin:/bin") };

    const program = join(postern.home, ".local/share/postern/postern-host");
    const browser = await namedParent(store.home, "firefox");
    const host = startNativeHost([...browser, program, "manifest.json", "@postern"], { env: environment });
    assert.equal((await host.ask(HELLO)).ok, true);
    assert.match(JSON.stringify(await releaseOf(host)), /pw-alice/);
    const { pid } = host.process;
    const child = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).trim();
    const found = await readFile(`/proc/${child}/environ`, "utf8");
    const names = found.split("\0").map((line) => line.split("=")[0] ?? "");
    // A shell sets its own.
    assert.deepEqual(new Set(names).difference(new Set(["", "PWD", "SHLVL", "_", "OLDPWD"])), PASSED_ON);
    assert.match(found, /(?:^|\0)PATH=\/usr\/bin:\/bin\0/);
    host.process.stdin?.end();
    assert.equal(await host.exitCode(), 0);
    assert.equal(host.stderr().split(PRELOADED).length - 1, 1 + BEFORE_IT_IS_GONE, host.stderr());
    assert.deepEqual(await marks(), []);

    // The traps do spring.
    await execa(process.execPath, ["-e", "0"], { env: environment, extendEnv: false });
    await execa("bash", ["-c", "gpg"], { env: environment, extendEnv: false, reject: false, stdin: "ignore" });
    const sprung = await marks();
    for (const name of ["node", "shell", "gpg"]) assert.ok(sprung.includes(name), name);
  });

  it("the host in the browser's container: has no effect on it", async () => {
    await using browser = await runBrowser({ isIdle: true });
    const traps = "/tmp/traps";
    const files = Object.entries(FILES).map(([name, text]) => `printf '%s' '${text(traps)}' > ${traps}/${name};`);
    await browser.sh(`mkdir -p ${traps}/marks ${traps}/gnupg ${traps}/bin; ${files.join(" ")}`);
    const environment = Object.entries(hostile(traps, "/usr/bin:/bin")).map(([name, value]) => `${name}=${value}`);
    const run = (...command: string[]) =>
      execute(browser.engine, browser.container, ["/usr/bin/env", ...environment, ...command]);

    const { exitCode, stdout, stderr } = await run("/usr/libexec/postern/postern-host", "manifest.json", "@postern");
    assert.deepEqual([exitCode, stdout], [0, ""], stderr);
    assert.equal(stderr.split(PRELOADED).length - 1, BEFORE_IT_IS_GONE, stderr);
    assert.equal((await browser.sh(`ls ${traps}/marks`)).stdout, "");

    await run("/usr/libexec/postern/node", "-e", "0");
    assert.match((await browser.sh(`ls ${traps}/marks`)).stdout, /^node$/m);
  });
});

async function releaseOf(host: NativeHost): Promise<Record<string, unknown>> {
  const found = JSON.stringify(await host.ask({ id: 2, type: "find", origin: ORIGIN, use: "form" }));
  const handle = /"handle":"([\w-]{22})"/.exec(found)?.[1];
  return await host.ask({ id: 3, type: "get", handle, origin: ORIGIN, fields: ["password"] });
}
