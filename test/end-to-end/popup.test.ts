import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execStream } from "#container/exec.ts";
import { buttonSign } from "#container/extension-control.ts";
import type { Marionette } from "#container/marionette.ts";
import { keysOfShortcut } from "#container/shortcut.ts";
import { eventually } from "#test/harness/eventually.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";

const PAGE = "http://localhost:8000/";
const DOWN = "\uE015";
const ENTER = "\uE007";
const ESCAPE = "\uE00C";

describe("end to end: the popup, by keyboard alone", function () {
  this.timeout(600_000);
  let store: PassStore;
  let postern: TestPostern;
  let browser: Marionette;
  let answerFile: string;
  const parts = new AsyncDisposableStack();
  before(async () => {
    store = parts.use(
      await makePassStore({
        "localhost:8000/alice": "pw-alice\n",
        "localhost:8000/bob": "pw-bob\nlogin: bob@example.org\n",
        "example.org": "pw-elsewhere\n",
      }),
    );
    postern = parts.use(await testPostern({ GNUPGHOME: store.gnupg }));
    answerFile = join(store.home, "answer");
    await writeFile(answerFile, '{"answer":"once"}');
    await writeFile(join(store.home, "consent"), `#!/bin/sh\ncat >/dev/null; sleep 0.8; cat ${answerFile}\n`);
    await chmod(join(store.home, "consent"), 0o755);
    await mkdir(join(postern.home, ".config/postern"), { recursive: true });
    await writeFile(join(postern.home, ".config/postern/config.toml"), `consent.command = ["${store.home}/consent"]\n`);
    const up = await postern.run("up", postern.gate, "--store", store.store, "--json");
    assert.equal(up.exitCode, 0, up.stderr);

    const container = await postern.container("firefox");
    const command = ["/usr/libexec/postern/node", "/usr/libexec/postern/login-page.cjs", "8000"];
    const server = await execStream(postern.engine, container, command);
    parts.defer(() => void server.stream.end());
    await once(server.stream, "data", { signal: AbortSignal.timeout(30_000) });
    browser = parts.use(await postern.browser());
  });
  after(() => parts.disposeAsync());

  beforeEach(async () => {
    await browser.setContext("content");
    await browser.navigate(PAGE);
  });

  it("opens with the page's entries, and Enter on the second fills that one", async () => {
    await openPopup();
    await press(DOWN);
    await press(ENTER);
    await popupIsClosed();
    assert.deepEqual(await fields(), ["bob@example.org", "pw-bob"]);
  });

  it("fills the first with Enter alone", async () => {
    await openPopup();
    await press(ENTER);
    await popupIsClosed();
    assert.deepEqual(await fields(), ["alice", "pw-alice"]);
  });

  it("finds an entry by what is typed", async () => {
    await openPopup();
    for (const key of "bob") await press(key);
    await press(ENTER);
    await popupIsClosed();
    assert.deepEqual(await fields(), ["bob@example.org", "pw-bob"]);
  });

  it("keeps what is chosen when the store changes meanwhile", async () => {
    await openPopup();
    await press(DOWN);
    await store.insert("localhost:8000/aaron", "pw-aaron\n");
    await eventually("the new login", async () => /aaron/.test(await popupText()));
    await press(ENTER);
    await popupIsClosed();
    assert.deepEqual(await fields(), ["bob@example.org", "pw-bob"]);
    await rm(join(store.store, "localhost:8000/aaron.gpg"));
  });

  it("fills nothing and says why when the person refuses", async () => {
    await writeFile(answerFile, '{"answer":"deny"}');
    await openPopup();
    await press(ENTER);
    assert.match(await eventually("the reason", async () => (await problem()) || undefined), /refused/);
    assert.deepEqual(await fields(), ["", ""]);
    await press(ESCAPE);
    await popupIsClosed();
    await writeFile(answerFile, '{"answer":"once"}');
  });

  it("says what went wrong on this page, and nothing of it on the next", async () => {
    // Who was refused is not asked again for a while.
    for (const isSame of [true, false]) {
      await browser.setContext("chrome");
      await browser.press(keysOfShortcut("Ctrl+Shift+F"));
      await eventually("the button's sign", async () => (await buttonSign(browser)).badge === "!");
      await browser.setContext("content");
      if (!isSame) await browser.navigate(`${PAGE}?next`);
      await openPopup();
      assert.equal(/refused/.test(await problem()), isSame);
      await press(ESCAPE);
      await popupIsClosed();
    }
  });

  it("says that it is locked when it is, and fills again afterwards", async () => {
    await postern.run("lock");
    await openPopup();
    await eventually("the word", async () => /postern unlock/.test(await popupText()));
    await press(ESCAPE);
    await popupIsClosed();
    await postern.run("unlock");
    await openPopup();
    // The refusal of the other one still stands.
    await press(DOWN);
    await press(ENTER);
    await popupIsClosed();
    assert.deepEqual(await fields(), ["bob@example.org", "pw-bob"]);
  });

  /** Opens the popup by its keys, and waits until it has the keys and shows something to choose or a reason why not. */
  async function openPopup(): Promise<void> {
    await browser.setContext("chrome");
    await browser.press(keysOfShortcut("Ctrl+Shift+L"));
    await eventually("the popup", async () => !["", "looking"].includes(await popupState()));
    await eventually("its focus", async () => (await inPopup("String(document.hasFocus())")) === "true", 5000);
  }

  async function press(key: string): Promise<void> {
    await browser.setContext("chrome");
    await browser.press([key]);
  }

  async function popupIsClosed(): Promise<void> {
    await browser.setContext("chrome");
    await eventually(
      "the popup's end",
      async () =>
        (await browser.run('return document.querySelector(".webextension-popup-browser") === null;')) === true,
      60_000,
    );
  }

  async function fields(): Promise<unknown> {
    await browser.setContext("content");
    return await browser.run("return [...document.querySelectorAll('input')].map((input) => input.value);");
  }

  /** What the popup shows a person now. */
  async function popupText(): Promise<string> {
    return await inPopup(
      "[...document.querySelectorAll('section:not([hidden])')].map((part) => part.innerText).join(' ')",
    );
  }

  async function popupState(): Promise<string> {
    return await inPopup("[...document.querySelectorAll('section:not([hidden])')].at(-1)?.dataset.state ?? ''");
  }

  async function problem(): Promise<string> {
    return await inPopup("document.querySelector('#problem:not([hidden])')?.innerText ?? ''");
  }

  /** Reads something in the popup's own process. */
  async function inPopup(expression: string): Promise<string> {
    await browser.setContext("chrome");
    const text = await browser.run(
      `return (async (read) => {
         const popup = document.querySelector(".webextension-popup-browser")?.browsingContext?.currentWindowGlobal;
       try {
         // What Marionette itself runs scripts in a page with; a popup is no window that it would switch to.
         return await popup?.getActor("MarionetteCommands").executeScript("return " + read, [], { timeout: 5000 });
       } catch {
         // Just opening, or just closing.
         return "";
       }
       })(arguments[0]);`,
      expression,
    );
    return typeof text === "string" ? text.trim() : "";
  }
});
