import assert from "node:assert/strict";
import { once } from "node:events";
import { type Server, connect, createServer } from "node:net";
import { execa } from "execa";
import { eventually } from "#test/harness/eventually.ts";
import { askFromInside } from "#test/harness/from-inside.ts";
import { type InternetSide, openInternetSide } from "#test/harness/internet-side.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";
import { killSession, sessionProcesses } from "#test/harness/session-process.ts";

const REFUSED = "No route to host";

describe("attack 59: this machine, by addresses that are not looked for", function () {
  this.timeout(300_000);
  let postern: TestPostern;
  let internet: InternetSide;
  let server: Server;
  const parts = new AsyncDisposableStack();
  before(async () => {
    internet = parts.use(await openInternetSide());
    server = createServer((socket) => socket.on("error", () => undefined).end("reached")).listen(0, "0.0.0.0");
    parts.defer(() => void server.close());
    await once(server, "listening");
    await addIdleBridge(0);
    postern = parts.use(await testPostern());
    await up(postern.gate);
  });
  after(() => parts.disposeAsync());

  it("is not reached by an interface that is idle", async () => {
    assert.equal(await fromInside(addressOf(0)), REFUSED);
  });

  it("is not reached by the bridge of a gate that starts later", async () => {
    const other = `${postern.gate}-2`;
    await up(other, "--ephemeral");
    const network = await postern.engine.getNetwork(`postern-${other}-${postern.session}`).inspect();
    const address = network.IPAM?.Config?.[0]?.Gateway ?? "";
    assert.notEqual(await fromInside(address), "reached");
    await eventually("a rule", async () => (await fromInside(address)) === REFUSED);
  });

  it("is not reached by an address that comes later, before anybody has seen it or after", async () => {
    const session = await sessionProcess();
    process.kill(session, "SIGSTOP");
    try {
      await addIdleBridge(1);
      // What this machine answers is dropped.
      assert.equal(await fromInside(addressOf(1)), "timeout");
      assert.equal(await askFromInside(postern, internet.address, internet.port), "reached");
    } finally {
      process.kill(session, "SIGCONT");
    }
    await eventually("a rule", async () => (await fromInside(addressOf(1))) === REFUSED);
  });

  it("lets nothing through when nobody says any more what is closed", async () => {
    const asked = () => askFromInside(postern, internet.address, internet.port);
    const session = await sessionProcess();
    process.kill(session, "SIGSTOP");
    try {
      await eventually("the end of the lease", async () => (await asked()) === "timeout", 60_000);
    } finally {
      process.kill(session, "SIGCONT");
    }
    await eventually("the internet again", async () => (await asked()) === "reached", 60_000);
    await killSession(postern);
    await eventually("the end of the network", async () => (await asked()) !== "reached", 60_000);
    // Takes away what that one left.
    await up(postern.gate);
    assert.equal(await asked(), "reached");
  });

  async function up(gate: string, ...more: string[]): Promise<void> {
    const { exitCode, stderr } = await postern.run("up", gate, "--headless", "--network", "internet", ...more);
    assert.equal(exitCode, 0, stderr);
  }

  function port(): number {
    const bound = server.address();
    assert.ok(typeof bound === "object" && bound !== null);
    return bound.port;
  }

  /** What the browser is told there; from this machine it is reached, so that there is something to reach. */
  async function fromInside(address: string): Promise<string> {
    const pieces: unknown[] = await connect(port(), address).toArray();
    assert.equal(pieces.join(""), "reached", address);
    return await askFromInside(postern, address, port());
  }

  async function sessionProcess(): Promise<number> {
    const [pid, ...others] = await sessionProcesses(postern);
    assert.ok(pid !== undefined && others.length === 0);
    return pid;
  }

  /** An interface without a carrier, as Docker's own bridge is most of the time. */
  async function addIdleBridge(number: number): Promise<void> {
    const name = `pt${process.pid}c${number}`;
    await execa("ip", ["link", "add", name, "type", "bridge"]);
    parts.defer(async () => void (await execa("ip", ["link", "delete", name])));
    await execa("ip", ["address", "add", `${addressOf(number)}/32`, "dev", name]);
    await execa("ip", ["link", "set", name, "up"]);
  }
});

/** Of the block for documentation (RFC 5737), others for each process. */
function addressOf(number: number): string {
  return `203.0.113.${((process.pid % 100) + 1) * 2 + number}`;
}
