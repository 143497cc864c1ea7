import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { createAgentRelay } from "#consent/agent-relay.ts";
import { agentConnector } from "#cli/session/agent.ts";
import { makeKeyring } from "#cli/session/keyring.ts";
import { listenPrivately } from "#cli/session/listen.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";

const run = promisify(execFile);

describe("the relay in front of gpg-agent, with a real gpg on either side", function () {
  this.timeout(60_000);
  let store: PassStore;
  let vault: string;
  let relay: AsyncDisposable;
  before(async () => {
    store = await makePassStore({ "example.com": "relayed" });
    vault = join(store.home, "vault");
    const socket = join(store.home, "relay.sock");
    const keyring = await makeKeyring(store.store, vault, socket, store.environment);
    const server = createAgentRelay({
      keygrips: keyring.keygrips,
      connectAgent: agentConnector(store.environment),
      options: [],
      description: "Test",
    });
    relay = await listenPrivately(socket, server);
  });
  after(async () => {
    await relay[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  /** gpg as the vault has it: public keys, and the relay for an agent. */
  async function gpg(...parameters: string[]): Promise<{ failed: boolean; stdout: string; stderr: string }> {
    const environment = { ...store.environment, GNUPGHOME: vault };
    try {
      const { stdout, stderr } = await run("gpg", ["--batch", "--no-autostart", "--lock-never", ...parameters], {
        env: environment,
      });
      return { failed: false, stdout, stderr };
    } catch (error) {
      return { failed: true, stdout: "", stderr: String(error) };
    }
  }

  it("decrypts an entry of the store", async () => {
    assert.equal((await gpg("--decrypt", join(store.store, "example.com.gpg"))).stdout, "relayed");
  });

  it("shows every secret key as one that is elsewhere", async () => {
    const { stdout } = await gpg("--list-secret-keys");
    assert.match(stdout, /^sec#/m);
    assert.doesNotMatch(stdout, /^sec /m);
  });

  it("does not sign", async () => {
    const message = join(store.home, "message");
    await writeFile(message, "text");
    const { failed, stderr } = await gpg("--output", join(store.home, "signed"), "--sign", message);
    assert.equal(failed, true);
    assert.match(stderr, /Forbidden/);
  });

  it("does not export", async () => {
    const { stdout, stderr } = await gpg("--armor", "--export-secret-keys");
    assert.equal(stdout, "");
    assert.match(stderr, /Forbidden|nothing exported/);
  });

  it("does not decrypt for a key that is the user's and not the store's", async () => {
    await store.gpg([
      "--batch",
      "--quiet",
      "--passphrase",
      "",
      "--quick-gen-key",
      "other@postern.invalid",
      "future-default",
      "default",
      "never",
    ]);
    await writeFile(join(store.home, "plain"), "other secret");
    const target = join(store.home, "other.gpg");
    await store.gpg([
      "--batch",
      "--trust-model",
      "always",
      "--recipient",
      "other@postern.invalid",
      "--output",
      target,
      "--encrypt",
      join(store.home, "plain"),
    ]);
    // Even when the vault's gpg knows the key.
    const key = join(store.home, "other.key");
    await store.gpg(["--batch", "--output", key, "--export", "other@postern.invalid"]);
    const second = join(store.home, "second");
    await mkdir(second, { mode: 0o700 });
    await gpg("--import", key);
    const { failed, stdout } = await gpg("--decrypt", target);
    assert.equal(failed, true);
    assert.equal(stdout, "");
  });
});
