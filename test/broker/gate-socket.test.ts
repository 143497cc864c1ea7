import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { findFirst } from "#test/harness/bridge.ts";
import { startBroker } from "#test/harness/broker.ts";
import { listeningDescriptor } from "#test/harness/listening-descriptor.ts";
import { codeOf, greetedClient } from "#test/harness/raw-client.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const ORIGIN = "https://example.com";

describe("a gate whose socket was handed over, as systemd does", function () {
  this.timeout(60_000);

  it("serves a browser, is locked like any other, and leaves the socket's place alone", async () => {
    await using temporary = await temporaryDirectory();
    const path = join(temporary.path, "bridge.sock");
    const socket = await listeningDescriptor(path);
    const handedOver = { descriptors: [socket.descriptor], names: "session" };
    await using broker = await startBroker({ entries: { "example.com": "secret" }, handedOver });
    await socket[Symbol.asyncDispose]();
    using first = await greetedClient(path);
    const handle = await findFirst(first, 2, ORIGIN);
    const reply = await first.ask({ id: 3, type: "get", handle, origin: ORIGIN, fields: ["password"] });
    assert.deepEqual(reply.result, { password: "secret" });
    assert.equal(broker.questions[0]?.gate, "session");

    await broker.control.order({ type: "lock", gate: "session" });
    using second = await greetedClient(path);
    assert.equal(codeOf(await second.ask({ id: 2, type: "find", origin: ORIGIN, use: "form" })), "locked");
    using other = await greetedClient(broker.socket);
    assert.equal((await other.ask({ id: 2, type: "find", origin: ORIGIN, use: "form" })).ok, true);

    await broker[Symbol.asyncDispose]();
    assert.ok((await lstat(path)).isSocket());
  });

  it("is not guessed: without a name the broker says so and ends", async () => {
    await using temporary = await temporaryDirectory();
    await using socket = await listeningDescriptor(join(temporary.path, "bridge.sock"));
    const program = join(import.meta.dirname, "../../dist/postern-broker.cjs");
    const places = ["store", "gnupg", "gates", "session", "state", "config"].flatMap((name) => [
      `--${name}`,
      temporary.path,
    ]);
    const child = spawn("/bin/sh", ["-c", 'LISTEN_PID=$$ exec "$0" "$@"', process.execPath, program, ...places], {
      env: { PATH: process.env.PATH, LISTEN_FDS: "1" },
      stdio: ["ignore", "ignore", "pipe", socket.descriptor],
    });
    let said = "";
    child.stderr?.on("data", (piece: Buffer) => (said += piece.toString()));
    const [code] = await once(child, "close", { signal: AbortSignal.timeout(30_000) });
    assert.equal(code, 2);
    assert.match(said, /handed over without a gate's name/);
  });
});
