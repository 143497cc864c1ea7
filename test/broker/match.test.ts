import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { originParts, parseOrigin } from "#protocol/origin.ts";
import { parseEntryName } from "#broker/entry-name.ts";
import { hostAndParents, matchEntry } from "#broker/match.ts";
import { registrableDomain } from "#wire/registrable-domain.ts";
import { type Site, siteOfEntry } from "#broker/site.ts";

interface Vector {
  page: string;
  entry: string;
  match?: string;
}

const vectors: Vector[] = JSON.parse(readFileSync(new URL("../vectors/matches.json", import.meta.url), "utf8"));
const aliases = new Map([["amazon.co.uk", ["amazon.com"]]]);

describe("matching", () => {
  for (const { page, entry, match } of vectors) {
    it(`${entry} for ${page}: ${match ?? "no"}`, () => {
      const site = siteOf(entry);
      const found = site && matchEntry(originParts(parseOrigin(page)), site, aliases);
      assert.equal(found, match);
    });
  }

  it("names the registrable domain, or the host that has none", () => {
    const domains: Record<string, string> = {
      "example.com": "example.com",
      "a.b.example.co.uk": "example.co.uk",
      "co.uk": "co.uk",
      "www.alice.github.io": "alice.github.io",
      "github.io": "github.io",
      "127.0.0.1": "127.0.0.1",
      "[2001:db8::1]": "[2001:db8::1]",
      localhost: "localhost",
      intranet: "intranet",
      "a.b.internal": "b.internal",
    };
    for (const [host, domain] of Object.entries(domains)) assert.equal(registrableDomain(host), domain);
  });

  it("lists a host and its parents, the registrable domain last", () => {
    assert.deepEqual(hostAndParents("a.b.example.co.uk"), ["a.b.example.co.uk", "b.example.co.uk", "example.co.uk"]);
    assert.deepEqual(hostAndParents("127.0.0.1"), ["127.0.0.1"]);
    fc.assert(
      fc.property(fc.domain(), (host) => {
        const hosts = hostAndParents(host);
        assert.equal(hosts.at(0), host);
        assert.equal(hosts.at(-1), registrableDomain(host));
      }),
    );
  });
});

function siteOf(entry: string): Site | undefined {
  const name = parseEntryName(entry);
  assert(name);
  return siteOfEntry(name).site;
}
