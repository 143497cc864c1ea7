import assert from "node:assert/strict";
import { keysOfShortcut } from "#container/shortcut.ts";

describe("the keys of a shortcut", () => {
  it("are WebDriver's", () => {
    assert.deepEqual(keysOfShortcut("Ctrl+Shift+L"), ["\uE009", "\uE008", "l"]);
    assert.deepEqual(keysOfShortcut("Alt+F12"), ["\uE00A", "\uE03C"]);
    assert.deepEqual(keysOfShortcut("Ctrl+Space"), ["\uE009", " "]);
  });
});
