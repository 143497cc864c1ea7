import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { access, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { insertByPass } from "#cli/session/saving/run-pass.ts";
import { chooseByProgram } from "#consent/choose-by-program.ts";
import { eventually } from "#test/harness/eventually.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { makePassStore } from "#test/harness/pass-store.ts";
import { TIMER, anyTime } from "#test/harness/prompt-timer.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const NAMES = ["marked-of-attack-70/bank.example", "marked-of-attack-70/doctor.example"];
const PROGRAMS = ["fuzzel", "wofi", "rofi", "bemenu", "dmenu", "zenity", "kdialog"];

describe("attack 70: names of entries in the arguments of programs, which every user of the machine can read", function () {
  this.timeout(120_000);

  for (const name of PROGRAMS) {
    it(`while ${name} lets a person choose: none, and where it cannot do without, it is not offered`, async () => {
      await using folder = await temporaryDirectory();
      await fakeProgram(join(folder.path, "bin"), name, `/bin/cat > ${folder.path}/names; exec /bin/sleep 60`);
      const environment = { PATH: join(folder.path, "bin"), DISPLAY: ":99", WAYLAND_DISPLAY: "w" };
      const gone = new AbortController();
      const question = { gate: "work", origin: "https://example.com" };
      const chosen = chooseByProgram(undefined, environment, anyTime, TIMER)(question, NAMES, gone.signal);
      chosen.catch(() => undefined);
      if (name !== "kdialog") {
        await eventually("the list", async () => {
          const text = await readFile(join(folder.path, "names"), "utf8").catch(() => "");
          return text === `${NAMES.join("\n")}\n`;
        });
      }
      assert.deepEqual(await argumentsWith("marked-of-attack-70"), []);
      gone.abort(new Error("over"));
      await assert.rejects(chosen);
    });
  }

  it("while an entry waits to be saved: none, until pass itself is told its name", async () => {
    await using store = await makePassStore({});
    const lock = join(store.home, "lock");
    const held = join(store.home, "held");
    const holder = spawn("flock", [lock, "/bin/sh", "-c", `touch ${held}; exec cat`], {
      stdio: ["pipe", "ignore", "inherit"],
    });
    await eventually("the lock", () =>
      access(held).then(
        () => true,
        () => false,
      ),
    );
    const saved = insertByPass(NAMES[0] ?? "", "secret\n", lock, store.environment);
    const isWaiting = async () => (await argumentsWith("POSTERN_ENTRY")).some((line) => line.startsWith("flock "));
    await eventually("the next that saves", isWaiting);
    assert.deepEqual(await argumentsWith("marked-of-attack-70"), []);
    holder.stdin.end();
    assert.equal(await saved, true);
    assert.deepEqual((await readdir(join(store.store, "marked-of-attack-70"))).length, 1);
  });
});

/** The command lines of all processes that hold the text. */
async function argumentsWith(text: string): Promise<string[]> {
  const numbers = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(numbers.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.includes(text)).map((line) => line.replaceAll("\0", " "));
}
