import assert from "node:assert/strict";
import { eventually } from "#test/harness/eventually.ts";
import { type FillingFirefox, startFillingFirefox } from "#test/harness/filling-firefox.ts";

const FORM = `<form><input name=login autocomplete=username><input type=password autocomplete=current-password></form>`;

describe("attack 35: a page that is another one when the person has answered", function () {
  this.timeout(240_000);
  let firefox: FillingFirefox;
  before(async () => {
    firefox = await startFillingFirefox({ "/form": FORM, "/other": FORM, "/frame": `<iframe src=/form></iframe>` });
  });
  after(() => firefox[Symbol.asyncDispose]());

  const AWAY: Record<string, { path: string; act: () => Promise<unknown> }> = {
    "goes to another site": { path: "/form", act: () => firefox.browser.open(`${firefox.foreign}/form`) },
    "goes to another page of its site": { path: "/form", act: () => firefox.browser.open(`${firefox.origin}/other`) },
    "loads again": { path: "/form", act: () => firefox.browser.open(`${firefox.origin}/form`) },
    "sends its frame to another site": {
      path: "/frame",
      act: () =>
        firefox.browser.run(`return new Promise((done) => {
          const [frame] = document.querySelectorAll("iframe");
          frame.onload = () => done();
          frame.src = "${firefox.foreign}/form";
        })`),
    },
  };
  for (const [what, { path, act }] of Object.entries(AWAY)) {
    it(`${what}: gets nothing, and the person is told`, async () => {
      const { broker, browser, origin } = firefox;
      const asked = broker.questions.length;
      await broker.person(async () => {
        await act();
        return "once";
      });
      await browser.open(`${origin}${path}`);
      await browser.askToFill();
      await eventually("the question", () => broker.questions.length > asked, 60_000);
      await eventually(
        "the release",
        async () => (await broker.log()).some(({ type, decision }) => type === "get" && decision === "allowed"),
        60_000,
      );
      // As long as a fill takes several times over.
      await browser.run("return new Promise((done) => setTimeout(done, 1500))");
      const fields = await browser.run(
        "return [window, ...Array.from({ length: window.length }, (_, at) => window[at])].flatMap((one) => { try { return [...one.document.querySelectorAll('input')].map((input) => input.value); } catch { return []; } })",
      );
      assert.ok(Array.isArray(fields) && fields.every((value) => value === ""), JSON.stringify(fields));
    });
  }

  it("stays where it is: is filled, so that the others could have been", async () => {
    await firefox.broker.person(async () => "once");
    const { complaint } = await firefox.fill("/form");
    assert.equal(complaint, undefined);
  });
});
