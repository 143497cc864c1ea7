import assert from "node:assert/strict";
import { ageOfImage } from "#container/image-age.ts";

describe("an image's age", () => {
  const now = Date.parse("2026-11-25T12:00:00Z");
  for (const [packages, days, state] of [
    ["2026-11-25T11:59:59Z", 0, "fresh"],
    ["2026-11-24T12:00:01Z", 0, "fresh"],
    ["2026-11-24T12:00:00Z", 1, "fresh"],
    ["2026-10-26T12:00:00Z", 30, "fresh"],
    ["2026-10-25T12:00:00Z", 31, "old"],
    ["2026-09-26T12:00:00Z", 60, "old"],
    ["2026-09-25T12:00:00Z", 61, "stale"],
    ["2001-01-01T00:00:00Z", 9459, "stale"],
    ["2030-01-01T00:00:00Z", 0, "fresh"],
  ] as const) {
    it(`of packages from ${packages} is ${days} days, which is ${state}`, () =>
      assert.deepEqual(ageOfImage(new Date(packages), now), { days, state }));
  }
});
