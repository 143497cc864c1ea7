import assert from "node:assert/strict";
import { ownBrowsers } from "#manifests/browsers.ts";

describe("the browsers that can be set up", () => {
  const find = (name: string, config: string) =>
    ownBrowsers("/home/u", config).find((browser) => browser.name === name);

  it("have their manifests where each of them looks", () => {
    const manifests = {
      firefox: "/home/u/.mozilla/native-messaging-hosts",
      librewolf: "/home/u/.librewolf/native-messaging-hosts",
      chromium: "/home/u/.config/chromium/NativeMessagingHosts",
      chrome: "/home/u/.config/google-chrome/NativeMessagingHosts",
      "chrome-beta": "/home/u/.config/google-chrome-beta/NativeMessagingHosts",
      "chrome-unstable": "/home/u/.config/google-chrome-unstable/NativeMessagingHosts",
      brave: "/home/u/.config/BraveSoftware/Brave-Browser/NativeMessagingHosts",
      edge: "/home/u/.config/microsoft-edge/NativeMessagingHosts",
      vivaldi: "/home/u/.config/vivaldi/NativeMessagingHosts",
      opera: "/home/u/.config/opera/NativeMessagingHosts",
    };
    const found = ownBrowsers("/home/u", "/home/u/.config").map(({ name, manifest }) => [name, manifest]);
    const expected = Object.entries(manifests).map(([name, folder]) => [name, `${folder}/io.github.postern.json`]);
    assert.deepEqual(found, expected);
  });

  it("go with the user's configuration directory, but for Firefox's manifest", () => {
    assert.equal(find("vivaldi", "/cfg")?.manifest, "/cfg/vivaldi/NativeMessagingHosts/io.github.postern.json");
    assert.deepEqual(find("firefox", "/cfg")?.profiles, ["/home/u/.mozilla/firefox", "/cfg/mozilla/firefox"]);
    assert.equal(find("firefox", "/cfg")?.manifest, "/home/u/.mozilla/native-messaging-hosts/io.github.postern.json");
  });
});
