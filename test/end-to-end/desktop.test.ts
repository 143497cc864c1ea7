import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { lstat, mkdir, readFile, readdir, readlink, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execute } from "#container/exec.ts";
import type { Marionette } from "#container/marionette.ts";
import { keysOfShortcut } from "#container/shortcut.ts";
import { eventually } from "#test/harness/eventually.ts";
import { nothingLeft } from "#test/harness/failure.ts";
import { profileName } from "#container/profiles.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";
import { type SettingsPortal, openSettingsPortal } from "#test/harness/settings-portal.ts";
import { type TestSoundServer, startSoundServer } from "#test/harness/sound-server.ts";

/** One second of a tone as a WAV file, played over and over by a page. */
const PLAY = `
  const rate = 8000;
  const bytes = new Uint8Array(44 + rate);
  const view = new DataView(bytes.buffer);
  const put = (at, text) => [...text].forEach((letter, index) => (bytes[at + index] = letter.charCodeAt(0)));
  put(0, "RIFF"); view.setUint32(4, 36 + rate, true); put(8, "WAVEfmt "); view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); view.setUint16(22, 1, true); view.setUint32(24, rate, true);
  view.setUint32(28, rate, true); view.setUint16(32, 1, true); view.setUint16(34, 8, true);
  put(36, "data"); view.setUint32(40, rate, true);
  for (let at = 0; at < rate; at += 1) bytes[44 + at] = 128 + 60 * Math.sin(at / 3);
  window.tone?.pause();
  window.tone = new Audio(URL.createObjectURL(new Blob([bytes], { type: "audio/wav" })));
  window.tone.loop = true;
  return window.tone.play().then(() => "plays", String);
`;

describe("end to end: a browser on a desktop", function () {
  this.timeout(600_000);
  let postern: TestPostern;
  let sound: TestSoundServer;
  let portal: SettingsPortal;
  before(async () => {
    portal = await openSettingsPortal();
    portal.colorScheme = 1;
    postern = await testPostern({
      LANG: "de_AT.UTF-8",
      LANGUAGE: "de_AT:fr",
      TZ: "Asia/Kathmandu",
      DBUS_SESSION_BUS_ADDRESS: portal.address,
    });
    await mkdir(join(postern.home, ".config"));
    await mkdir(join(postern.home, ".local/share/fonts"), { recursive: true });
    await writeFile(join(postern.home, ".config/user-dirs.dirs"), 'XDG_DOWNLOAD_DIR="$HOME/Geladen"\n');
    sound = await startSoundServer(join(postern.home, "run"), join(postern.home, ".config/pulse/cookie"));
    const { exitCode, stderr } = await postern.run("up", postern.gate, "--headless");
    assert.equal(exitCode, 0, stderr);
  });
  after(async () => {
    await postern[Symbol.asyncDispose]();
    await sound[Symbol.asyncDispose]();
    await portal[Symbol.asyncDispose]();
  });

  async function inPage<T>(act: (browser: Marionette) => Promise<T>): Promise<T> {
    await using browser = await postern.browser();
    await browser.setContext("chrome");
    // As if a person had clicked in the page.
    await browser.run(`Services.prefs.setIntPref("media.autoplay.default", 0);
      Services.prefs.setIntPref("media.autoplay.blocking_policy", 0);`);
    await browser.setContext("content");
    return await act(browser);
  }

  const inside = async (line: string): Promise<{ exitCode: number; stdout: string; stderr: string }> =>
    await execute(postern.engine, await postern.container("firefox"), ["sh", "-c", line]);

  it("is dark where the desktop is, pages and the extension's popup alike", async () => {
    await using browser = await postern.browser();
    const isDark = `return matchMedia("(prefers-color-scheme: dark)").matches`;
    await browser.setContext("content");
    assert.equal(await browser.run(isDark), true);
    await browser.setContext("chrome");
    assert.equal(await browser.run(isDark), true);
    await browser.press(keysOfShortcut("Ctrl+Shift+L"));
    const inPopup = `return (async () => {
      const popup = document.querySelector(".webextension-popup-browser")?.browsingContext?.currentWindowGlobal;
      const read = "return location.pathname === '/popup/popup.html' && document.readyState === 'complete' && String(matchMedia('(prefers-color-scheme: dark)').matches)";
      // It may be just opening.
      return await popup?.getActor("MarionetteCommands").executeScript(read, [], { timeout: 5000 }).catch(() => false);
    })()`;
    assert.equal(await eventually("the popup", async () => (await browser.run(inPopup)) || false, 30_000), "true");
  });

  it("speaks the desktop's languages and has its time zone", async () => {
    const known = await inPage((browser) =>
      browser.run(`const { timeZone, locale } = Intl.DateTimeFormat().resolvedOptions();
        return [timeZone, locale, new Date(0).toLocaleString(), navigator.languages.join()];`),
    );
    assert.deepEqual(known, ["Asia/Kathmandu", "de-AT", "1.1.1970, 05:30:00", "de-AT,de,fr,en-US,en"]);
  });

  it("has the desktop's fonts", async () => {
    assert.equal((await inside("fc-list | grep Marker")).stdout, "");
    // One of the image's own, put where the user's fonts are.
    const { stdout: font } = await inside("base64 /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf");
    await writeFile(join(postern.home, ".local/share/fonts/Marker.ttf"), Buffer.from(font, "base64"));
    const { stdout } = await inside("fc-list | grep Marker; touch /usr/local/share/fonts/*/Other.ttf");
    assert.match(stdout, /^\/usr\/local\/share\/fonts\/\d\/Marker\.ttf: DejaVu Sans/);
    assert.deepEqual(await readdir(join(postern.home, ".local/share/fonts")), ["Marker.ttf"]);
  });

  it("plays, and the sound server sees it", async () => {
    await inPage(async (browser) => {
      // The page that was filled allows itself no media.
      await browser.navigate("data:text/html,<p>a tone");
      assert.equal(await browser.run(PLAY), "plays");
      // No other program knows the server; how Firefox calls itself there depends on how soon it is asked.
      await eventually("Firefox at the sound server", async () => (await sound.playing()).length > 0, 60_000);
    });
  });

  it("lives on when the sound server goes, and plays to the next one", async () => {
    await sound[Symbol.asyncDispose]();
    sound = await startSoundServer(join(postern.home, "run"), join(postern.home, ".config/pulse/cookie"));
    await inPage(async (browser) => {
      await eventually(
        "Firefox at the next sound server",
        async () => (await browser.run(PLAY)) === "plays" && (await sound.playing()).length > 0,
        60_000,
      );
    });
  });

  it("saves what it downloads in the gate's folder, without asking", async () => {
    const folder = join(postern.home, "Geladen/postern", postern.gate);
    await inPage((browser) =>
      browser.run(`const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob(["#!/bin/sh\\necho marker\\n"], { type: "application/octet-stream" }));
        link.download = "Ärger.sh";
        document.body.append(link);
        link.click();`),
    );
    const path = join(folder, "Ärger.sh");
    await eventually(
      "the download",
      async () => (await readFile(path, "utf8").catch(() => "")).includes("marker"),
      30_000,
    );
    assert.deepEqual(await readdir(join(postern.home, "Geladen")), ["postern"]);
  });

  it("runs nothing that it downloaded", async () => {
    const { stdout, stderr } = await inside("cd /downloads && chmod 755 *.sh && ./*.sh; cp /bin/true . && ./true");
    assert.equal(stdout, "");
    assert.equal(stderr.match(/Permission denied/g)?.length, 2, stderr);
    const { stdout: mount } = await inside("grep ' /downloads ' /proc/self/mountinfo");
    assert.match(mount, / \/downloads rw,nosuid,nodev,noexec/);
    const undo = await inside("mount -o remount,bind,exec /downloads");
    assert.notEqual(undo.exitCode, 0);
  });

  it("has its folder's contents followed by nobody, links least of all", async () => {
    const secret = join(postern.home, "secret");
    await writeFile(secret, "MARKER", { mode: 0o600 });
    const looked = async () =>
      (await Promise.all([secret, postern.home].map((path) => lstat(path)))).map(({ uid, mode }) => [uid, mode]);
    const before = await looked();
    // The browser makes none: another program of the user's may have.
    const folder = join(postern.home, "Geladen/postern", postern.gate);
    await symlink(secret, join(folder, "link"));
    await symlink(postern.home, join(folder, "home"));
    await postern.run("down");
    assert.equal((await postern.run("up", postern.gate, "--headless")).exitCode, 0);
    assert.equal(await readFile(secret, "utf8"), "MARKER");
    assert.deepEqual(await looked(), before);
    assert.equal(await readlink(join(folder, "link")), secret);
    assert.equal(await readlink(join(folder, "home")), postern.home);
  });

  it("does not start where its folder is another than it should be", async () => {
    const other = `${postern.gate}-other`;
    const elsewhere = join(postern.home, "elsewhere");
    await mkdir(elsewhere);
    await symlink(elsewhere, join(postern.home, "Geladen/postern", other));
    const { exitCode, stderr } = await postern.run("up", other, "--headless");
    assert.equal(exitCode, 2);
    assert.match(stderr, /^postern: error: .*Geladen\/postern\/.* is not a directory\.\npostern: hint: .*mv /m);
  });

  it("leaves no socket, no process and no container, and what was downloaded is there", async () => {
    await postern.run("down");
    await nothingLeft(postern);
    assert.deepEqual(await readdir(join(postern.home, "run/postern/sound")), []);
    assert.ok(existsSync(join(postern.home, "Geladen/postern", postern.gate, "Ärger.sh")));
  });

  describe("that is started with --ephemeral", () => {
    it("keeps its profile in memory and leaves no volume", async () => {
      await using other = await testPostern();
      const { exitCode, stderr } = await other.run("up", other.gate, "--headless", "--ephemeral");
      assert.equal(exitCode, 0, stderr);
      const { stdout } = await execute(other.engine, await other.container("firefox"), [
        "grep",
        " /profile ",
        "/proc/mounts",
      ]);
      assert.match(stdout, /^tmpfs /);
      await other.run("down");
      await assert.rejects(other.engine.getVolume(profileName(other.engine.owner, other.gate)).inspect(), {
        statusCode: 404,
      });
    });

    it("is refused while one runs whose profile is kept", async () => {
      await postern.run("up", postern.gate, "--headless");
      const { exitCode, stderr } = await postern.run("up", postern.gate, "--headless", "--ephemeral");
      assert.equal(exitCode, 2);
      assert.match(stderr, /^postern: error: .* profile that is kept\.\npostern: hint: .*postern down$/m);
    });
  });
});
