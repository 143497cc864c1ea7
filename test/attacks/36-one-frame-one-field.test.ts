import assert from "node:assert/strict";
import { eventually } from "#test/harness/eventually.ts";
import { type FillingFirefox, PASSWORD, USER, startFillingFirefox } from "#test/harness/filling-firefox.ts";

/** Notes every value that comes to be in the document, and whatever is said to it. */
const WATCH = `<script>
  window.seen = [];
  const note = (value) => typeof value === "string" && window.seen.push(value);
  for (const type of ["input", "change", "keydown", "paste", "beforeinput"]) addEventListener(type, ({ target, data }) => { note(target.value); note(data); }, true);
  addEventListener("message", ({ data }) => note(JSON.stringify(data)));
  addEventListener("storage", ({ newValue }) => note(newValue));
  new BroadcastChannel("postern").onmessage = ({ data }) => note(JSON.stringify(data));
</script>`;
const FORM = `<form><input name=login autocomplete=username><input type=password autocomplete=current-password><input name=note><textarea></textarea></form>`;
const WEAK = `<form><input name=q type=search><input name=comment></form>`;

interface Seen {
  fields: string[];
  seen: string[];
}

describe("attack 36: values in more places than the field that they are for", function () {
  this.timeout(240_000);
  let firefox: FillingFirefox;
  before(async () => {
    firefox = await startFillingFirefox({
      "/page": `${WEAK}<iframe name=one src=/one></iframe><iframe name=two src=/two></iframe>${WATCH}`,
      "/one": `${WEAK}${WATCH}`,
      "/two": `${FORM}${WATCH}`,
    });
  });
  after(() => firefox[Symbol.asyncDispose]());

  it("arrive in one frame, each in one field, and nobody else hears of them", async () => {
    const { browser, origin } = firefox;
    await browser.open(`${origin}/page`);
    await browser.askToFill();
    const all = `return [window, window.frames.one, window.frames.two].map((one) => ({
      fields: [...one.document.querySelectorAll("input, textarea")].map((input) => input.value), seen: one.seen }))`;
    const documents = await eventually(
      "the fill",
      async () => {
        const found = await browser.run(all);
        return JSON.stringify(found).includes(PASSWORD) && found;
      },
      60_000,
    );
    const [page, one, two]: Seen[] = JSON.parse(JSON.stringify(documents));
    assert.ok(two !== undefined);
    for (const other of [page, one]) assert.deepEqual(other, { fields: ["", ""], seen: [] });
    assert.deepEqual(two.fields, [USER, PASSWORD, "", ""]);
    assert.ok(two.seen.includes(PASSWORD));
    // The page's own script may pass on what it has; the extension tells it nothing else.
    assert.ok(
      two.seen.every((value) => [USER, PASSWORD].includes(value)),
      two.seen.join(),
    );
  });
});
