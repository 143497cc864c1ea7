import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { assertExplained, nothingLeft } from "#test/harness/failure.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { type Run, type TestPostern, testPostern } from "#test/harness/postern.ts";

/** What the extension says on the page comes back as the command's own error and hint. */
describe("a fill that has to be asked for", function () {
  this.timeout(200_000);
  let store: PassStore;
  let postern: TestPostern;
  before(async () => {
    store = await makePassStore({ "localhost:8000/alice": "pw-alice\nlogin: alice@example.org\n" });
    postern = await testPostern({ GNUPGHOME: store.gnupg });
  });
  after(async () => {
    await postern[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  const up = (): Promise<Run> => postern.run("up", postern.gate, "--headless", "--store", store.store);

  /** By a pinentry that believes in a display. */
  async function askBy(pinentry: string): Promise<void> {
    postern.environment.DISPLAY = ":77";
    await writeFile(join(store.gnupg, "gpg-agent.conf"), `pinentry-program ${pinentry}\n`);
  }

  const fake = (answer: string): Promise<string> =>
    fakeProgram(
      store.home,
      "pinentry",
      `echo OK; while read -r word rest; do case $word in
         GETPIN) sleep 1; ${answer} ;;
         BYE) echo OK; exit ;;
         *) echo OK ;;
       esac; done`,
    );

  it("without display or terminal: says that there is nobody, and how to be there", async () => {
    assertExplained(
      await up(),
      /not filled\. There is nobody to ask for consent\./,
      /Run postern up in a terminal or a graphical session/,
    );
    await nothingLeft(postern);
  });

  it("by a pinentry that is missing: says how to install one", async () => {
    await askBy("/nowhere/pinentry");
    assertExplained(
      await up(),
      /not filled\. The pinentry that should ask .* does not work/,
      /apt-get install pinentry/,
    );
    await nothingLeft(postern);
  });

  it("by a pinentry that finds no display: says so as well", async () => {
    const { stdout } = await execa("sh", ["-c", "command -v pinentry-curses"]);
    await askBy(stdout);
    assertExplained(await up(), /not filled\. The pinentry that should ask .* does not work/, /where you are/);
    await nothingLeft(postern);
  });

  it("and is cancelled: says that it was refused, and for how long", async () => {
    await askBy(await fake('echo "ERR 83886179 Operation cancelled <Pinentry>"'));
    assertExplained(await up(), /not filled\. The request was refused\./, /a minute/);
    await nothingLeft(postern);
  });

  it("works with the next one that is answered", async () => {
    await askBy(await fake("echo D yes; echo OK"));
    const { exitCode, stderr } = await up();
    assert.equal(exitCode, 0, stderr);
  });
});
