import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { agentConnector } from "#cli/session/agent.ts";
import { makeKeyring } from "#cli/session/keyring.ts";
import { listenPrivately } from "#cli/session/listen.ts";
import { createAgentRelay } from "#consent/agent-relay.ts";
import { eventually } from "#test/harness/eventually.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { pseudoTerminal } from "#test/harness/pseudo-terminal.ts";

const PASSPHRASE = "passphrase of the key";
/** In a description the agent puts something of its own in the place of %C, %c and %F. */
const NAMES = ["Jürgen", "日本語", "😀", "%C%c%F%%", "50%C3%BC", 'a+b "c"', "Zoë\u0085"];
const DESCRIPTION = `Wants an entry of /home/${NAMES.join("/")}.`;
/** A line of its own cannot be made with it. */
const SHOWN = DESCRIPTION.replace("\u0085", "\uFFFD");

describe("attack 61: names beyond ASCII in the agent's own prompt", function () {
  this.timeout(120_000);
  let store: PassStore;
  let relay: AsyncDisposable;
  let vault: string;
  before(async () => {
    store = await makePassStore({ "example.com": "the login" }, PASSPHRASE);
    vault = join(store.home, "vault");
    const socket = join(store.home, "relay.sock");
    const { keygrips } = await makeKeyring([store.store], vault, socket, store.environment);
    const connectAgent = agentConnector(store.environment);
    relay = await listenPrivately(
      socket,
      createAgentRelay({ keygrips, connectAgent, options: [], describe: () => DESCRIPTION }),
    );
  });
  after(async () => {
    await relay[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  /** Decrypts as the vault does, with an agent that asks by this program. */
  async function decryptBy(script: string): Promise<string> {
    const program = await fakeProgram(store.home, "pinentry", script);
    await writeFile(join(store.gnupg, "gpg-agent.conf"), `pinentry-program ${program}\n`);
    await promisify(execFile)("gpgconf", ["--kill", "gpg-agent"], { env: store.environment });
    const parameters = ["--batch", "--no-autostart", "--lock-never", "--decrypt", join(store.store, "example.com.gpg")];
    return (await promisify(execFile)("gpg", parameters, { env: { ...store.environment, GNUPGHOME: vault } })).stdout;
  }

  it("are whole in what a pinentry is told", async () => {
    const log = join(store.home, "log");
    const script = `echo OK
      while read -r line; do
        printf '%s\\n' "$line" >>${log}
        case $line in GETPIN*) echo "D ${PASSPHRASE}"; echo OK;; *) echo OK;; esac
      done`;
    assert.equal(await decryptBy(script), "the login");
    const [, told = ""] = /^SETDESC (.*)$/m.exec(await readFile(log, "utf8")) ?? [];
    // As pinentry takes it apart (Libassuan manual, "Client requests").
    const bytes = Buffer.from(told)
      .toString("latin1")
      .replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    // The agent says before it that it was asked over its restricted socket.
    assert.equal(Buffer.from(bytes, "latin1").toString().split("\n").at(-1), SHOWN);
  });

  it("are drawn by pinentry-curses, which then takes the passphrase", async () => {
    await using terminal = await pseudoTerminal();
    const script = `exec pinentry-curses --ttyname ${terminal.tty} --ttytype xterm --lc-ctype C.UTF-8`;
    const decrypted = decryptBy(script);
    await eventually("the prompt", () => terminal.screen().includes("Jürgen"));
    for (const name of ["日本語", "%C%c%F%%", "50%C3%BC", 'a+b "c"'])
      assert.ok(terminal.screen().includes(name), `${name} in ${terminal.screen()}`);
    terminal.type(`${PASSPHRASE}\r`);
    assert.equal(await decrypted, "the login");
  });
});
