import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { reloadConfiguration } from "#cli/session/reload.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { greetedClient } from "#test/harness/raw-client.ts";

describe("a further up", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  let directory: string;
  beforeEach(async () => {
    broker = await startBroker({ entries: { "web/example.com": "secret" } });
    directory = broker.store.home;
  });
  afterEach(() => broker[Symbol.asyncDispose]());

  it("has the vault take up the configuration", async () => {
    await writeFile(join(directory, "config.toml"), '[gates.test]\nlabels = "full"\n');
    await reloadConfiguration(directory, broker.control);
    using client = await greetedClient(broker.socket);
    const reply = await client.ask({ id: 2, type: "find", origin: "https://example.com", use: "form" });
    assert.match(JSON.stringify(reply), /"label":"web\/example\.com"/);
  });

  it("says what is wrong with it, in the file that the user knows", async () => {
    await writeFile(join(directory, "config.toml"), "colour = 1\n");
    await assert.rejects(reloadConfiguration(directory, broker.control), {
      message: "config.toml, line 1: there is no key colour.",
      hint: `Mend it with: editor ${join(directory, "config.toml")}`,
    });
  });
});
