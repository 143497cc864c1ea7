import assert from "node:assert/strict";
import { disagreeingHost } from "#broker/url-host.ts";

const hostOf = (value: string, key = "url"): string | undefined => disagreeingHost([{ key, value }], "bank.com");

describe("an entry's own word on what it is for", () => {
  for (const value of [
    "https://bank.com",
    "https://www.bank.com/login?next=https://evil.org",
    "HTTPS://Bank.COM/",
    "bank.com",
    "login.bank.com:8443/x",
    "https://*.bank.com/*",
  ]) {
    it(`agrees with bank.com: ${value}`, () => assert.equal(hostOf(value), undefined));
  }

  for (const [value, host] of [
    ["https://evil.org/bank.com", "evil.org"],
    ["https://bank.com@evil.org/", "evil.org"],
    ["https://bank.com.evil.org", "bank.com.evil.org"],
    ["evil.org", "evil.org"],
    ["*.evil.org", "evil.org"],
    ["http://192.168.1.1/", "192.168.1.1"],
    ["http://[::1]/", "[::1]"],
    ["bücher.de", "xn--bcher-kva.de"],
  ] as const) {
    it(`disagrees: ${value}`, () => assert.equal(hostOf(value), host));
  }

  for (const value of ["", "see my notes", "mail", "androidapp://org.evil", "mailto:a@evil.org", "https://", "//"]) {
    it(`says nothing: ${JSON.stringify(value)}`, () => assert.equal(hostOf(value), undefined));
  }

  it("is believed in any of its keys, and in no other", () => {
    for (const key of ["url", "uri", "website", "site", "link"]) assert.equal(hostOf("evil.org", key), "evil.org");
    for (const key of ["login", "note", "urls"]) assert.equal(hostOf("evil.org", key), undefined);
  });

  it("agrees when one of several does", () => {
    const fields = ["evil.org", "https://bank.com"].map((value) => ({ key: "url", value }));
    assert.equal(disagreeingHost(fields, "bank.com"), undefined);
  });

  it("keeps neighbours under a private suffix apart", () => {
    assert.equal(disagreeingHost([{ key: "url", value: "a.github.io" }], "b.github.io"), "a.github.io");
  });
});
