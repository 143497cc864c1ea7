import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { serveSocket } from "#cli/session/listen.ts";
import { PosternError } from "#protocol/error.ts";
import { type TestCommand, testCommand } from "#test/harness/command.ts";
import { answerRequests } from "#wire/answer.ts";

/** Clears the screen, sets its title, writes to the clipboard, in 7 and in 8 bits; turns the direction. */
const HOSTILE = "\u001B[2J\u001B]0;owned\u0007\u009B2J\u001B]52;c;b3duZWQ=\u0007\u202Eend";
const OBEYED = /[^\P{C}\n\r]|[\p{Zl}\p{Zp}]/u;

describe("attack 67: text of a browser's or a vault's on a terminal", function () {
  this.timeout(60_000);
  let command: TestCommand;
  const parts = new AsyncDisposableStack();
  before(async () => {
    command = parts.use(await testCommand());
    const runtime = join(command.home, "run/postern");
    // As a vault makes them that was broken in: it may write there.
    for (const name of [`a${HOSTILE}`, "b\nc"]) {
      await mkdir(join(runtime, "gates", name), { recursive: true });
      await writeFile(join(runtime, "gates", name, "bridge.sock"), "");
    }
    const hostile = (): never => {
      throw new PosternError("internal", `The vault says ${HOSTILE}\nno more.`, `Do ${HOSTILE}`);
    };
    const serve = { maxIncoming: 65_536, maxOutgoing: 65_536, parse: hostile, answer: hostile };
    parts.use(await serveSocket(join(runtime, "session.sock"), (socket) => void answerRequests(socket, serve)));
  });
  after(() => parts.disposeAsync());

  for (const words of [["status"], ["lock"], ["grants", "--json"], ["down"], ["doctor"], ["doctor", "--json"]]) {
    it(`is inert: postern ${words.join(" ")}`, async () => {
      const piped = await command.run(...words);
      assert.match(piped.stdout + piped.stderr, /end|owned/);
      assert.doesNotMatch(piped.stdout + piped.stderr, OBEYED);
      const line = [process.execPath, join(import.meta.dirname, "../../dist/postern.cjs"), ...words].join(" ");
      const options = { env: { ...command.environment, TERM: "dumb", NO_COLOR: "1" } };
      const onTerminal = await promisify(execFile)("script", ["-qec", line, "/dev/null"], options).catch(
        ({ stdout }: { stdout: string }) => ({ stdout }),
      );
      assert.match(onTerminal.stdout, /end|owned/);
      assert.doesNotMatch(onTerminal.stdout, OBEYED);
    });
  }
});
