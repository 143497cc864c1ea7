import assert from "node:assert/strict";
import { once } from "node:events";
import { type Server, connect, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { execute } from "#container/exec.ts";
import { askFromInside } from "#test/harness/from-inside.ts";
import { type InternetSide, openInternetSide } from "#test/harness/internet-side.ts";
import { testPostern } from "#test/harness/postern.ts";

describe("the network of a browser", function () {
  this.timeout(300_000);
  let server: Server;
  let port: number;
  let internet: InternetSide;
  before(async () => {
    internet = await openInternetSide();
    server = createServer((socket) => socket.on("error", () => undefined).end("reached")).listen(0, "0.0.0.0");
    await once(server, "listening");
    const bound = server.address();
    assert.ok(typeof bound === "object" && bound !== null);
    ({ port } = bound);
  });
  after(async () => {
    server.close();
    await internet[Symbol.asyncDispose]();
  });

  it("internet: reaches the internet, and no address of this machine", async () => {
    await using postern = await testPostern();
    const { exitCode, stderr } = await postern.run("up", postern.gate, "--headless", "--network", "internet");
    assert.equal(exitCode, 0, stderr);
    assert.equal(await askFromInside(postern, internet.address, internet.port), "reached");
    assert.equal(await askFromInside(postern, internet.address, internet.port, "eth0"), "reached");

    const closed = ownAddresses();
    assert.ok(closed.length > 3 && closed.includes(internet.hostAddress), closed.join());
    for (const address of closed) {
      assert.equal(await reach(address, port), "reached", address);
      // Its own loopback is a different one from ours, where nobody listens.
      const answer = address.startsWith("127.") ? "Connection refused" : "No route to host";
      assert.equal(await askFromInside(postern, address, port), answer, address);
      // A socket bound to the interface asks no route.
      if (!address.startsWith("127."))
        assert.notEqual(await askFromInside(postern, address, port, "eth0"), "reached", address);
    }
    assert.equal(await askFromInside(postern, "169.254.169.254", 80), "No route to host");
    assert.equal(await askFromInside(postern, "255.255.255.255", 80), "Network is unreachable");

    const browser = await postern.container("firefox");
    const namespace = browser.name.replace("-firefox-", "-network-");
    const found = await execute(postern.engine, browser, ["getent", "hosts", namespace]);
    assert.match(found.stdout, /^\d+\.\d+\.\d+\.\d+\s/, "the engine's name server does not answer");

    const session = postern.engine;
    const names = (await session.listNetworks()).filter(({ Name }) => Name.includes(postern.gate));
    assert.equal(names.length, 1);
    assert.equal((await postern.run("down")).exitCode, 0);
    assert.equal((await session.listNetworks()).filter(({ Name }) => Name.includes(postern.gate)).length, 0);
    const left = (await session.listContainers({ all: true })).flatMap(({ Names }) => Names);
    assert.deepEqual(
      left.filter((name) => name.includes(postern.gate)),
      [],
    );
  });

  it("none: reaches neither; and is not quietly exchanged for the other", async () => {
    await using postern = await testPostern();
    const { exitCode, stderr } = await postern.run("up", postern.gate, "--headless", "--network", "none");
    assert.equal(exitCode, 0, stderr);
    assert.equal(await askFromInside(postern, internet.address, internet.port), "Network is unreachable");
    for (const address of ownAddresses()) {
      const answer = address.startsWith("127.") ? "Connection refused" : "Network is unreachable";
      assert.equal(await askFromInside(postern, address, port), answer, address);
    }
    const other = await postern.run("up", postern.gate, "--headless", "--network", "internet");
    assert.equal(other.exitCode, 2);
    assert.match(other.stderr, /error: The browser of the gate .* runs with the network none.*\n.*postern down/);
  });
});

function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((those) => those ?? []);
  return all.filter(({ family }) => family === "IPv4").map(({ address }) => address);
}

async function reach(address: string, port: number): Promise<string> {
  const socket = connect(port, address);
  const pieces: unknown[] = await socket.toArray();
  return pieces.join("");
}
