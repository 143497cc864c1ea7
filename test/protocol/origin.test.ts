import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { type OriginParts, isLoopback, originParts, parseOrigin } from "#protocol/origin.ts";

interface Vectors {
  accepted: (OriginParts & { origin: string })[];
  refused: string[];
}

const vectors: Vectors = JSON.parse(readFileSync(new URL("../vectors/origins.json", import.meta.url), "utf8"));

describe("origins", () => {
  for (const { origin, ...parts } of vectors.accepted) {
    it(`takes ${origin}`, () => assert.deepEqual(originParts(parseOrigin(origin)), parts));
  }
  for (const origin of vectors.refused) {
    it(`refuses ${JSON.stringify(origin)}`, () => assert.throws(() => parseOrigin(origin), { code: "bad_message" }));
  }

  it("takes the origin of any web URL, and only as a browser writes it", () => {
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (text) => {
        const { origin } = new URL(text);
        fc.pre(!/[^a-z0-9.:/_-]/.test(origin));
        assert.equal(parseOrigin(origin), origin);
        if (text !== origin) assert.throws(() => parseOrigin(text), { code: "bad_message" });
      }),
    );
  });

  it("takes nothing that a URL would have to mend", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        for (const candidate of [text, `https://${text}`, `https://example.com${text}`]) {
          try {
            assert.equal(new URL(parseOrigin(candidate)).origin, candidate);
          } catch (error) {
            assert.equal(error instanceof Error && "code" in error && error.code, "bad_message");
          }
        }
      }),
    );
  });

  it("knows this machine by name and by address, and nothing else", () => {
    for (const host of ["localhost", "app.localhost", "127.0.0.1", "127.255.0.1", "[::1]"])
      assert(isLoopback(host), host);
    const others = ["localhost.evil.org", "127.0.0.1.evil.org", "evil-localhost", "128.0.0.1", "[::2]", "0.0.0.0"];
    for (const host of others) assert(!isLoopback(host), host);
  });
});
