import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { assertExplained, nothingLeft } from "#test/harness/failure.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";

const USAGE = {
  "an unknown command": [["upp"], /unknown command 'upp'.*Did you mean up\?/],
  "an unknown option": [["up", "--stor", "/x"], /unknown option '--stor'.*Did you mean --store\?/],
  "an option without its argument": [["up", "--store"], /option '--store <dir>' argument missing/],
  "a choice that is none": [["up", "--network", "some"], /argument 'some' is invalid/],
  "an argument too many": [["down", "now"], /too many arguments/],
} as const;

const PLACES = {
  XDG_STATE_HOME: /file\/postern can not be written/,
  XDG_CONFIG_HOME: /file\/postern can not be written/,
  XDG_RUNTIME_DIR: /file\/postern can not be written/,
  XDG_DATA_HOME: /The demo store could not be made/,
};

describe("postern, called wrongly", function () {
  this.timeout(30_000);
  let store: PassStore;
  let postern: TestPostern;
  before(async () => {
    store = await makePassStore({});
    postern = await testPostern({ GNUPGHOME: store.gnupg });
  });
  after(async () => {
    await postern[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  for (const [title, [words, error]] of Object.entries(USAGE)) {
    it(`by ${title}: says so in one line, and how to see what there is`, async () => {
      assertExplained(await postern.run(...words), error, /postern --help$/);
    });
  }

  it("by a gate's name that is none, which --explain does not take either", async () => {
    assertExplained(await postern.run("up", "Bad Gate!", "--explain"), /can not be a gate's name/, /postern up work$/);
  });

  for (const [name, error] of Object.entries(PLACES)) {
    it(`with ${name} below a file: says what is in the way`, async () => {
      const file = join(postern.home, "file");
      await writeFile(file, "");
      const found = postern.environment[name];
      postern.environment[name] = file;
      const run = await postern.run("up", ...(name === "XDG_DATA_HOME" ? [] : ["--store", store.store]));
      if (found === undefined) delete postern.environment[name];
      else postern.environment[name] = found;
      assertExplained(run, error, /postern up|namei --long/);
      await nothingLeft(postern);
    });
  }
});
