import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { type Socket, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { createAgentRelay } from "#consent/agent-relay.ts";
import { agentConnector } from "#cli/session/agent.ts";
import { makeKeyring } from "#cli/session/keyring.ts";
import { listenPrivately, serveSocket } from "#cli/session/listen.ts";
import { connectSocket } from "#wire/socket.ts";
import { eventually } from "#test/harness/eventually.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const run = promisify(execFile);

describe("the relay in front of gpg-agent, with a real gpg on either side", function () {
  this.timeout(60_000);
  let store: PassStore;
  let vault: string;
  let relay: AsyncDisposable;
  let connections = 0;
  before(async () => {
    store = await makePassStore({ "example.com": "relayed" });
    vault = join(store.home, "vault");
    const socket = join(store.home, "relay.sock");
    const keyring = await makeKeyring([store.store], vault, socket, store.environment);
    const connectAgent = agentConnector(store.environment);
    const server = createAgentRelay({
      keygrips: keyring.keygrips,
      connectAgent: () => {
        connections += 1;
        return connectAgent();
      },
      options: [],
      describe: () => "Test",
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
      return { failed: true, stdout: textOf(error, "stdout"), stderr: textOf(error, "stderr") };
    }
  }

  it("decrypts an entry of the store", async () => {
    assert.equal((await gpg("--decrypt", join(store.store, "example.com.gpg"))).stdout, "relayed");
  });

  describe("and the connection to the agent", () => {
    const relaySocket = (): string => join(store.home, "relay.sock");
    const decrypt = async (): Promise<void> => {
      assert.equal((await gpg("--decrypt", join(store.store, "example.com.gpg"))).stdout, "relayed");
    };
    /** Comes and goes without a word. */
    async function announce(): Promise<void> {
      const socket = await connectSocket(relaySocket());
      socket.on("error", () => undefined).destroy();
      await eventually("a connection", () => connections > 0);
      // The relay sees it go.
      await wait(100);
    }
    beforeEach(() => {
      connections = 0;
    });

    it("is one for all that a decryption needs", async () => {
      await decrypt();
      assert.equal(connections, 1);
    });

    it("is there before a decryption that was announced", async () => {
      await announce();
      await announce();
      assert.equal(connections, 1);
      await decrypt();
      assert.equal(connections, 1);
      await decrypt();
      assert.equal(connections, 2);
    });

    it("is another one when the agent has gone meanwhile", async () => {
      await announce();
      await run("gpgconf", ["--kill", "gpg-agent"], { env: store.environment });
      await decrypt();
      assert.equal(connections, 2);
    });
  });

  it("shows every secret key as one that is elsewhere", async () => {
    const { stdout } = await gpg("--list-secret-keys");
    // A primary key and a subkey.
    assert.deepEqual(stdout.match(/^(?:sec|ssb)\S*/gm), ["sec#", "ssb#"]);
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
    const imported = await gpg("--import", key);
    assert.equal(imported.failed, false, imported.stderr);
    assert.match((await gpg("--list-keys", "--with-colons")).stdout, /other@postern\.invalid/);
    const { failed, stdout, stderr } = await gpg("--decrypt", target);
    assert.equal(failed, true);
    assert.equal(stdout, "");
    assert.match(stderr, /No secret key/);
    // To the user it is a key like another.
    const { stdout: plain } = await run("gpg", ["--batch", "--quiet", "--decrypt", target], { env: store.environment });
    assert.equal(plain, "other secret");
  });
});

/** What a program that failed had printed until then. */
function textOf(error: unknown, stream: "stdout" | "stderr"): string {
  const printed: unknown = error instanceof Error ? Object.entries(error).find(([name]) => name === stream)?.[1] : "";
  assert.equal(typeof printed, "string");
  return String(printed);
}

describe("the relay and a peer that misbehaves", () => {
  const GRIP = "0123456789ABCDEF0123456789ABCDEF01234567";
  let temporary: AsyncDisposable & { path: string };
  let parts: AsyncDisposableStack;
  beforeEach(async () => {
    parts = new AsyncDisposableStack();
    temporary = parts.use(await temporaryDirectory());
  });
  afterEach(() => parts.disposeAsync());

  /** @returns the peer's end and the relay's */
  async function connectTo(connectAgent: () => Promise<Socket>): Promise<[Socket, Socket]> {
    const path = join(temporary.path, "relay.sock");
    const keygrips = new Set([GRIP]);
    const describe = (): string => "Test";
    const server = createAgentRelay({ keygrips, connectAgent, options: [], describe, readyLifetime: 2_000 });
    parts.use(await listenPrivately(path, server));
    const served: Promise<[Socket]> = new Promise((resolve) => server.once("connection", (each) => resolve([each])));
    const peer = parts.adopt(await connectSocket(path), (socket) => void socket.destroy());
    return [peer, (await served)[0]];
  }

  it("answers one that does not listen only as far as it can be told", async () => {
    const [peer, end] = await connectTo(() => Promise.reject(new Error("no agent")));
    peer.pause();
    for (let index = 0; index < 64; index++) peer.write("NOP\n".repeat(16_384));
    let before = -1;
    await eventually("no more is read", async () => {
      const isSame = end.bytesRead > 0 && end.bytesRead === before;
      before = end.bytesRead;
      await wait(100);
      return isSame;
    });
    assert.ok(end.writableLength < 1_000_000, `${end.writableLength} bytes wait`);
    let received = 0;
    peer.on("data", (piece: Buffer) => (received += piece.length));
    peer.resume();
    const length = "OK Postern, decrypting only\n".length + 64 * 16_384 * "OK\n".length;
    await eventually("all answers", () => received === length);
  });

  /** An agent that hears and never answers, after its greeting. */
  async function silentAgent(): Promise<{ path: string; heard: () => string; connections: () => number }> {
    const path = join(temporary.path, "agent.sock");
    let heard = "";
    let connections = 0;
    const serve = (socket: Socket): void => {
      connections += 1;
      socket.on("data", (piece: Buffer) => (heard += piece.toString())).on("close", () => (connections -= 1));
      socket.on("end", () => socket.end());
      socket.write("OK\n");
    };
    parts.use(await serveSocket(path, serve));
    return { path, heard: () => heard, connections: () => connections };
  }

  it("asks the agent no more than it answers", async () => {
    const agent = await silentAgent();
    const [peer] = await connectTo(() => connectSocket(agent.path));
    peer.write(`SETKEY ${GRIP}\n`.repeat(50));
    await eventually("it is asked", () => agent.heard().includes("SETKEY"));
    await wait(100);
    assert.equal(agent.heard().split("SETKEY ").length - 1, 2);
  });

  const MESSAGES = { "has no end": `D ${"x".repeat(900)}\n`.repeat(100), "is none": "NOP\n" };
  for (const [what, said] of Object.entries(MESSAGES)) {
    it(`hangs up on one whose message ${what}`, async () => {
      const agent = await silentAgent();
      const [peer, end] = await connectTo(() => connectSocket(agent.path));
      peer.on("error", () => undefined).resume();
      peer.write(`SETKEY ${GRIP}\nPKDECRYPT\n${said}`);
      await eventually("it hangs up", () => end.destroyed);
    });
  }

  it("hangs up on one that says on and on what waits for an answer", async () => {
    const agent = await silentAgent();
    const [peer, end] = await connectTo(() => connectSocket(agent.path));
    peer.on("error", () => undefined);
    peer.write("GETINFO version\n".repeat(100));
    await eventually("it hangs up", () => end.destroyed);
    assert.equal(agent.heard().split("GETINFO").length - 1, 1);
  });

  it("sees one go whose answer is awaited, and ends what it asked", async () => {
    const agent = await silentAgent();
    const [peer, end] = await connectTo(() => connectSocket(agent.path));
    peer.write(`SETKEY ${GRIP}\nPKDECRYPT\nD key\nEND\n`);
    await eventually("it is asked", () => agent.heard().includes("PKDECRYPT"));
    for (let count = 0; count < 3; count++) {
      peer.write("NOP\n");
      await wait(20);
    }
    peer.destroy();
    await eventually("the relay sees it go", () => end.destroyed);
    await eventually("the agent too", () => agent.connections() === 0);
  });

  it("keeps a connection for one that was announced, for a moment", async () => {
    const agent = await silentAgent();
    const [peer, end] = await connectTo(() => connectSocket(agent.path));
    await eventually("it is made", () => agent.connections() === 1);
    peer.destroy();
    await eventually("the relay sees it go", () => end.destroyed);
    assert.equal(agent.connections(), 1);
    await eventually("nobody came", () => agent.connections() === 0);
  });

  it("does nothing for one that has said goodbye", async () => {
    const agent = await silentAgent();
    const [peer, end] = await connectTo(() => connectSocket(agent.path));
    peer.resume().write(`BYE\nSETKEY ${GRIP}\nPKDECRYPT\nD key\nEND\n`);
    await eventually("it hangs up", () => end.destroyed);
    await wait(100);
    assert.doesNotMatch(agent.heard(), /SETKEY|PKDECRYPT/);
  });

  it("asks the agent nothing for one that has gone", async () => {
    const agentPath = join(temporary.path, "agent.sock");
    let heard = "";
    const agentGone = Promise.withResolvers<void>();
    const agent = createServer((socket) => {
      socket.on("data", (piece: Buffer) => (heard += piece.toString()));
      socket.on("error", () => undefined);
      socket.on("close", agentGone.resolve);
      socket.write("OK\n");
    });
    parts.use(await listenPrivately(agentPath, agent));
    const asked = Promise.withResolvers<void>();
    const found = Promise.withResolvers<void>();
    const [peer, end] = await connectTo(async () => {
      asked.resolve();
      await found.promise;
      return await connectSocket(agentPath);
    });
    peer.write(`SETKEY ${GRIP}\nPKDECRYPT\nD key\nEND\n`);
    await asked.promise;
    peer.destroy();
    await eventually("the relay sees it go", () => end.destroyed);
    found.resolve();
    await agentGone.promise;
    assert.doesNotMatch(heard, /PKDECRYPT/);
  });
});
