import assert from "node:assert/strict";
import { desktopEnvironment, fontMounts } from "#container/desktop.ts";

const LIGHT = { languages: [], colorScheme: "light", fonts: [] } as const;

describe("what a browser is told of the desktop", () => {
  for (const [languages, locale, accepted] of [
    [["de-AT"], "de_AT.UTF-8", "de-AT, de, en-US, en"],
    [["de"], "de.UTF-8", "de, en-US, en"],
    [["de-CH", "fr", "de-AT"], "de_CH.UTF-8", "de-CH, fr, de-AT, de, en-US, en"],
    [["en-GB"], "en_GB.UTF-8", "en-GB, en"],
    [["fr-CA", "en-CA"], "fr_CA.UTF-8", "fr-CA, fr, en-CA, en"],
    [["sr-Latn-RS"], "sr_RS.UTF-8@latin", "sr-Latn-RS, sr, en-US, en"],
  ] as const) {
    it(`is, of the languages ${languages.join(", ")}, ${accepted}`, () => {
      const environment = desktopEnvironment({ ...LIGHT, fonts: [], languages: [...languages] });
      assert.deepEqual(environment, [`LANG=${locale}`, "POSTERN_COLOR_SCHEME=light", `POSTERN_LANGUAGES=${accepted}`]);
    });
  }

  it("is little where little is known", () => {
    const environment = desktopEnvironment({ ...LIGHT, languages: [], fonts: [], timeZone: "Asia/Tokyo" });
    assert.deepEqual(environment, ["LANG=C.UTF-8", "POSTERN_COLOR_SCHEME=light", "TZ=Asia/Tokyo"]);
  });

  it("are its fonts, each directory read-only in a place of its own", () => {
    const shown = fontMounts(["/usr/share/fonts", "/home/a/.fonts"]).map(({ Source, Target, ReadOnly }) => [
      Source,
      Target,
      ReadOnly,
    ]);
    assert.deepEqual(shown, [
      ["/usr/share/fonts", "/usr/local/share/fonts/0", true],
      ["/home/a/.fonts", "/usr/local/share/fonts/1", true],
    ]);
  });
});
