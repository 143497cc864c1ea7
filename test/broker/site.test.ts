import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { originParts, parseOrigin } from "#protocol/origin.ts";
import { parseEntryName } from "#broker/entry-name.ts";
import { type SiteOfEntry, parseSite, siteOfEntry, siteText } from "#broker/site.ts";

interface Vector {
  name: string;
  site?: string;
  username?: string;
  label: string;
}

const vectors: Vector[] = JSON.parse(readFileSync(new URL("../vectors/sites.json", import.meta.url), "utf8"));

describe("site and user of an entry's name", () => {
  for (const vector of vectors) {
    it(`${vector.name}: ${vector.site ?? "no site"}`, () => {
      const { site, ...rest } = read(vector.name);
      assert.deepEqual({ name: vector.name, ...(site && { site: siteText(site) }), ...rest }, vector);
    });
  }

  it("reads a site that it wrote as the same", () => {
    fc.assert(
      fc.property(fc.domain(), fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }), (host, port) => {
        const site = parseSite(port === undefined ? host : `${host}:${port}`);
        fc.pre(site !== undefined);
        assert.deepEqual(parseSite(siteText(site)), site);
      }),
    );
  });

  it("gives no site that is not the host of an origin", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "grapheme" }), fc.domain(), fc.ipV4Extended(), fc.ipV6()), (text) => {
        const site = parseSite(text);
        fc.pre(site !== undefined);
        assert.equal(originParts(parseOrigin(`https://${site.host}`)).host, site.host);
      }),
    );
  });
});

function read(text: string): SiteOfEntry {
  const name = parseEntryName(text);
  assert(name);
  return siteOfEntry(name);
}
