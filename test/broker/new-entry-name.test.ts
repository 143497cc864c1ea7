import assert from "node:assert/strict";
import fc from "fast-check";
import { nameNewEntry } from "#broker/new-entry-name.ts";
import { siteOfEntry } from "#broker/site.ts";
import { originParts, parseOrigin } from "#protocol/origin.ts";

const ofOrigin = (origin: string) => originParts(parseOrigin(origin));
const nameOf = async (origin: string, username?: string, taken: string[] = [], folder?: string): Promise<string> =>
  (await nameNewEntry(ofOrigin(origin), username, folder, async (name) => !taken.includes(name))).name;

describe("the name of a new entry", () => {
  it("is the host and the user name, in the folder that the gate sees", async () => {
    assert.equal(await nameOf("https://example.com", "alice"), "example.com/alice");
    assert.equal(await nameOf("https://example.com", undefined), "example.com");
    assert.equal(await nameOf("https://example.com", "alice", [], "shared/team"), "shared/team/example.com/alice");
    assert.equal(await nameOf("http://localhost", "alice"), "localhost/alice");
    assert.equal(await nameOf("https://[::1]:8443", "alice"), "[::1]:8443/alice");
  });

  it("is none that is taken, that another site's could be, or a part of another entry's", async () => {
    assert.equal(await nameOf("https://example.com", "alice", ["example.com/alice"]), "example.com/alice-2");
    assert.equal(await nameOf("https://example.com", "www.example.com"), "example.com/www.example.com-2");
    assert.equal(await nameOf("https://example.com", "example.com:99"), "example.com/example.com:99-2");
    assert.equal(await nameOf("https://example.com", "login"), "example.com/login-2");
    assert.equal(await nameOf("https://example.com", "x.meta"), "example.com/x.meta-2");
    await assert.rejects(nameOf("https://example.com", undefined, ["example.com", "example.com/example.com"]), {
      code: "entry_invalid",
    });
  });

  it("begins with nothing that hides a file or looks like an option, also behind blanks", async () => {
    for (const username of [".git", " .git", "\u3000-rf", "..", " "]) {
      assert.match(await nameOf("https://example.com", username), /^example\.com\/_/, JSON.stringify(username));
    }
  });

  it("is none where no name tells the site, which the error says", async () => {
    for (const origin of ["https://intranet", "https://printer.local-net", "https://com"])
      await assert.rejects(nameOf(origin, "alice"), { code: "entry_invalid", message: /No name tells/ }, origin);
  });

  it("lies below the site and is read as the site's, whatever the user name", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", minLength: 1, maxLength: 256 }), async (username) => {
        const name = await nameNewEntry(ofOrigin("https://example.com"), username, undefined, async () => true);
        assert.match(name.name, /^example\.com\/[^/]+$/);
        assert.ok(Buffer.byteLength(`${name.name.slice(12)}.gpg`) <= 255);
        assert.deepEqual(siteOfEntry(name.name).site, { host: "example.com" });
      }),
    );
  });
});
