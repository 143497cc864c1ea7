import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readConfiguration } from "#wire/config.ts";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { codeOf, greetedClient } from "#test/harness/raw-client.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const ORIGIN = "https://example.com";
const SEED = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U";
const PIN = "marker-pin-of-attack-47";
const ENTRY = [
  "marker-password-of-attack-47",
  "login: marker-user-of-attack-47",
  `otpauth://totp/x?secret=${SEED}`,
  `totp: ${SEED}`,
  `otp_secret: ${SEED}`,
  `backup: otpauth://totp/x?secret=${SEED}`,
  `PIN: ${PIN}`,
  "customer: 4711",
].join("\n");
const LIMITS = "[gates.test.limits]\ngets-a-minute = 1000\n";
/** As a person may write names: a key's case and the blanks around it mean nothing. */
const NAMES = ["pin", "PIN", "Pin ", "login", "Password", "pass", "otp", "TOTP", "otp_secret", "otpauth", "seed", "id"];

describe("attack 47: a custom field that is a seed, a PIN, or the password itself", function () {
  this.timeout(60_000);

  async function get(broker: TestBroker, names: string[]): Promise<Record<string, unknown>> {
    using client = await greetedClient(broker.socket);
    const handle = await findFirst(client, 2, ORIGIN);
    const fields = names.map((name) => `custom:${name}`);
    const reply = await client.ask({ id: 3, type: "get", handle, origin: ORIGIN, fields });
    assert.equal(JSON.stringify(reply).includes(SEED), false, JSON.stringify(reply));
    return reply;
  }

  it("where the policy lists none: refused, without a question and a decrypt", async () => {
    await using broker = await startBroker({ entries: { "example.com": ENTRY }, config: LIMITS });
    for (const name of NAMES) assert.equal(codeOf(await get(broker, [name])), "denied", name);
    assert.deepEqual(broker.questions, []);
  });

  it("where the policy lists another: refused, alone and beside it", async () => {
    const config = `[gates.test]\ncustom = ["customer", "backup"]\n${LIMITS}`;
    await using broker = await startBroker({ entries: { "example.com": ENTRY }, config });
    assert.deepEqual((await get(broker, ["customer"])).result, { custom: { customer: "4711" } });
    // A seed, by whatever name, is not there.
    assert.deepEqual((await get(broker, ["backup"])).result, {});
    for (const name of NAMES) {
      const reply = await get(broker, ["customer", name]);
      assert.equal(codeOf(reply), "denied", name);
      assert.doesNotMatch(JSON.stringify(reply), /marker/);
    }
  });

  it("a policy can not list what means user, password or one-time code", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "config.toml");
    for (const name of ["password", "login", "totp", "OTP_secret", "steam"]) {
      await writeFile(path, `[gates.test]\ncustom = ["${name}"]\n`);
      await assert.rejects(readConfiguration(path), { name: "PosternError" }, name);
    }
  });
});
