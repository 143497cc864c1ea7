import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { PosternError } from "#protocol/error.ts";
import { type OriginParts, originParts, parseOrigin } from "#protocol/origin.ts";
import { parseEntryName } from "#broker/entry-name.ts";
import { matchSite } from "#broker/match.ts";
import { siteOfEntry } from "#broker/site.ts";
import { type StoreIndex, openIndex } from "#broker/store-index.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

/** The entries that every attacking origin is after. */
const ENTRIES = [
  "example.com/alice",
  "www.example.com/alice",
  "port.example.com:8443/alice",
  "bank.co.uk/alice",
  "co.uk/alice",
  "alice.github.io/alice",
  "github.io/alice",
  "apple.com/alice",
  "münchen.de/alice",
  "127.0.0.1/alice",
  "[::1]/alice",
  "192.168.1.1:8080/alice",
  "localhost/alice",
];

/** Whose pages get nothing at all. */
const ATTACKERS: Record<string, string[]> = {
  "a name that ends alike": ["https://evil-example.com", "https://evilexample.com", "https://xexample.com"],
  "a name that begins alike": [
    "https://example.com.evil.org",
    "https://example.community",
    "https://example.com-evil.org",
  ],
  "a shorter or longer suffix": ["https://example.co", "https://example.org", "https://example.com.co", "https://com"],
  "the same name under another suffix": [
    "https://bank.uk",
    "https://bank.org.uk",
    "https://bank.co",
    "https://bank.co.jp",
  ],
  "a sibling below a public suffix": ["https://evil.co.uk", "https://evil.co.uk:8443"],
  "a sibling below a private suffix": [
    "https://mallory.github.io",
    "https://alice-x.github.io",
    "https://github.io.evil.org",
  ],
  "another port": [
    "https://port.example.co:8443",
    "http://192.168.1.1",
    "http://192.168.1.1:8081",
    "https://192.168.1.1",
  ],
  "an address that ends or begins alike": ["http://1.127.0.0", "http://127.0.0.2", "http://27.0.0.1", "http://0.0.0.0"],
  "an address in a name": ["http://127.0.0.1.evil.org", "http://1.0.0.127.in-addr.arpa", "http://127-0-0-1.evil.org"],
  "IPv4 inside IPv6": [
    "http://[::ffff:7f00:1]",
    "http://[::7f00:1]",
    "http://[64:ff9b::7f00:1]",
    "http://[::ffff:c0a8:101]:8080",
  ],
  "another IPv6 address": ["http://[::]", "http://[::2]", "http://[1::1]", "http://[::1:1]"],
  "a name below localhost": ["http://evil.localhost", "http://localhost.evil.org", "http://localhost.localdomain"],
  "look-alike letters": [
    "https://xn--pple-43d.com",
    "https://xn--80ak6aa92e.com",
    "https://xn--exmple-4nf.com",
    "https://munchen.de",
  ],
  "the ASCII form as a label": ["https://xn--mnchen-3ya.evil.org", "https://xn--mnchen-3ya.de.evil.org"],
  "a label with signs": ["https://example_com.evil.org", "https://example-com", "https://_.example.co"],
};

/** Spellings that some parser takes for the entry's host; none of them is an origin. */
const SPELLINGS = [
  "https://example.com.",
  "https://EXAMPLE.com",
  "https://Example.Com",
  "https://user@example.com",
  "https://example.com@evil.org",
  "https://evil.org:x@example.com",
  "https://example.com\\@evil.org",
  "https://example.com/@evil.org",
  "https://example.com#@evil.org",
  "https://evil.org?.example.com",
  "https://example.com%00.evil.org",
  "https://example.com\0.evil.org",
  "https://example%2ecom",
  "https://example。com",
  "https://ｅxample.com",
  "https://ex\u00adample.com",
  "https://аpple.com",
  "https://münchen.de",
  "https://MÜNCHEN.de",
  "https://example.com:443",
  "https://example.com:0443",
  "http://127.1",
  "http://127.0.1",
  "http://0177.0.0.1",
  "http://0x7f.0.0.1",
  "http://0x7f000001",
  "http://2130706433",
  "http://127.0.0.1.",
  "http://127.000.000.001",
  "http://１２７.0.0.1",
  "http://[0:0:0:0:0:0:0:1]",
  "http://[::0001]",
  "http://[::127.0.0.1]",
  "http://[::ffff:127.0.0.1]",
  "http://[::1%25lo]",
  "http://[::FFFF:7f00:1]",
  "http://::1",
  "https://*.example.com",
  "https://example.com,evil.org",
  "https://example.com evil.org",
  "https://\u202emoc.elpmaxe",
];

describe("attack 17: look-alike origins", () => {
  const stop = new AbortController();
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let index: StoreIndex;

  before(async () => {
    directory = await temporaryDirectory();
    for (const entry of ENTRIES) {
      await mkdir(join(directory.path, dirname(entry)), { recursive: true });
      await writeFile(join(directory.path, `${entry}.gpg`), "");
    }
    const nothing = (): void => undefined;
    index = openIndex(directory.path, { signal: stop.signal, onSkipped: nothing, onChange: nothing });
    await index.settled();
    assert.equal(index.size, ENTRIES.length);
  });
  after(async () => {
    stop.abort();
    await directory[Symbol.asyncDispose]();
  });

  const offered = (origin: string): string[] =>
    index.candidates(originParts(parseOrigin(origin))).map(({ entry }) => entry.name);

  it("the entries are there, for those they belong to", () => {
    assert.deepEqual(offered("https://example.com"), ["example.com/alice"]);
    assert.deepEqual(offered("https://www.example.com"), ["www.example.com/alice", "example.com/alice"]);
    assert.deepEqual(offered("https://bank.co.uk"), ["bank.co.uk/alice"]);
    assert.deepEqual(offered("https://www.alice.github.io"), ["alice.github.io/alice"]);
    assert.deepEqual(offered("https://xn--mnchen-3ya.de"), ["münchen.de/alice"]);
    assert.deepEqual(offered("http://127.0.0.1:3000"), ["127.0.0.1/alice"]);
    assert.deepEqual(offered("http://[::1]:3000"), ["[::1]/alice"]);
    assert.deepEqual(offered("http://192.168.1.1:8080"), ["192.168.1.1:8080/alice"]);
    assert.deepEqual(offered("http://localhost:3000"), ["localhost/alice"]);
  });

  it("a child's entry is not its parent's, nor a sibling's", () => {
    assert(!offered("https://example.com").includes("www.example.com/alice"));
    assert(!offered("https://mail.example.com").includes("www.example.com/alice"));
    assert(!offered("https://port.example.com").includes("port.example.com:8443/alice"));
    assert(!offered("https://port.example.com:8444").includes("port.example.com:8443/alice"));
  });

  for (const [title, origins] of Object.entries(ATTACKERS)) {
    it(`${title}: nothing`, () => {
      for (const origin of origins) assert.deepEqual(offered(origin), [], origin);
    });
  }

  for (const spelling of SPELLINGS) {
    it(`${JSON.stringify(spelling)}: no origin`, () => assert.throws(() => offered(spelling), { code: "bad_message" }));
  }

  it("a bare suffix serves no page below it, whatever the entry", () => {
    assert.deepEqual(offered("https://evil.co.uk"), []);
    fc.assert(fc.property(suffix, label, (below, name) => assert.equal(match(`${name}.${below}`, below), undefined)));
  });

  it("a match is the host itself or a parent with a label more than its public suffix, nothing else", () => {
    const labels = fc.array(label, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        suffix,
        labels,
        suffix,
        labels,
        fc.boolean(),
        (ofPage, pageLabels, ofEntry, entryLabels, isRelated) => {
          // Half of the time the entry's host is made of the page's, or they would seldom have to do with one another.
          const page = [...pageLabels, ofPage].join(".");
          const entry = isRelated
            ? [...pageLabels.slice(-entryLabels.length), ofPage].join(".")
            : [...entryLabels, ofEntry].join(".");
          const expected = entry === page ? "exact" : page.endsWith(`.${entry}`) ? "parent" : undefined;
          assert.equal(match(page, entry), expected);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("whatever is put around an entry's host, it is another one", () => {
    fc.assert(
      fc.property(fc.domain(), fc.domain(), label, (host, evil, name) => {
        fc.pre(host !== evil && !evil.endsWith(`.${host}`));
        for (const page of [`${host}.${evil}`, `${name}-${host}`, `${name}${host}`, `${host}${name}`, evil]) {
          fc.pre(page !== host && !page.endsWith(`.${host}`));
          assert.equal(match(page, host), undefined, page);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("an entry that names a port serves that port alone", () => {
    const port = fc.integer({ min: 1, max: 65_535 });
    fc.assert(
      fc.property(port, port, (ofPage, ofEntry) => {
        const found = match(`www.example.com:${ofPage}`, `example.com:${ofEntry}`);
        assert.equal(found, ofPage === ofEntry ? "parent" : undefined);
      }),
    );
  });

  it("an address serves itself alone", () => {
    const address = fc.oneof(
      fc.ipV4(),
      fc.ipV6().map((text) => `[${text}]`),
    );
    fc.assert(
      fc.property(address, address, (page, entry) => {
        const [ofPage, ofEntry] = [page, entry].map((text) => new URL(`http://${text}`).hostname);
        assert.equal(match(ofPage ?? "", entry), ofPage === ofEntry ? "exact" : undefined);
      }),
    );
  });

  it("any text at all is refused or gets what its own host has", () => {
    const hostile = fc.oneof(fc.string({ unit: "binary" }), fc.webAuthority(), fc.webUrl());
    fc.assert(
      fc.property(
        hostile,
        fc.constantFrom("", "https://", "https://example.com", "https://example.com."),
        (text, before) => {
          const page = tryOrigin(before + text);
          const found = page && matchSite(page, { host: "example.com" });
          const isOurs = page?.host === "example.com" || page?.host.endsWith(".example.com");
          assert.equal(found !== undefined, isOurs === true);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});

/** From every part of the Public Suffix List: plain, several labels, wildcard, exception's neighbour, IDN, private. */
const SUFFIXES = (
  "com org de sh zip app co.uk gov.uk com.au k12.ca.us pvt.k12.ma.us foo.ck bar.kawasaki.jp xn--p1ai xn--fiqs8s " +
  "xn--55qx5d.cn in-addr.arpa github.io blogspot.com s3.amazonaws.com herokuapp.com appspot.com web.app duckdns.org"
).split(" ");
const suffix = fc.constantFrom(...SUFFIXES);
/** Not one that would make a longer suffix together with those above. */
const label = fc.stringMatching(/^q[a-z0-9]{0,8}q$/);

function match(pageHost: string, entry: string): ReturnType<typeof matchSite> {
  const name = parseEntryName(entry);
  assert(name);
  const { site } = siteOfEntry(name);
  return site && matchSite(originParts(parseOrigin(`https://${pageHost}`)), site);
}

function tryOrigin(text: string): OriginParts | undefined {
  try {
    return originParts(parseOrigin(text));
  } catch (error) {
    assert(error instanceof PosternError && error.code === "bad_message");
    return undefined;
  }
}
