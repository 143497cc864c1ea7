import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { type NativeHost, startNativeHost } from "#test/harness/native-host.ts";
import { HELLO, codeOf } from "#test/harness/raw-client.ts";

const HOST = join(import.meta.dirname, "../../dist/postern-host.cjs");

describe("the native messaging host", function () {
  this.timeout(30_000);
  let broker: TestBroker;
  before(async () => {
    broker = await startBroker({ entries: { "example.com": "pw" } });
  });
  after(() => broker[Symbol.asyncDispose]());

  it("carries frames both ways, with a browser's arguments behind its own", async () => {
    const host = startHost(["--socket", broker.socket, "/path/manifest.json", "@postern"]);
    host.send(HELLO);
    assert.equal((await host.next(1)).ok, true);
    host.send({ id: 2, type: "find", origin: "https://example.com", use: "form" });
    assert.match(JSON.stringify(await host.next(2)), /"label":"example.com"/);
    host.process.stdin?.end();
    assert.equal(await host.exitCode(), 0);
  });

  it("answers no_broker to the first request when nothing listens, and ends", async () => {
    const host = startHost(["--socket", "/nonexistent/bridge.sock"]);
    host.send({ ...HELLO, id: 77 });
    const reply = await host.next(77);
    assert.equal(codeOf(reply), "no_broker");
    assert.match(JSON.stringify(reply), /"hint":".*postern up"/);
    assert.equal(await host.exitCode(), 0);
  });

  it("answers bad_frame to what is no frame, before anything is carried", async () => {
    for (const socket of [broker.socket, "/nonexistent/bridge.sock"]) {
      const host = startHost(["--socket", socket]);
      host.process.stdin?.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
      assert.equal(codeOf(await host.next(0)), "bad_frame");
      assert.equal(await host.exitCode(), 0);
    }
  });

  it("ends when the broker does", async () => {
    const own = await startBroker();
    const host = startHost(["--socket", own.socket]);
    host.send(HELLO);
    await host.next(1);
    own.process.kill("SIGKILL");
    assert.equal(await host.exitCode(), 0);
    await own[Symbol.asyncDispose]();
  });

  it("ends when the browser closes its input without a word", async () => {
    const host = startHost(["--socket", broker.socket]);
    host.process.stdin?.end();
    assert.equal(await host.exitCode(), 0);
  });

  it("says what is missing when it is started by hand", async () => {
    const host = startHost([]);
    host.process.stdin?.end();
    assert.equal(await host.exitCode(), 2);
    assert.match(host.stderr(), /^postern-host: error: .*\npostern-host: hint: .*--help\n$/);
  });
});

function startHost(parameters: string[]): NativeHost {
  return startNativeHost([process.execPath, HOST, ...parameters]);
}
