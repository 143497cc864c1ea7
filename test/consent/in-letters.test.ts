import assert from "node:assert/strict";
import { inLetters } from "#consent/in-letters.ts";

const LETTERS = {
  "https://xn--bcher-kva.example": "https://bücher.example",
  "https://www.xn--bcher-kva.example:8443": "https://www.bücher.example:8443",
  // All Cyrillic, and looks Latin.
  "https://xn--80ak6aa92e.com": "https://аррӏе.com",
  "https://example.com": undefined,
  "http://[::1]:8080": undefined,
  "http://127.0.0.1": undefined,
  // Stand for nothing.
  "https://xn--a.com": undefined,
  "https://xn--99zzzz9.com": undefined,
  "no origin": undefined,
};

describe("an origin in letters", () => {
  for (const [origin, letters] of Object.entries(LETTERS)) {
    it(`of ${origin}: ${letters ?? "none"}`, () => assert.equal(inLetters(origin), letters));
  }
});
