import assert from "node:assert/strict";
import { shareInFlight } from "#broker/share-in-flight.ts";
import { PosternError } from "#protocol/error.ts";

describe("identical requests in flight", () => {
  const never = new AbortController().signal;
  const message = Buffer.from("ciphertext");
  let running: (PromiseWithResolvers<Buffer> & { signal: AbortSignal })[];
  const decrypt = shareInFlight((_ciphertext, signal) => {
    const one = { ...Promise.withResolvers<Buffer>(), signal };
    signal.addEventListener("abort", () => one.reject(signal.reason));
    running.push(one);
    return one.promise;
  });
  beforeEach(() => {
    running = [];
  });

  it("share one decryption, each with a copy of its own, and nothing of it is kept", async () => {
    const plain = Buffer.from("plain");
    const both = [decrypt(message, never), decrypt(Buffer.from(message), never)];
    running[0]?.resolve(plain);
    const [first, second] = await Promise.all(both);
    first?.fill(0);
    assert.equal(second?.toString(), "plain");
    assert.equal(running.length, 1);
    assert.deepEqual(plain, Buffer.alloc(5));
  });

  it("of other messages, and later ones, are decrypted on their own", async () => {
    const both = [decrypt(message, never), decrypt(Buffer.from("other"), never)];
    for (const { resolve } of running) resolve(Buffer.from("plain"));
    await Promise.all(both);
    assert.equal(running.length, 2);
    const later = decrypt(message, never);
    running[2]?.resolve(Buffer.from("new"));
    assert.equal((await later).toString(), "new");
  });

  it("that are given up end no other's, and the last one ends the decryption", async () => {
    const [one, two] = [new AbortController(), new AbortController()];
    const first = decrypt(message, one.signal);
    const second = decrypt(message, two.signal);
    one.abort(new Error("first"));
    await assert.rejects(first, /first/);
    assert.equal(running[0]?.signal.aborted, false);
    two.abort(new Error("second"));
    await assert.rejects(second, /second/);
    assert.equal(running[0]?.signal.aborted, true);
    const third = decrypt(message, never);
    assert.equal(running.length, 2);
    running[1]?.resolve(Buffer.from("plain"));
    assert.equal((await third).toString(), "plain");
    await assert.rejects(decrypt(message, one.signal), /first/);
  });

  it("fail together, and the next is tried anew", async () => {
    const both = [decrypt(message, never), decrypt(message, never)];
    running[0]?.reject(new PosternError("no_secret_key", "none"));
    for (const each of both) await assert.rejects(each, { code: "no_secret_key" });
    const next = decrypt(message, never);
    running[1]?.resolve(Buffer.from("plain"));
    assert.equal((await next).toString(), "plain");
  });
});
