import assert from "node:assert/strict";
import { displayOf, targetOf } from "#cli/commands/up-target.ts";

describe("what postern up is told", () => {
  it("is a gate, an address, both in either order, or nothing", () => {
    const page = "https://example.org/";
    assert.deepEqual(targetOf([], undefined), { gate: undefined, page: undefined });
    assert.deepEqual(targetOf(["work"], undefined), { gate: "work", page: undefined });
    assert.deepEqual(targetOf([page], undefined), { gate: undefined, page });
    assert.deepEqual(targetOf(["work", page], undefined), { gate: "work", page });
    assert.deepEqual(targetOf([page, "work"], undefined), { gate: "work", page });
    assert.deepEqual(targetOf(["work"], "https://example.org"), { gate: "work", page });
  });

  it("is refused when it is two of one kind, or neither", () => {
    for (const words of [
      ["work", "home"],
      ["http://a.example/", "http://b.example/"],
      ["Work"],
      ["example.org"],
      ["-x"],
    ])
      assert.throws(() => targetOf(words, undefined), { code: "bad_message", hint: /postern up/ });
    assert.throws(() => targetOf(["http://a.example/"], "http://b.example/"), { code: "bad_message" });
  });

  it("is refused when it is no web address", () => {
    for (const address of [
      "file:///etc/passwd",
      "javascript://%0aalert(1)",
      "about://config",
      "https://",
      "http://a b/",
    ])
      assert.throws(() => targetOf([address], undefined), { code: "bad_message" });
    assert.throws(() => targetOf([`http://a.example/${"a".repeat(2048)}`], undefined), { code: "bad_message" });
  });

  it("comes out as a browser writes it", () => {
    assert.equal(targetOf(['HTTP://Example.org/a b"'], undefined).page, "http://example.org/a%20b%22");
  });
});

describe("the display of postern up", () => {
  it("is Wayland's, absolute or in the run-time directory, and never X11's", () => {
    assert.equal(displayOf({}), undefined);
    assert.equal(displayOf({ DISPLAY: ":0", WAYLAND_DISPLAY: "" }), undefined);
    assert.equal(displayOf({ WAYLAND_DISPLAY: "wayland-1", XDG_RUNTIME_DIR: "/run/user/1" }), "/run/user/1/wayland-1");
    assert.equal(displayOf({ WAYLAND_DISPLAY: "/a/b", XDG_RUNTIME_DIR: "/run/user/1" }), "/a/b");
  });

  it("is refused when nothing says where it is", () => {
    assert.throws(() => displayOf({ WAYLAND_DISPLAY: "wayland-1" }), { code: "bad_message", hint: /XDG_RUNTIME_DIR/ });
  });
});
