import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createEntriesByHost } from "#broker/entries-by-host.ts";
import { parseEntryName } from "#broker/entry-name.ts";
import { createGpg } from "#broker/gpg.ts";
import { type Login, customField } from "#broker/login.ts";
import { type OtpSource, oneTimeCode } from "#broker/one-time-code.ts";
import { readLogin } from "#broker/read-login.ts";
import { siteText } from "#broker/site.ts";
import { originParts, parseOrigin } from "#protocol/origin.ts";
import { type TotpSettings, oathtool } from "#test/harness/oathtool.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";

describe("a login in a store that pass made", function () {
  this.timeout(60_000);
  let mine: PassStore;
  before(async () => {
    mine = await makePassStore({ "example.com/alice": "pä ss\nurl: https://example.com\nnote: stays\n" });
  });
  after(() => mine[Symbol.asyncDispose]());

  async function read(text: string): Promise<Omit<Login, "fields">> {
    const name = entryName(text);
    const { signal } = new AbortController();
    const gpg = createGpg({ homedir: mine.gnupg, path: process.env.PATH ?? "", signal });
    const { login } = await readLogin({ store: mine.store, stores: [] }, gpg, { name }, signal);
    const { fields: _, ...rest } = login;
    return rest;
  }

  it("is read: password, and the user of its name", async () => {
    assert.deepEqual(await read("example.com/alice"), { password: "pä ss", username: "alice" });
  });

  it("belongs to the name it has now", async () => {
    await rename(join(mine.store, "example.com"), join(mine.store, "example.org"));
    await assert.rejects(read("example.com/alice"), { code: "entry_invalid", message: /no longer/ });
    assert.deepEqual(await read("example.org/alice"), { password: "pä ss", username: "alice" });
  });

  it("is refused when its text is not UTF-8, rather than filled with another password", async () => {
    const plain = join(mine.home, "latin");
    await writeFile(plain, Buffer.from("p\u00e4ss\n", "latin1"));
    await mine.gpg(["--batch", "-r", "test@postern.invalid", "-o", join(mine.store, "latin.gpg"), "-e", plain]);
    await assert.rejects(read("latin"), { code: "entry_invalid", message: /UTF-8/ });
  });
});

interface Vector {
  convention: "pass" | "browserpass" | "passff" | "gopass";
  title: string;
  /** https://example.com where it is not told. */
  page?: string;
  /** Entry → text. */
  files: Record<string, string>;
  /** What the page may have, best first. */
  logins: ExpectedLogin[];
}

interface ExpectedLogin {
  site: string;
  username?: string;
  password?: string;
  reference?: string;
  otp?: TotpSettings | { steam: string } | "refused";
  autosubmit?: boolean;
  /** Null: there is none of this name. */
  custom?: Record<string, string | null>;
}

const vectors: Vector[] = JSON.parse(readFileSync(new URL("../vectors/entries.json", import.meta.url), "utf8"));
const NOW = 1_790_160_000_000;
/** Steam's code of the one secret that the vectors have, then. */
const STEAM_CODE = "6PT8P";

describe("entries as pass, browserpass, passff and gopass write them", function () {
  this.timeout(120_000);
  let mine: PassStore;
  const storeOf = (vector: Vector): string => join(mine.home, `store-${vectors.indexOf(vector)}`);
  before(async () => {
    mine = await makePassStore({});
    // All by one gpg: a process for each would take most of the time.
    const plain: string[] = [];
    for (const vector of vectors) {
      for (const [name, text] of Object.entries(vector.files)) {
        const path = join(storeOf(vector), name);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, text);
        plain.push(path);
      }
    }
    await mine.gpg(["--batch", "-r", "test@postern.invalid", "--encrypt-files", ...plain]);
  });
  after(() => mine[Symbol.asyncDispose]());

  for (const vector of vectors) {
    it(`${vector.convention}: ${vector.title}`, async () => {
      const gpg = createGpg({
        homedir: mine.gnupg,
        path: process.env.PATH ?? "",
        signal: new AbortController().signal,
      });
      const entries = createEntriesByHost();
      entries.add(Object.keys(vector.files).map(entryName));
      const page = originParts(parseOrigin(vector.page ?? "https://example.com"));
      const found = entries.candidates(page, new Map());
      assert.deepEqual(
        found.map(({ entry }) => siteText(entry.site)),
        vector.logins.map(({ site }) => site),
      );
      for (const [at, { entry }] of found.entries()) {
        const { site: _, otp, custom = {}, ...expected } = vector.logins[at] ?? assert.fail();
        const { login, digests } = await readLogin(
          { store: storeOf(vector), stores: [] },
          gpg,
          entry,
          new AbortController().signal,
        );
        const { fields: __, otp: source, ...rest } = login;
        assert.deepEqual(rest, expected);
        await assertOtp(source, otp);
        const { username, otp: code, meta } = entry.companions ?? {};
        assert.equal(digests.length, [entry.name, username, code, meta].filter(Boolean).length);
        for (const [name, value] of Object.entries(custom)) assert.equal(customField(login, name) ?? null, value, name);
      }
    });
  }
});

async function assertOtp(source: OtpSource | undefined, expected: ExpectedLogin["otp"]): Promise<void> {
  if (source === undefined || expected === undefined) return assert.equal(source, expected);
  if (expected === "refused") return assert.throws(() => oneTimeCode(source, NOW), { code: "entry_invalid" });
  const code = "steam" in expected ? STEAM_CODE : await oathtool(expected, NOW);
  assert.equal(oneTimeCode(source, NOW).code, code);
}

function entryName(text: string): NonNullable<ReturnType<typeof parseEntryName>> {
  const name = parseEntryName(text);
  assert(name);
  return name;
}
