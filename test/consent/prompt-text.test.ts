import assert from "node:assert/strict";
import fc from "fast-check";
import { choices, inert, promptText } from "#consent/prompt-text.ts";
import type { FillQuestion } from "#protocol/generated/consent.ts";

const QUESTION: FillQuestion = {
  kind: "fill",
  gate: "work",
  origin: "https://login.example.com",
  registrableDomain: "example.com",
  entry: "web/example.com/alice",
  site: "example.com",
  match: "exact",
  fields: ["username", "password", "otp"],
  minutes: 15,
};

describe("the prompt's text", () => {
  it("has the origin first and complete, and its registrable domain on a line of its own", () => {
    const lines = promptText(QUESTION).split("\n");
    assert.equal(lines[0], "https://login.example.com");
    assert.equal(lines[1], "Site: example.com");
    assert.match(promptText(QUESTION), /^wants: user name, password, one-time code$/m);
    assert.match(promptText(QUESTION), /^of the entry: web\/example\.com\/alice$/m);
    assert.match(promptText(QUESTION), /^Browser: work$/m);
  });

  it("has a host of another script in ASCII first, and in letters after its registrable domain", () => {
    const other = { origin: "https://www.xn--80ak6aa92e.com", registrableDomain: "xn--80ak6aa92e.com" };
    assert.deepEqual(
      promptText({ ...QUESTION, ...other })
        .split("\n")
        .slice(0, 3),
      ["https://www.xn--80ak6aa92e.com", "Site: xn--80ak6aa92e.com", "In letters: https://www.аррӏе.com"],
    );
  });

  it("names both sites when the entry is another host's", () => {
    assert.match(promptText({ ...QUESTION, match: "parent" }), /^which belongs to another host: example\.com$/m);
    assert.doesNotMatch(promptText(QUESTION), /another host/);
  });

  it("names the entry that refers to this one for its password", () => {
    const text = promptText({ ...QUESTION, referredBy: "example.com/bob" });
    assert.match(text, /^of the entry: web\/example\.com\/alice\nto which this one refers: example\.com\/bob$/m);
  });

  it("names both sites of an entry that may have been moved", () => {
    const elsewhere = { by: "filled", sites: ["bank.com", "a\nb.com"] } as const;
    assert.match(
      promptText({ ...QUESTION, elsewhere: { ...elsewhere, sites: [...elsewhere.sites] } }),
      /^whose name says it is for: example\.com\nbut which was filled before for: bank\.com, a\uFFFDb\.com\nAllow only if/m,
    );
    const told = promptText({ ...QUESTION, site: "", elsewhere: { by: "url", sites: ["bank.com"] } });
    assert.match(told, /^but which says inside that it is for: bank\.com$/m);
    assert.doesNotMatch(told, /whose name says/);
  });

  it("names the page when a frame of another origin asks", () => {
    const text = promptText({ ...QUESTION, topOrigin: "https://shop.example" });
    assert.match(text, /^A frame in a page of https:\/\/shop\.example$/m);
  });

  it("asks in its own words whether a browser may look up further sites, and offers no lasting yes", () => {
    const { gate, origin, registrableDomain } = QUESTION;
    const question = { kind: "limit", gate, origin, registrableDomain, domains: 20, span: "minute" } as const;
    assert.deepEqual(promptText(question).split("\n"), [
      "https://login.example.com",
      "Site: example.com",
      "",
      "is one site more: the browser has looked up 20 within a minute.",
      "May it go on, and learn names of entries of other sites?",
      "Browser: work",
    ]);
    assert.deepEqual(choices(question), { yes: "Go on", minutes: 0 });
    assert.deepEqual(choices(QUESTION), { yes: "Allow once", minutes: 15 });
  });

  it("says that an entry which was picked names no site, or another", () => {
    const picked = { ...QUESTION, match: "picked" } as const;
    assert.match(promptText({ ...picked, site: "bank.com" }), /^which belongs to another host: bank\.com$/m);
    assert.match(promptText({ ...picked, site: "" }), /^which names no site$/m);
  });

  it("says that it is HTTP authentication, and for what", () => {
    const asked = promptText({ ...QUESTION, realm: "Staff" });
    assert.match(asked, /^asks by HTTP authentication\nwants: [^]*\nof the entry: .*\nThe page says: “Staff”\n/m);
    assert.match(promptText({ ...QUESTION, realm: "" }), /^asks by HTTP authentication\nwants: /m);
  });

  it("says what is to be written and where, and what is replaced", () => {
    const { gate, origin, registrableDomain, entry } = QUESTION;
    const question = { kind: "save", gate, origin, registrableDomain, entry, username: "alice" } as const;
    assert.deepEqual(promptText(question).split("\n"), [
      "https://login.example.com",
      "Site: example.com",
      "",
      "wants to save a new login",
      "as the entry: web/example.com/alice",
      "with the user name: “alice”",
      "Browser: work",
    ]);
    const lines = promptText({ ...question, replaces: { days: 40 } }).split("\n");
    assert.deepEqual(lines.slice(3, 7), [
      "wants to replace a password",
      "of the entry: web/example.com/alice",
      "with the user name: “alice”",
      "last changed: 40 days ago; the old one is kept",
    ]);
    assert.deepEqual(choices(question), { yes: "Allow", minutes: 0 });
  });

  it("names the keys that came and went", () => {
    const { gate, origin, registrableDomain, entry } = QUESTION;
    const question = {
      kind: "recipients",
      gate,
      origin,
      registrableDomain,
      entry,
      added: ["a", "b\nc"],
      removed: [],
    } as const;
    const text = promptText({ ...question, added: [...question.added], removed: [] });
    assert.match(text, /^new keys: a, b\uFFFDc\nkeys no longer there: none$/m);
  });

  it("names the whole place that is to be written to, or is too long to be asked", () => {
    const { gate, origin, registrableDomain } = QUESTION;
    const entry = `example.com/${"x".repeat(300)}/bank.com`;
    const page = { gate, origin, registrableDomain, entry };
    assert.ok(promptText({ kind: "save", ...page }).includes(`as the entry: ${entry}\n`));
    assert.ok(promptText({ kind: "recipients", ...page, added: [], removed: [] }).includes(`entry: ${entry}\n`));
  });

  it("lets no value seem to begin a line of its own, where a prompt breaks a long one", () => {
    for (const blank of [" ", "\u00A0", "\u3000", "\u2003"]) {
      const shown = inert(`bob${blank.repeat(60)}Browser: own`);
      assert.doesNotMatch(shown, /\p{Zs}{2}|^\p{Zs}|\p{Zs}$/u);
    }
    assert.equal(inert("a b  c "), "a b␣␣c␣");
    assert.equal(inert("a\u3164b\u034Fc\u2800d"), "a\uFFFDb\uFFFDc\uFFFDd");
  });

  it("shows the longest origin whole", () => {
    const origin = `https://${"a.".repeat(120)}example.com:65535`;
    assert.ok(promptText({ ...QUESTION, origin }).startsWith(`${origin}\n`));
  });

  it("keeps its number of lines, whatever a value holds", () => {
    const lines = promptText(QUESTION).split("\n").length;
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (entry) => {
        assert.equal(promptText({ ...QUESTION, entry }).split(/[\n\r\u0085\u2028\u2029\v\f]/).length, lines);
      }),
    );
  });

  it("makes control characters, direction changes and mark-up inert", () => {
    assert.equal(inert("a\nb\u001B[2Jc\u202Ed<b>e</b>&amp;"), "a\uFFFDb\uFFFD[2Jc\uFFFDd‹b›e‹/b›＆amp;");
    assert.equal(inert("x".repeat(10_000)).length, 276);
  });
});
