import assert from "node:assert/strict";
import { createEntriesByHost } from "#broker/entries-by-host.ts";
import { parseEntryName } from "#broker/entry-name.ts";
import { originParts, parseOrigin } from "#protocol/origin.ts";

/** What a page at example.com is offered: label, user, and the other files. */
function offered(names: string[], origin = "https://example.com"): unknown[] {
  const index = createEntriesByHost();
  for (const name of names) {
    const parsed = parseEntryName(name);
    assert(parsed);
    index.add([parsed]);
    // What is taken out is gone, and may come back.
    index.remove(new Set([parsed]));
    assert.deepEqual(index.candidates(originParts(parseOrigin(origin)), new Map()).length, 0);
  }
  for (const name of names) index.add([parseEntryName(name) ?? assert.fail()]);
  const found = index.candidates(originParts(parseOrigin(origin)), new Map());
  return found.map(({ entry: { name, label, username, companions } }) => [name, label, username, companions]);
}

describe("entries that lie in several files", () => {
  it("a folder's password, user and one-time code are one entry, which its folder names", () => {
    const title = "web/example.com/alice";
    const parts = ["password", "Login", "TOTP", "url"].map((part) => `${title}/${part}`);
    assert.deepEqual(offered(parts), [
      [`${title}/password`, "example.com/alice", "alice", { title, username: `${title}/Login`, otp: `${title}/TOTP` }],
    ]);
  });

  it("a folder that is the site has no user until its file is read", () => {
    const [entry] = offered(["example.com/pass", "example.com/user", "example.com/otpauth"]);
    const companions = { title: "example.com", username: "example.com/user", otp: "example.com/otpauth" };
    assert.deepEqual(entry, ["example.com/pass", "example.com", undefined, companions]);
  });

  it("has entries beside it", () => {
    const names = ["example.com/password", "example.com/bob", "example.com/login"];
    assert.deepEqual(
      offered(names).map((each) => Array.isArray(each) && each[1]),
      ["example.com/bob", "example.com"],
    );
  });

  it("is none without a password: the names are users'", () => {
    assert.deepEqual(offered(["example.com/login", "example.com/totp"]), [
      ["example.com/login", "example.com/login", "login", undefined],
      ["example.com/totp", "example.com/totp", "totp", undefined],
    ]);
  });

  it("a name and its .meta are one", () => {
    const names = ["example.com/alice", "example.com/alice.meta", "example.com/bob.meta"];
    assert.deepEqual(offered(names), [
      [
        "example.com/alice",
        "example.com/alice",
        "alice",
        { title: "example.com/alice", meta: "example.com/alice.meta" },
      ],
      ["example.com/bob.meta", "example.com/bob.meta", "bob.meta", undefined],
    ]);
  });

  it("a site and its .meta are one, and that .meta alone is none", () => {
    const [entry] = offered(["example.com", "example.com.meta"]);
    const companions = { title: "example.com", meta: "example.com.meta" };
    assert.deepEqual(entry, ["example.com", "example.com", undefined, companions]);
    assert.deepEqual(offered(["example.com.meta", "alice@example.com.meta"]), []);
  });

  it("a .meta of another case is another entry's", () => {
    assert.equal(offered(["example.com/alice", "example.com/Alice.meta"]).length, 2);
  });

  it("keeps to its own folder and site", () => {
    const names = ["example.com/password", "sub/example.com/login", "example.com/other.org/password"];
    assert.equal(offered(names).length, 2);
    assert.deepEqual(offered(names, "https://other.org"), [
      ["example.com/other.org/password", "other.org/password", "password", undefined],
    ]);
  });
});
