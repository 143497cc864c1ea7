import assert from "node:assert/strict";
import { createBrokerControl } from "#cli/session/broker-orders.ts";
import { type TestCommand, testCommand } from "#test/harness/command.ts";

describe("a command that the session process cannot carry out, as when the vault is just ending", function () {
  this.timeout(60_000);
  let command: TestCommand;
  before(async () => {
    // Refuses each order, and leaves the connection open.
    command = await testCommand(createBrokerControl());
  });
  after(() => command[Symbol.asyncDispose]());

  for (const name of ["status", "down", "lock", "unlock", "grants", "revoke"]) {
    it(`says why, and ends: ${name}`, async () => {
      const { exitCode, stdout, stderr } = await command.run(name);
      assert.match(stderr, /^postern: error: .+$/m);
      assert.deepEqual([exitCode, stdout], [2, ""]);
    });
  }
});
