import assert from "node:assert/strict";
import { readArguments } from "#tools/setup/arguments.js";

describe("set-up's arguments", () => {
  it("hands what follows start to postern up", () => {
    const { program, isAgreed, isHelp } = readArguments(["start", "work", "--json"]);
    assert.deepEqual(program, ["dist/postern.cjs", "up", "work", "--json"]);
    assert.deepEqual([isAgreed, isHelp], [false, false]);
  });

  it("keeps --yes for itself", () => {
    const { program, isAgreed } = readArguments(["start", "--json", "--yes"]);
    assert.deepEqual(program, ["dist/postern.cjs", "up", "--json"]);
    assert.ok(isAgreed);
  });

  it("runs every test, unless told which", () => {
    assert.deepEqual(readArguments(["test", "--bail"]).program.slice(1), ["--bail", "test/"]);
    assert.deepEqual(readArguments(["test", "test/wire"]).program.slice(1), ["test/wire"]);
  });

  it("runs nothing after prepare", () => {
    assert.deepEqual(readArguments(["prepare", "--yes"]), {
      command: "prepare",
      program: [],
      isAgreed: true,
      isHelp: false,
    });
  });

  it("knows no other command", () => {
    assert.equal(readArguments(["--yes"]).command, undefined);
    assert.equal(readArguments([]).command, undefined);
  });
});
