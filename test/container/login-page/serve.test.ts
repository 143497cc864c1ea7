import assert from "node:assert/strict";
import { once } from "node:events";
import { type Server, createServer } from "node:http";
import { serveLoginPage } from "#container/login-page/serve.ts";

describe("the login page", () => {
  let server: Server;
  let base = "";
  before(async () => {
    server = createServer(serveLoginPage).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    base = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it("is an ordinary form, and runs no script", async () => {
    const response = await fetch(`${base}/`);
    assert.match(response.headers.get("content-security-policy") ?? "", /^default-src 'none'/);
    const page = await response.text();
    assert.match(page, /<input id="username" name="username" type="text" autocomplete="username"/);
    assert.match(page, /<input id="password" name="password" type="password" autocomplete="current-password"/);
    assert.doesNotMatch(page, /<script/);
  });

  it("says who signed in, and never by which password", async () => {
    const body = new URLSearchParams({ username: "<b>a & b</b>", password: "pw-Secret1" });
    const page = await (await fetch(`${base}/sign-in`, { method: "POST", body })).text();
    assert.match(page, /&#60;b&#62;a &#38; b&#60;\/b&#62;/);
    assert.match(page, /10 characters/);
    assert.doesNotMatch(page, /pw-Secret1/);
  });

  it("takes no form without end", async () => {
    const body = new URLSearchParams({ username: "a".repeat(10_000) });
    await assert.rejects(fetch(`${base}/sign-in`, { method: "POST", body }));
  });

  it("has nothing else", async () => {
    assert.equal((await fetch(`${base}/else`)).status, 404);
  });
});
