import assert from "node:assert/strict";
import { languagesOf } from "#cli/surroundings/languages.ts";

const CASES: [environment: NodeJS.ProcessEnv, languages: string[]][] = [
  [{}, []],
  [{ LANG: "C.UTF-8" }, []],
  [{ LANG: "POSIX", LANGUAGE: "de" }, []],
  [{ LANG: "de_AT.UTF-8" }, ["de-AT"]],
  [{ LANG: "de_AT.UTF-8@euro" }, ["de-AT"]],
  [{ LANG: "de_AT.UTF-8", LC_MESSAGES: "fr_FR.UTF-8" }, ["fr-FR"]],
  [{ LANG: "de_AT.UTF-8", LC_MESSAGES: "fr_FR.UTF-8", LC_ALL: "it_IT" }, ["it-IT"]],
  [{ LANG: "de_AT.UTF-8", LC_ALL: "" }, ["de-AT"]],
  [{ LANG: "de_AT.UTF-8", LC_ALL: "C" }, []],
  [{ LANG: "de_AT.UTF-8", LANGUAGE: "de_CH:fr:de_AT" }, ["de-CH", "fr", "de-AT"]],
  [{ LANG: "sr_RS.UTF-8@latin" }, ["sr-Latn-RS"]],
  [{ LANG: "es_419.UTF-8" }, ["es-419"]],
  [{ LANG: "gsw_CH.UTF-8" }, ["gsw-CH"]],
  [{ LANG: "de_AT.UTF-8", LANGUAGE: "$(id):../../x:C:\n:fr" }, ["fr", "de-AT"]],
];

describe("the languages of an environment", () => {
  for (const [environment, languages] of CASES) {
    it(`are ${languages.join(", ") || "none"} in ${JSON.stringify(environment)}`, () =>
      assert.deepEqual(languagesOf(environment), languages));
  }

  it("are not more than one order may carry", () => {
    const many = Array.from({ length: 40 }, (_, index) => `a${String.fromCharCode(97 + (index % 26))}`);
    assert.equal(languagesOf({ LANG: "de_DE.UTF-8", LANGUAGE: many.join(":") }).length, 16);
  });
});
