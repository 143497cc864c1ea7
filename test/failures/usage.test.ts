import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { assertExplained } from "#test/harness/failure.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";

const USAGE = {
  "an unknown command": [["upp"], /unknown command 'upp'.*Did you mean up\?/],
  "an unknown option": [["up", "--stor", "/x"], /unknown option '--stor'.*Did you mean --store\?/],
  "an option without its argument": [["up", "--store"], /option '--store <dir>' argument missing/],
  "a choice that is none": [["up", "--network", "some"], /argument 'some' is invalid/],
  "an argument too many": [["down", "now"], /too many arguments/],
} as const;

describe("postern, called wrongly", function () {
  this.timeout(30_000);
  let postern: TestPostern;
  before(async () => {
    postern = await testPostern();
  });
  after(() => postern[Symbol.asyncDispose]());

  for (const [title, [words, error]] of Object.entries(USAGE)) {
    it(`by ${title}: says so in one line, and how to see what there is`, async () => {
      assertExplained(await postern.run(...words), error, /postern --help$/);
    });
  }

  it("by a gate's name that is none, which --explain does not take either", async () => {
    assertExplained(await postern.run("up", "Bad Gate!", "--explain"), /can not be a gate's name/, /postern up work$/);
  });

  it("with a state directory below a file: says what is in the way", async () => {
    const file = join(postern.home, "file");
    await writeFile(file, "");
    postern.environment.XDG_STATE_HOME = file;
    assertExplained(
      await postern.run("up", "--store", postern.home),
      /file\/postern can not be written/,
      /namei --long/,
    );
  });
});
