import assert from "node:assert/strict";
import { filterEntries } from "#extension/popup/filter-entries.ts";

describe("filtering the list of logins", () => {
  const entries = [
    { handle: "1", label: "example.com/alice", username: "Alice@Mail.org", match: "exact" as const },
    { handle: "2", label: "example.com", match: "parent" as const },
  ];

  it("keeps those that have every word in label or user name, in their order", () => {
    const expected: Record<string, string[]> = {
      "": ["1", "2"],
      " ": ["1", "2"],
      EXAMPLE: ["1", "2"],
      "mail com": ["1"],
      "com bob": [],
      ".*": [],
    };
    for (const [typed, handles] of Object.entries(expected)) {
      const left = filterEntries(entries, typed).map(({ handle }) => handle);
      assert.deepEqual(left, handles, typed);
    }
  });
});
