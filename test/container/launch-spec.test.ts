import assert from "node:assert/strict";
import { explain } from "#container/explain.ts";
import { type ContainerSpec, type FirefoxInput, firefoxSpec, sessionName, vaultSpec } from "#container/launch-spec.ts";
import { nestedSpec } from "#container/nested-spec.ts";

const FIREFOX = {
  image: "postern/firefox:uid-1000",
  gate: "work",
  user: "1000:1000",
  gateDirectory: "/run/user/1000/postern/gates/work",
  gateIdentity: "1:2",
  profile: { volume: "postern-profile-1000-work" },
  network: "none",
  desktop: { languages: ["de-AT", "fr"], timeZone: "Europe/Vienna", colorScheme: "dark", fonts: ["/usr/share/fonts"] },
  downloads: "/home/a/Downloads/postern/work",
  sound: undefined,
  headless: true,
} satisfies FirefoxInput;
const VAULT = {
  image: "postern/vault:uid-1000",
  user: "1000:1000",
  stores: [{ path: "/home/a/.password-store" }],
  gnupg: "/run/user/1000/postern/gnupg",
  gates: "/run/user/1000/postern/gates",
  session: "/run/user/1000/postern/vault",
  config: "/home/a/.config/postern",
  log: "/home/a/.local/state/postern/log",
  demo: false,
};

const NESTED = {
  image: "postern/firefox:uid-1000",
  gate: "work",
  session: "0a1b2c3d",
  user: "1000:1000",
  display: "/run/user/1000/wayland-0",
  directory: "/run/user/1000/postern/displays/work/nested",
  environment: { XKB_DEFAULT_LAYOUT: "de", XCURSOR_PATH: "/home/a/.icons", HOME: "/home/a" },
};

const mounts = ({ HostConfig }: ContainerSpec): string[] =>
  (HostConfig?.Mounts ?? []).map(({ Source, Target, ReadOnly }) => `${Source} ${Target} ${ReadOnly === true}`);

describe("the launch specs", () => {
  for (const [name, spec] of [
    ["firefox", firefoxSpec(FIREFOX)] as const,
    ["vault", vaultSpec(VAULT)] as const,
    ["the nested compositor", nestedSpec(NESTED)] as const,
  ]) {
    it(`of ${name} take everything away that is not needed`, () => {
      const host = spec.HostConfig ?? {};
      assert.deepEqual(host.CapDrop, ["ALL"]);
      assert.equal(host.CapAdd, undefined);
      const options: string[] = host.SecurityOpt ?? [];
      assert.ok(options.includes("no-new-privileges"));
      assert.equal(host.ReadonlyRootfs, true);
      assert.equal(host.NetworkMode, "none");
      assert.equal(host.Binds, undefined);
      assert.equal(host.Devices, undefined);
      assert.equal(host.MemorySwap, host.Memory);
      assert.deepEqual(host.Ulimits, [{ Name: "core", Soft: 0, Hard: 0 }]);
    });
  }

  it("give the nested compositor a socket to draw on, a directory for one to make, and a keyboard's layout", () => {
    const { Env = [], ...spec } = nestedSpec(NESTED);
    assert.deepEqual(mounts(spec), [
      "/run/user/1000/wayland-0 /run/display/wayland true",
      "/run/user/1000/postern/displays/work/nested /run/nested false",
    ]);
    assert.ok(Env.includes("XKB_DEFAULT_LAYOUT=de"));
    assert.ok(!Env.some((set) => set.includes("/home")));
    assert.deepEqual(
      explain(nestedSpec(NESTED)).map(({ row }) => row),
      [4, 5, 6, 7, 8, 9, 10, 10],
    );
  });

  it("give the browser its profile, its downloads and, read-only, its gate and fonts", () => {
    assert.deepEqual(mounts(firefoxSpec(FIREFOX)), [
      "/run/user/1000/postern/gates/work /run/postern true",
      "/home/a/Downloads/postern/work /downloads false",
      "/usr/share/fonts /usr/local/share/fonts/0 true",
      "postern-profile-1000-work /profile false",
    ]);
  });

  it("give the browser the way to sound, read-only, where there is one", () => {
    const spec = firefoxSpec({ ...FIREFOX, sound: "/run/user/1000/postern/sound/work" });
    assert.ok(mounts(spec).includes("/run/user/1000/postern/sound/work /run/sound true"));
    assert.ok(spec.Env?.includes("PULSE_SERVER=unix:/run/sound/native"));
    assert.ok(!firefoxSpec(FIREFOX).Env?.some((set) => set.startsWith("PULSE_")));
  });

  it("give a browser without a volume a profile in memory", () => {
    const spec = firefoxSpec({ ...FIREFOX, profile: "ephemeral" });
    assert.ok(!mounts(spec).some((mount) => mount.includes(" /profile ")));
    assert.match(spec.HostConfig?.Tmpfs?.["/profile"] ?? "", /nosuid,nodev,noexec/);
  });

  it("let the vault write its gates and its state, and nothing else", () => {
    const writable = mounts(vaultSpec(VAULT)).filter((mount) => mount.endsWith(" false"));
    assert.deepEqual(writable, [
      "/run/user/1000/postern/gates /run/postern/gates false",
      "/home/a/.local/state/postern/log /var/lib/postern false",
    ]);
  });

  it("let the vault read its store, and of several each in a folder of its name", () => {
    const stores = [
      { name: "work", path: "/srv/work" },
      { name: "home", path: "/home/a/.password-store" },
    ];
    const several = vaultSpec({ ...VAULT, stores });
    const seen = (spec: ContainerSpec): string[] => mounts(spec).filter((mount) => mount.includes(" /store"));
    assert.deepEqual(seen(vaultSpec(VAULT)), ["/home/a/.password-store /store true"]);
    assert.deepEqual(seen(several), ["/srv/work /store/work true", "/home/a/.password-store /store/home true"]);
    assert.deepEqual(several.Cmd?.slice(0, 4), ["--store", "/store", "--stores", "work,home"]);
    assert.ok(!vaultSpec(VAULT).Cmd?.includes("--stores"));
  });

  it("name the two containers of a session alike, and those of another differently", () => {
    const session = sessionName(VAULT.gates);
    assert.equal(firefoxSpec(FIREFOX).name, `postern-firefox-work-${session}`);
    assert.equal(vaultSpec(VAULT).name, `postern-vault-${session}`);
    assert.notEqual(sessionName("/tmp/postern-1000/gates"), session);
  });

  it("say to the broker that a store is the demo store, when it is", () => {
    assert.ok(!vaultSpec(VAULT).Cmd?.includes("--demo"));
    assert.equal(vaultSpec({ ...VAULT, demo: true }).Cmd?.at(-1), "--demo");
  });

  it("are explained row by row, with what they say", () => {
    const browser = explain(firefoxSpec(FIREFOX));
    assert.deepEqual(
      browser.map(({ row }) => row),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 11, 13, 14, 15, 16, 17, 20, 22, 23],
    );
    assert.match(browser.find(({ row }) => row === 13)?.setting ?? "", /postern-profile-1000-work/);
    const internet = explain(firefoxSpec({ ...FIREFOX, network: "internet" }));
    assert.match(internet.find(({ row }) => row === 8)?.setting ?? "", /bridge of its own/);
    const vault = explain(vaultSpec(VAULT));
    assert.equal(vault.find(({ row }) => row === 8)?.setting, "none at all");
    assert.ok(vault.some(({ setting }) => setting === "log driver none"));
  });
});
