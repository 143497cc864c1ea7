import assert from "node:assert/strict";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findTimeZone } from "#cli/surroundings/time-zone.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

describe("the time zone", () => {
  for (const [TZ, name] of [
    ["Asia/Kathmandu", "Asia/Kathmandu"],
    [":America/Argentina/Ushuaia", "America/Argentina/Ushuaia"],
    ["/usr/share/zoneinfo/Europe/Vienna", "Europe/Vienna"],
    [":/usr/share/zoneinfo/posix/Europe/Vienna", "Europe/Vienna"],
    ["UTC", "UTC"],
    ["CET-1CEST,M3.5.0,M10.5.0/3", undefined],
    ["../../etc/passwd", undefined],
    ["Nowhere/At_All", undefined],
    ["+01:00", undefined],
    ["", undefined],
  ] as const) {
    it(`of TZ=${TZ} is ${name ?? "not known"}`, async () => assert.equal(await findTimeZone({ TZ }, "/nowhere"), name));
  }

  it("is what /etc/localtime links to, else what /etc/timezone says", async () => {
    await using etc = await temporaryDirectory();
    assert.equal(await findTimeZone({}, etc.path), undefined);
    await writeFile(join(etc.path, "timezone"), "Europe/Vienna\n");
    assert.equal(await findTimeZone({}, etc.path), "Europe/Vienna");
    await symlink("../usr/share/zoneinfo/Asia/Tokyo", join(etc.path, "localtime"));
    assert.equal(await findTimeZone({}, etc.path), "Asia/Tokyo");
    assert.equal(await findTimeZone({ TZ: "Europe/Rome" }, etc.path), "Europe/Rome");
  });
});
