import { assertExplained, nothingLeft } from "#test/harness/failure.ts";
import { configure } from "#test/harness/configure.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";

const ERRORS = {
  "that is not TOML": ['# mine\n[consent]\ncommand = ["a"', /config\.toml, line 3, column \d+: /],
  "with an unknown key": [
    '[gates.work]\nconsent = "always"\ncolour = "red"\n',
    /config\.toml, line 3: there is no key gates\.work\.colour\./,
  ],
  "with a value of the wrong type": [
    '\n[consent]\ncommand = "ask-me"\n',
    /config\.toml, line 3: consent\.command must be array\./,
  ],
  "with a value that is none of the choices": [
    '[gates]\nwork = { consent = "never" }\n',
    /config\.toml, line 2: gates\.work\.consent must be equal to one of the allowed values\./,
  ],
} as const;

describe("postern up, with a config.toml", function () {
  this.timeout(60_000);
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
  afterEach(() => nothingLeft(postern));

  for (const [title, [text, error]] of Object.entries(ERRORS)) {
    it(`${title}: names the line and the key, and the file to mend`, async () => {
      await configure(postern, text);
      const run = await postern.run("up", postern.gate, "--store", store.store);
      assertExplained(run, error, /editor .*\.config\/postern\/config\.toml$/);
    });
  }

  it("with a store that is not there: names it, its place and its key, and starts nothing", async () => {
    await configure(postern, `[stores]\nmine = ${JSON.stringify(store.store)}\nwork = "~/work-store"\n`);
    const run = await postern.run("up", postern.gate);
    const error = new RegExp(`There is no store at ${postern.home}/work-store, where the store work should be\\.`);
    assertExplained(run, error, /pass init, or mend config\.toml: stores\.work/);
  });
});
