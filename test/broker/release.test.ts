import assert from "node:assert/strict";
import { parseEntryName } from "#broker/entry-name.ts";
import { type Grants, createGrants } from "#broker/grants.ts";
import type { Held } from "#broker/handles.ts";
import type { Limits } from "#broker/limits.ts";
import { type GatePolicy, policyOf } from "#broker/policy.ts";
import { createRelease, keepForAMoment } from "#broker/release.ts";
import { PosternError } from "#protocol/error.ts";
import { parseOrigin } from "#protocol/origin.ts";

const never = new AbortController().signal;
const limits: Limits = {
  find: async (_origin, _signal, look) => await look(),
  countGet: () => undefined,
  countPick: () => undefined,
  approve: () => undefined,
  askAgain: () => undefined,
};

describe("a release on a handle", () => {
  let held: Held;
  beforeEach(() => {
    const name = parseEntryName("example.com");
    assert(name !== undefined);
    const entry = { name, site: { host: "example.com" }, label: "example.com" };
    const origin = parseOrigin("https://example.com");
    held = {
      origin,
      topOrigin: undefined,
      entry,
      match: "exact",
      mintedAt: 0,
      released: undefined,
      read: undefined,
      releasedIn: undefined,
    };
  });

  function prepare(duringDecrypt: (grants: Grants) => void) {
    const grants = createGrants(() => 0);
    const policy = (): GatePolicy => policyOf("test", { gates: { test: { consent: "always" } } }, false, () => false);
    let [asked, decrypts] = [0, 0];
    const release = createRelease({
      gate: "test",
      policy,
      consent: {
        request: async () => {
          asked += 1;
          return "once";
        },
        inTurn: () => assert.fail("no other prompt"),
      },
      grants,
      limits,
      refuseCanary: () => undefined,
      candidates: () => [],
      filled: { isKnown: () => true, elsewhere: () => [], remember: async () => undefined },
      read: async () => {
        decrypts += 1;
        duringDecrypt(grants);
        return { login: { username: "alice", password: "secret", fields: [] }, digests: [] };
      },
    });
    const get = (signal: AbortSignal, record: () => void, fields = ["password"]) =>
      release(held, fields, signal, async () => record());
    return { get, grants, asked: () => asked, decrypts: () => decrypts };
  }

  it("that is repeated gives nothing when it was locked before the log was written", async () => {
    const { get, asked } = prepare(() => undefined);
    assert.deepEqual(await get(never, () => undefined), { password: "secret" });
    const lock = new AbortController();
    const repeated = get(lock.signal, () => lock.abort(new PosternError("locked", "Locked.")));
    await assert.rejects(repeated, { code: "locked" });
    assert.equal(asked(), 1);
  });

  it("is not repeated without a question when the yes was forgotten during the decrypt", async () => {
    const { get, asked } = prepare((grants) => grants.forget());
    await get(never, () => undefined);
    await get(never, () => undefined);
    assert.equal(asked(), 2);
  });

  it("is followed by one of other fields with a question and without a decrypt", async () => {
    const { get, asked, decrypts } = prepare(() => undefined);
    assert.deepEqual(await get(never, () => undefined), { password: "secret" });
    assert.deepEqual(await get(never, () => undefined, ["username"]), { username: "alice" });
    assert.deepEqual([asked(), decrypts()], [2, 1]);
  });

  it("leaves nothing decrypted for other fields when the yes was forgotten", async () => {
    const { get, grants, decrypts } = prepare(() => undefined);
    await get(never, () => undefined);
    grants.forget();
    await get(never, () => undefined, ["username"]);
    assert.equal(decrypts(), 2);
  });

  it("that was made for a page is not taken for the entry itself", async () => {
    const { get, grants, decrypts } = prepare(() => undefined);
    const [login, fields] = [{ password: "made", fields: [] }, new Set(["password"])];
    keepForAMoment(held, { login, fields, generation: grants.generation("test"), isOnce: true });
    assert.deepEqual(await get(never, () => undefined, ["username"]), { username: "alice" });
    assert.equal(decrypts(), 1);
  });
});
