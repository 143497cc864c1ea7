import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { type Server, createServer } from "node:net";
import { join } from "node:path";
import { findSoundServer } from "#cli/surroundings/sound-server.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

describe("the sound server", () => {
  let place: AsyncDisposable & { path: string };
  let server: Server;
  before(async () => {
    place = await temporaryDirectory();
    await mkdir(join(place.path, "pulse"));
    await writeFile(join(place.path, "file"), "");
    server = createServer().listen(join(place.path, "pulse/native"));
    await once(server, "listening");
  });
  after(async () => {
    server.close();
    await once(server, "close");
    await place[Symbol.asyncDispose]();
  });

  const find = async (environment: (path: string) => NodeJS.ProcessEnv): Promise<string | undefined> =>
    (await findSoundServer(environment(place.path), "/home/a"))?.server;

  for (const [what, environment] of [
    ["in the run-time directory", (path: string) => ({ XDG_RUNTIME_DIR: path })],
    ["in a run-time directory of its own", (path: string) => ({ PULSE_RUNTIME_PATH: join(path, "pulse") })],
    ["that PULSE_SERVER names", (path: string) => ({ PULSE_SERVER: `unix:${path}/pulse/native` })],
    ["that PULSE_SERVER names among others", (path: string) => ({ PULSE_SERVER: `tcp:a {id}${path}/pulse/native` })],
  ] as const) {
    it(`is found ${what}`, async () => assert.equal(await find(environment), join(place.path, "pulse/native")));
  }

  for (const [what, environment] of [
    ["nothing is said", () => ({})],
    ["there is no socket", (path: string) => ({ XDG_RUNTIME_DIR: join(path, "pulse") })],
    ["there is a file in its place", (path: string) => ({ PULSE_SERVER: `unix:${path}/file` })],
    ["it is another machine's", (path: string) => ({ XDG_RUNTIME_DIR: path, PULSE_SERVER: "tcp:example.org:4713" })],
  ] as const) {
    it(`is none where ${what}`, async () => assert.equal(await find(environment), undefined));
  }

  it("knows the user by a cookie", async () => {
    const XDG_RUNTIME_DIR = place.path;
    const cookie = async (environment: NodeJS.ProcessEnv): Promise<string | undefined> =>
      (await findSoundServer({ XDG_RUNTIME_DIR, ...environment }, "/home/a"))?.cookie;
    assert.equal(await cookie({}), "/home/a/.config/pulse/cookie");
    assert.equal(await cookie({ XDG_CONFIG_HOME: "/c" }), "/c/pulse/cookie");
    assert.equal(await cookie({ PULSE_COOKIE: "/k" }), "/k");
  });
});
