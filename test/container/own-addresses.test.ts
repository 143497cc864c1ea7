import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { localAddresses, ownAddresses } from "#container/own-addresses.ts";

describe("this machine's own addresses", () => {
  it("are those that the routing table of local addresses has", async () => {
    const { stdout } = await promisify(execFile)("ip", [
      "-json",
      "-4",
      "route",
      "show",
      "table",
      "local",
      "type",
      "local",
    ]);
    const routes: { dst: string }[] = JSON.parse(stdout);
    const all = new Set(routes.map(({ dst }) => dst));
    assert.ok(all.size > 1, stdout);
    assert.deepEqual(new Set(await ownAddresses()), all);
  });

  it("are read where an address has several routes, and a whole network is local", () => {
    const tables = [
      "Main:",
      "  +-- 0.0.0.0/0 3 0 4",
      "     |-- 0.0.0.0",
      "        /0 universe UNICAST",
      "        |-- 172.17.0.1",
      "           /24 link UNICAST",
      "           /32 host LOCAL",
      "     |-- 172.17.0.255",
      "        /32 link BROADCAST",
      "Local:",
      "        |-- 198.51.100.0",
      "           /24 host LOCAL",
      "           /32 link BROADCAST",
      "        |-- 172.17.0.1",
      "           /32 host LOCAL",
      "",
    ].join("\n");
    assert.deepEqual(localAddresses(tables), ["172.17.0.1", "198.51.100.0/24"]);
  });
});
