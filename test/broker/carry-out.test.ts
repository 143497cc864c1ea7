import assert from "node:assert/strict";
import { startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";

describe("orders to the broker", function () {
  this.timeout(60_000);

  it("that lock, unlock or revoke are in the log, those that it does not carry out are not", async () => {
    await using broker = await startBroker({ entries: {} });
    await assert.rejects(broker.control.order({ type: "unlock", gate: "tset" }), { code: "bad_message" });
    await broker.control.order({ type: "lock", gate: "test" });
    await broker.control.order({ type: "unlock", gate: "test" });
    await broker.control.order({ type: "revoke" });
    const lines = await eventually("three lines", async () => {
      const log = await broker.log();
      return log.length >= 3 && log;
    });
    const ordered = { decision: "allowed", reason: "ordered from outside the sandbox" };
    assert.deepEqual(
      lines.map(({ time: _time, ...line }) => line),
      [
        { gate: "test", type: "lock", ...ordered },
        { gate: "test", type: "unlock", ...ordered },
        { gate: "", type: "revoke", ...ordered },
      ],
    );
  });
});
