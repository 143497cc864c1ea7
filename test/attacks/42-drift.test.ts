import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { startContainer } from "#container/containers.ts";
import { findSurroundings } from "#cli/surroundings/surroundings.ts";
import { browserUser } from "#cli/session/world.ts";
import { profileName } from "#container/profiles.ts";
import { type ContainerSpec, firefoxSpec } from "#container/launch-spec.ts";
import { testPostern } from "#test/harness/postern.ts";
import { type Running, runBrowser, runVault } from "#test/container/running.ts";

/** The settings that a running container has and its specification has not, or not so. */
async function drift({ engine }: Pick<Running, "engine">, id: string, spec: ContainerSpec): Promise<string[]> {
  const { HostConfig, Config, Image } = await engine.getContainer(id).inspect();
  const image = (await engine.getImage(Image).inspect()).Config;
  const nothing = {
    Privileged: false,
    Devices: [],
    CapAdd: null,
    Binds: null,
    PortBindings: {},
    PidMode: "",
    UTSMode: "",
  };
  const wanted = Object.entries({ ...nothing, UsernsMode: "", GroupAdd: null, ...spec.HostConfig });
  const differing = wanted.filter(([key, value]) => !isSame(Reflect.get(HostConfig, key), value)).map(([key]) => key);
  const started = {
    User: spec.User,
    // What is not said is the image's.
    Env: [...new Set([...(spec.Env ?? []), ...image.Env])],
    Cmd: spec.Cmd ?? image.Cmd,
    Entrypoint: spec.Entrypoint ?? image.Entrypoint,
  };
  const otherwise = Object.entries(started).filter(([key, value]) => !isSame(Reflect.get(Config, key), value));
  return [...differing, ...otherwise.map(([key]) => key)];
}

/** The engine shows what is not set as null, as an empty list or as an empty object. */
function isSame(one: unknown, other: unknown): boolean {
  const shown = (value: unknown): unknown =>
    typeof value === "object" && value !== null && Object.keys(value).length === 0 ? undefined : (value ?? undefined);
  return isDeepStrictEqual(shown(one), shown(other));
}

for (const [kind, run] of [
  ["browser", () => runBrowser({ isIdle: true })],
  ["vault", runVault],
] as const) {
  describe(`attack 42: a ${kind} that runs otherwise than its specification says`, () => {
    let running: Running;
    before(async function () {
      this.timeout(300_000);
      running = await run();
    });
    after(() => running[Symbol.asyncDispose]());

    it("does not", async () => {
      assert.deepEqual(await drift(running, running.container.id, running.spec), []);
    });

    const weaker: Record<string, Partial<ContainerSpec>> = {
      CapAdd: { HostConfig: { CapAdd: ["NET_ADMIN"] } },
      SecurityOpt: { HostConfig: { SecurityOpt: ["no-new-privileges"] } },
      NetworkMode: { HostConfig: { NetworkMode: "bridge" } },
      ReadonlyRootfs: { HostConfig: { ReadonlyRootfs: false } },
      PidMode: { HostConfig: { PidMode: "host" } },
      Binds: { HostConfig: { Binds: ["/tmp:/marker"] } },
      User: { User: "1:1" },
      Env: { Env: ["LD_PRELOAD=/tmp/marker.so"] },
      Cmd: { Cmd: ["--marker"] },
      Entrypoint: { Entrypoint: ["/bin/sleep", "60"] },
    };
    for (const [name, change] of Object.entries(weaker)) {
      it(`is noticed when it is started with another ${name}`, async () => {
        const changed = {
          ...running.spec,
          ...change,
          name: `${running.spec.name}-drift`,
          HostConfig: { ...running.spec.HostConfig, ...change.HostConfig },
        };
        await using other = await startContainer(running.engine, changed, AbortSignal.timeout(60_000));
        const noticed = await drift(running, other.id, running.spec);
        assert.ok(noticed.includes(name), noticed.join());
      });
    }
  });
}

describe("attack 42: a browser on the internet that runs otherwise than its specification says", function () {
  this.timeout(300_000);

  it("does not, as the command starts it; and what holds its network has no capability", async () => {
    await using postern = await testPostern();
    const { exitCode, stderr } = await postern.run("up", postern.gate, "--headless", "--network", "internet");
    assert.equal(exitCode, 0, stderr);
    const { id, image, name } = await postern.container("firefox");
    const { uid, gid } = browserUser({ uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
    const gateDirectory = join(postern.home, "run/postern/gates", postern.gate);
    const { dev, ino } = await stat(gateDirectory, { bigint: true });
    const spec = firefoxSpec({
      image,
      gate: postern.gate,
      user: `${uid}:${gid}`,
      gateDirectory,
      gateIdentity: `${dev}:${ino}`,
      profile: { volume: profileName(postern.engine.owner, postern.gate) },
      network: "internet",
      desktop: await findSurroundings(postern),
      downloads: join(postern.home, "Downloads/postern", postern.gate),
      sound: undefined,
      headless: true,
    });
    // The engine shows the name of the container that is joined as its id.
    const holder = await postern.engine.getContainer(name.replace("-firefox-", "-network-")).inspect();
    const { HostConfig } = spec;
    const { NetworkMode = "" } = (await postern.engine.getContainer(id).inspect()).HostConfig;
    assert.ok([`container:${holder.Id}`, `container:${holder.Name.slice(1)}`].includes(NetworkMode), NetworkMode);
    assert.deepEqual(await drift(postern, id, { ...spec, HostConfig: { ...HostConfig, NetworkMode } }), []);
    assert.deepEqual(holder.HostConfig.CapDrop, ["ALL"]);
    assert.equal(holder.HostConfig.CapAdd ?? undefined, undefined);
  });
});
