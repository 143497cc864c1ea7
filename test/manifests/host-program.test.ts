import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { HOST_OPTIONS, hostProgram } from "#manifests/host-program.ts";

const SANDBOXED = join(import.meta.dirname, "../../container/firefox/postern-host");

describe("the program that a manifest names", () => {
  it("gives Node the same options in a sandbox and outside of one", async () => {
    assert.ok(hostProgram("/folder", "LE", []).includes(`node" ${HOST_OPTIONS} "$folder/postern-host.cjs"`));
    assert.ok((await readFile(SANDBOXED, "utf8")).includes(`/node ${HOST_OPTIONS} \\\n`));
  });
});
