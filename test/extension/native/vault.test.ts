import assert from "node:assert/strict";
import { PosternError } from "#protocol/error.ts";
import { parseOrigin } from "#protocol/origin.ts";
import { getLogin } from "#extension/native/get-login.ts";
import { openVault } from "#extension/native/vault.ts";
import { type FakePort, drop, fakePorts } from "./fake-port.ts";

const ORIGIN = parseOrigin("https://example.com");
const HELLO = {
  version: 1,
  server: { name: "broker", version: "9" },
  gate: "test",
  caller: "gate",
  state: "ready",
  features: ["of the future"],
};
const { signal } = new AbortController();

describe("the vault, seen from the browser", () => {
  it("is greeted once, before anything else, and over one connection", async () => {
    const { vault, ports } = broker();
    await Promise.all([vault.find(ORIGIN), vault.find(ORIGIN), vault.lock()]);
    assert.equal(ports.length, 1);
    assert.deepEqual(
      ports[0]?.sent.map(({ type }) => type),
      ["hello", "find", "find", "lock"],
    );
    const [hello, find] = ports[0]?.sent ?? [];
    assert.deepEqual(hello?.versions, [1]);
    assert.deepEqual(find, { id: 2, type: "find", origin: ORIGIN, use: "form" });
  });

  it("is reached anew after the connection was lost", async () => {
    const { vault, ports } = broker();
    await vault.find(ORIGIN);
    drop(ports[0], new PosternError("internal", "Gone."));
    await vault.find(ORIGIN);
    assert.equal(ports.length, 2);
    assert.equal(ports[1]?.sent[0]?.type, "hello");
  });

  it("says why it could not be reached, and is tried again the next time", async () => {
    let isRunning = false;
    const { vault, ports } = broker((port, { id, type }) => {
      if (isRunning || type !== "hello") return false;
      port.listener.onMessage({
        id,
        ok: false,
        error: { code: "no_broker", message: "Not running.", hint: "Run it." },
      });
      return true;
    });
    await assert.rejects(vault.find(ORIGIN), { code: "no_broker", hint: "Run it." });
    assert(!ports[0]?.isOpen);
    isRunning = true;
    await vault.find(ORIGIN);
    assert.equal(ports.length, 2);
  });

  it("says so when the host goes before the greeting", async () => {
    const { vault } = broker((port) => {
      drop(port, new PosternError("no_broker", "No host."));
      return true;
    });
    await assert.rejects(vault.find(ORIGIN), { code: "no_broker" });
  });

  it("refuses a result that is not of the agreed form", async () => {
    const { vault } = broker((port, { id, type }) => {
      if (type !== "find") return false;
      port.listener.onMessage({ id, ok: true, result: { entries: [{ handle: "short", label: "x", match: "exact" }] } });
      return true;
    });
    await assert.rejects(vault.find(ORIGIN), { code: "bad_message" });
  });
});

describe("getting a login", () => {
  it("asks for exactly the fields that are wanted", async () => {
    const { vault, ports } = broker();
    const [choice] = (await vault.find(ORIGIN)).entries;
    assert(choice);
    const login = await getLogin(vault, { choice, origin: ORIGIN, fields: ["password"] }, signal);
    assert.deepEqual(login, { password: "secret" });
    assert.deepEqual(ports[0]?.sent.at(-1), {
      id: 3,
      type: "get",
      handle: choice.handle,
      origin: ORIGIN,
      fields: ["password"],
    });
  });

  it("looks the entry up anew when its handle died with the connection", async () => {
    const { vault, ports } = broker();
    const [choice] = (await vault.find(ORIGIN)).entries;
    assert(choice);
    drop(ports[0], new PosternError("internal", "Gone."));
    assert.deepEqual(await getLogin(vault, { choice, origin: ORIGIN, fields: ["password"] }, signal), {
      password: "secret",
    });
    assert.deepEqual(
      ports[1]?.sent.map(({ type }) => type),
      ["hello", "get", "find", "get"],
    );
  });

  it("does not take another entry for it", async () => {
    const { vault, ports } = broker();
    const [choice] = (await vault.find(ORIGIN)).entries;
    assert(choice);
    drop(ports[0], new PosternError("internal", "Gone."));
    const gone = { ...choice, username: "somebody else" };
    await assert.rejects(getLogin(vault, { choice: gone, origin: ORIGIN, fields: ["password"] }, signal), {
      code: "unknown_handle",
      message: "This login is no longer there.",
    });
  });

  it("hands on every other refusal without asking twice", async () => {
    const { vault, ports } = broker((port, { id, type }) => {
      if (type !== "get") return false;
      port.listener.onMessage({ id, ok: false, error: { code: "denied", message: "No." } });
      return true;
    });
    const [choice] = (await vault.find(ORIGIN)).entries;
    assert(choice);
    await assert.rejects(getLogin(vault, { choice, origin: ORIGIN, fields: ["password"] }, signal), { code: "denied" });
    assert.equal(ports[0]?.sent.length, 3);
  });
});

type Odd = (port: FakePort, message: FakePort["sent"][number]) => boolean;

/** A broker with one entry, whose handles are good for their own connection; `odd` may answer in its place. */
function broker(odd: Odd = () => false): { vault: ReturnType<typeof openVault>; ports: FakePort[] } {
  const { connect, ports } = fakePorts((port, message) => {
    if (odd(port, message)) return;
    const handle = `${"h".repeat(21)}${ports.indexOf(port)}`;
    const reply = { id: message.id, ok: true };
    const entry = { handle, label: "example.com/alice", username: "alice", match: "exact", colour: "green" };
    if (message.type === "hello") port.listener.onMessage({ ...reply, result: HELLO });
    else if (message.type === "find")
      port.listener.onMessage({ ...reply, result: { entries: [entry], truncated: false } });
    else if (message.type !== "get") port.listener.onMessage({ ...reply, result: {} });
    else if (message.handle === handle) port.listener.onMessage({ ...reply, result: { password: "secret" } });
    else {
      const error = { code: "unknown_handle", message: "This choice is no longer known." };
      port.listener.onMessage({ id: message.id, ok: false, error });
    }
  });
  return { vault: openVault(connect, () => undefined), ports };
}
