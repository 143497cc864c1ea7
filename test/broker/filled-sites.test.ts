import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type FilledSites, openFilledSites } from "#broker/filled-sites.ts";
import { stateFile } from "#broker/state-file.ts";
import { isFilled } from "#protocol/generated/state.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

describe("which ciphertext was filled for which site", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeEach(async () => {
    directory = await temporaryDirectory();
  });
  afterEach(() => directory[Symbol.asyncDispose]());

  const open = (): Promise<FilledSites> =>
    openFilledSites(stateFile(join(directory.path, "filled.json"), isFilled, {}));

  it("is kept, all of it, however many come at once", async () => {
    const filled = await open();
    const digests = Array.from({ length: 50 }, (_, at) => `digest${at}`);
    await Promise.all(digests.map((digest) => filled.remember([digest], "bank.com")));
    await filled.remember(["digest7"], "bank.org");
    const again = await open();
    assert.equal(again.isKnown(digests, "bank.com"), true);
    assert.equal(again.isKnown(["digest7", "digest8"], "bank.org"), false);
    assert.deepEqual(again.elsewhere(["digest7"], "evil.org"), ["bank.com", "bank.org"]);
  });

  it("tells of any file of an entry that is another site's, and of none that is this one's too", async () => {
    const filled = await open();
    await filled.remember(["a", "b"], "bank.com");
    assert.deepEqual(filled.elsewhere(["new", "a", "b"], "evil.org"), ["bank.com"]);
    assert.deepEqual(filled.elsewhere(["new", "a"], "bank.com"), []);
    assert.deepEqual(filled.elsewhere(["new"], "evil.org"), []);
    await filled.remember(["a"], "evil.org");
    assert.deepEqual(filled.elsewhere(["a"], "evil.org"), []);
    assert.deepEqual(filled.elsewhere(["a", "b"], "evil.org"), ["bank.com"]);
  });

  it("is no plain object's business", async () => {
    const filled = await open();
    assert.deepEqual(filled.elsewhere(["constructor", "__proto__"], "evil.org"), []);
  });

  for (const text of ["", "{", "[]", '{"a":"bank.com"}', '{"a":[1]}']) {
    it(`ends the broker's beginning when it reads ${JSON.stringify(text)}`, async () => {
      await writeFile(join(directory.path, "filled.json"), text);
      await assert.rejects(open(), { code: "internal", message: /can not be read/ });
    });
  }
});
