import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { execa } from "execa";
import { OWNER_LABEL, SESSION_LABEL, ownership } from "#container/contained.ts";
import { removeLeftovers, startContainer } from "#container/containers.ts";
import { type Engine, connectEngine } from "#container/engine.ts";
import { ensureProfile, profileName, profileVolumes } from "#container/profiles.ts";
import { removeImages } from "#container/removal.ts";
import { type Running, runVault, testImage } from "#test/container/running.ts";
import { assertExplained } from "#test/harness/failure.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";

describe("attack 68: what another user of the engine made is taken for one's own", function () {
  this.timeout(300_000);
  let postern: TestPostern;
  let a: Engine;
  let b: Engine;
  let running: Running;
  before(async () => {
    postern = await testPostern();
    a = postern.engine;
    b = await connectEngine(process.env, randomInt(4_000_000, 5_000_000));
    running = await runVault();
  });
  after(async () => {
    await running[Symbol.asyncDispose]();
    await postern[Symbol.asyncDispose]();
  });

  const labelsOf = async (name: string): Promise<Record<string, string> | null> =>
    (await a.getVolume(name).inspect()).Labels;

  it("labels all that it makes, and names volumes and images for the user", async () => {
    const { exitCode, stderr } = await postern.run("up", postern.gate, "--headless", "--network", "internet");
    assert.equal(exitCode, 0, stderr);
    const own = `${process.getuid?.() ?? 0}`;
    const volume = `postern-profile-${own}-${postern.gate}`;
    assert.equal((await labelsOf(volume))?.[OWNER_LABEL], own);
    const containers = await a.listContainers({ all: true });
    const ours = containers.filter(({ Names }) => Names.some((name) => name.endsWith(postern.session)));
    const networks = (await a.listNetworks()).filter(({ Name }) => Name.endsWith(postern.session));
    assert.ok(ours.length >= 3 && networks.length === 1);
    for (const { Labels } of [...ours, ...networks]) assert.equal(Labels?.[OWNER_LABEL], own);
    for (const kind of ["vault", "firefox"]) {
      const { Config } = await a.getImage(`postern/${kind}:uid-${own}`).inspect();
      assert.equal(Config.Labels[OWNER_LABEL], own);
    }
    await postern.run("down");
  });

  for (const [whose, labels] of [
    ["somebody else's", { [OWNER_LABEL]: "4242424" }],
    ["nobody's", {}],
  ] as const) {
    it(`does not mount a volume of the right name that is ${whose}`, async () => {
      const gate = `${postern.gate}-${Object.keys(labels).length}`;
      const name = profileName(a.owner, gate);
      await a.createVolume({ Name: name, Labels: labels });
      const run = await postern.run("up", gate, "--headless");
      assertExplained(run, /The volume .* is not one that Postern made for you/, /docker volume inspect/);
      // Nothing came near it.
      assert.deepEqual((await labelsOf(name)) ?? {}, labels);
      assert.equal((await profileVolumes(a)).includes(name), false);
      await a.getVolume(name).remove();
    });
  }

  it("gives each user a volume of their own for a gate of the same name", async () => {
    const names = [await ensureProfile(a, postern.gate), await ensureProfile(b, postern.gate)];
    assert.notEqual(names[0], names[1]);
    assert.deepEqual(await profileVolumes(b), [names[1]]);
    assert.ok((await profileVolumes(a)).includes(names[0] ?? ""));
    assert.equal((await profileVolumes(a)).includes(names[1] ?? ""), false);
    await b.getVolume(names[1] ?? "").remove();
  });

  it("neither removes another user's containers and networks, nor takes over the name of one", async () => {
    const session = running.spec.Labels?.[SESSION_LABEL] ?? "";
    const labels = { "io.github.postern.kind": "network", [SESSION_LABEL]: session, ...ownership(a) };
    const network = await a.createNetwork({ Name: `postern-${postern.gate}-68`, Labels: labels });
    assert.equal(await removeLeftovers(b, session), false);
    await assert.rejects(startContainer(b, running.spec, AbortSignal.timeout(45_000)), {
      code: "internal",
      message: /did not start for you/,
    });
    assert.equal((await running.sh("true")).exitCode, 0);
    assert.equal((await network.inspect()).Name, `postern-${postern.gate}-68`);
    await network.remove();
  });

  it("removes one user's images, and none of another's", async () => {
    const { id } = await testImage(a, "vault");
    const names = async (): Promise<string[]> =>
      (await a.listImages({ filters: { reference: ["postern/*"] } }))
        .flatMap(({ RepoTags }) => RepoTags ?? [])
        .toSorted();
    const before = await names();
    const unnamed = await importEmpty(`io.github.postern.image=vault ${OWNER_LABEL}=${a.owner}`);
    const own = `postern/vault:uid-${b.owner}`;
    const [repo = "", tag = ""] = own.split(":");
    await a.getImage(await importEmpty(`io.github.postern.image=vault ${OWNER_LABEL}=${b.owner}`)).tag({ repo, tag });
    // In b's name, and not b's.
    const foreign = `postern/firefox:uid-${b.owner}`;
    await a.getImage(id).tag({ repo: "postern/firefox", tag });
    assert.deepEqual(await removeImages(b), { removed: [own], kept: [] });
    assert.deepEqual(await names(), [...before, foreign].toSorted());
    await a.getImage(unnamed).inspect();
    await a.getImage(foreign).remove();
    await a.getImage(unnamed).remove();
  });

  async function importEmpty(labels: string): Promise<string> {
    const archive = execa("tar", ["--create", "--files-from", "/dev/null"], { stdout: "pipe", buffer: false });
    const answer = await a.importImage(archive.stdout, { changes: `LABEL ${labels}` });
    let text = "";
    for await (const piece of answer) text += String(piece);
    return /sha256:[0-9a-f]{64}/.exec(text)?.[0] ?? "";
  }
});
