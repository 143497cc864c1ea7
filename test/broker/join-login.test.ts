import assert from "node:assert/strict";
import { parseEntryName } from "#broker/entry-name.ts";
import { type CompanionTexts, joinLogin } from "#broker/join-login.ts";
import { type Login, customField, parseLogin } from "#broker/login.ts";

function joined(text: string, texts: CompanionTexts): Login {
  const name = parseEntryName("example.com");
  assert(name);
  return joinLogin(parseLogin(text, name), texts);
}

describe("a login of several files", () => {
  it("has user and one-time code of the files for them", () => {
    const login = joined("pw\n", { username: "alice\n", otp: "JBSW Y3DP\n" });
    assert.deepEqual([login.password, login.username, login.otp], ["pw", "alice", { secret: "JBSW Y3DP" }]);
  });

  it("takes a one-time code however it is written", () => {
    const uri = "otpauth://totp/x?secret=AA";
    assert.deepEqual(joined("pw", { otp: `${uri}\n` }).otp, { uri });
    assert.deepEqual(joined("pw", { otp: `totp: ${uri}\n` }).otp, { uri });
    assert.deepEqual(joined(`pw\n${uri}`, { otp: "\n" }).otp, { uri });
  });

  it("has the user name first in a .meta, or under its key", () => {
    assert.equal(joined("pw\nlogin: other", { meta: "alice\nurl: https://example.com\n" }).username, "alice");
    assert.equal(joined("pw", { meta: "url: https://example.com\nuser: alice\n" }).username, "alice");
    assert.equal(joined("pw\nlogin: alice", { meta: "url: https://example.com" }).username, "alice");
  });

  it("never has its password elsewhere than in its own file", () => {
    assert.equal(joined("pw", { meta: "alice\npassword: other" }).password, "pw");
    assert.equal(joined("", { meta: "alice\npassword: other", username: "a\npassword: other" }).password, undefined);
  });

  it("has what else a .meta says, after what it says itself", () => {
    const login = joined("pw\npin: 1\nautosubmit: false", {
      meta: "alice\npin: 2\npuk: 3\nautosubmit: true\notp: AA",
    });
    assert.deepEqual([customField(login, "pin"), customField(login, "puk")], ["1", "3"]);
    assert.deepEqual([login.autosubmit, login.otp], [false, { secret: "AA" }]);
    assert.equal(joined("pw", { meta: "alice\nautosubmit: false" }).autosubmit, false);
  });
});
