import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { eventually } from "#test/harness/eventually.ts";
import { type FillingFirefox, PASSWORD, USER, startFillingFirefox } from "#test/harness/filling-firefox.ts";

const FORM = `<form><input name=login autocomplete=username><input type=password autocomplete=current-password></form>`;
const REAL = `<form><input name=user><input type=password name=pw><button>Sign in</button></form>`;
/** What every field of a document holds, those of its frames with it. */
const ALL = `
  const inputs = (window) => [...window.document.querySelectorAll("input")].map((input) => input.value)
    .concat(...Array.from({ length: window.length }, (_, at) => window[at]).map((frame) => { try { return inputs(frame); } catch { return ["(closed)"]; } }));
  return inputs(window);`;

describe("attack 34: fields and frames that are not for the person", function () {
  this.timeout(240_000);
  let firefox: FillingFirefox;
  const pages: Record<string, string> = {
    "/form": FORM,
    "/hidden": `<iframe src=/form style="opacity:.01"></iframe>${REAL}`,
    "/tiny": `<iframe src=/form width=2 height=2 style="border:0"></iframe>${REAL}`,
    "/away": `<iframe src=/form style="position:absolute;left:-5000px"></iframe>${REAL}`,
    "/covered": `<div style="position:relative;width:400px;height:160px"><iframe src=/form></iframe><div style="position:absolute;inset:0;background:white">Welcome</div></div>${REAL}`,
    "/sandboxed": `<iframe sandbox="allow-scripts allow-forms" src=/form></iframe>${REAL}`,
    "/srcdoc": `<iframe sandbox srcdoc='${FORM}'></iframe>${REAL}`,
    "/own": `<iframe src=/form></iframe>`,
  };
  before(async () => {
    firefox = await startFillingFirefox(pages);
    // Known only now: the same form at the address of another site.
    pages["/foreign"] = `<iframe src="${firefox.foreign}/form"></iframe>${REAL}`;
    pages["/foreign-alone"] = `<iframe src="${firefox.foreign}/form"></iframe>`;
    pages["/own-in-foreign"] = `<iframe src="${firefox.foreign}/around"></iframe>${REAL}`;
    pages["/around"] = `<iframe src="${firefox.origin}/form"></iframe>`;
  });
  after(() => firefox[Symbol.asyncDispose]());

  it("a frame of the page's own, that a person sees, is filled", async () => {
    await firefox.browser.open(`${firefox.origin}/own`);
    await firefox.browser.askToFill();
    await eventually("the frame's fields", async () =>
      isDeepStrictEqual(await firefox.browser.run(ALL), [USER, PASSWORD]),
    );
  });

  for (const path of [
    "/hidden",
    "/tiny",
    "/away",
    "/covered",
    "/sandboxed",
    "/srcdoc",
    "/foreign",
    "/own-in-foreign",
  ]) {
    it(`a frame, ${path.slice(1)}: gets nothing, and the form that a person sees is filled`, async () => {
      const { complaint, fields } = await firefox.fill(path);
      assert.deepEqual({ complaint, fields }, { complaint: undefined, fields: [USER, PASSWORD] });
      const all = await firefox.browser.run(ALL);
      assert.ok(Array.isArray(all));
      assert.deepEqual(
        all.filter((value) => value === PASSWORD || value === USER),
        [USER, PASSWORD],
      );
      assert.equal(firefox.broker.questions.at(-1)?.origin, firefox.origin);
    });
  }

  it("a frame of another site alone is left, and the person is told", async () => {
    const { complaint } = await firefox.fill("/foreign-alone");
    assert.match(complaint ?? "", /no login form on this page\. It may be in a frame of another site/);
  });
});
