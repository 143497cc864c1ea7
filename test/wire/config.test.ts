import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OTP_KEYS, PASSWORD_KEYS, USER_KEYS } from "#protocol/login-keys.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";
import { readConfiguration } from "#wire/config.ts";

const WHOLE = `
canaries = ["bank/old.example.com"]

[consent]
command = ["/usr/local/bin/ask-me"]

[aliases]
"amazon.co.uk" = ["amazon.com", "xn--bcher-kva.example"]

[stores]
work = "~/work-store"
home-2 = "/home/me/.password-store"

[gates.work]
consent = "session"
ttl = 60
labels = "full"
folders = ["work", "shared/team"]
custom = ["pin", "Customer number"]
http = ["printer.example.com", "192.168.1.1", "[fe80::1]"]
limits = { domains-a-minute = 5, domains-a-day = 50, gets-a-minute = 2, picks-a-minute = 1, connections = 3 }
`;

/** The file, and what is said of it. */
const WRONG = {
  "an unknown key": ['[gates.work]\nconsent = "always"\ncolour = "red"', "line 3: there is no key gates.work.colour."],
  "a lasting yes of more than an hour": ["[gates.work]\nttl = 61", "line 2: gates.work.ttl must be <= 60."],
  "a lasting yes of no time": ["[gates.work]\nttl = 0", "line 2: gates.work.ttl must be >= 1."],
  "part of a minute": ["[gates.work]\nttl = 1.5", "line 2: gates.work.ttl must be integer."],
  "consent that nobody gives": [
    '[gates.work]\nconsent = "unattended"',
    "line 2: gates.work.consent must be equal to one of the allowed values.",
  ],
  "a limit of nothing": [
    "[gates.work.limits]\ngets-a-minute = 0",
    "line 2: gates.work.limits.gets-a-minute must be >= 1.",
  ],
  "no folder": ["[gates.work]\nfolders = []", "line 2: gates.work.folders must NOT have fewer than 1 items."],
  "a store without a place": [
    '[stores]\nwork = "~/store"\nhome = "store"',
    "line 3: stores.home must begin with / or ~/.",
  ],
  "a store that is no text": ["[stores]\nwork = [1]", "line 2: stores.work must be string."],
  "a store of a name that no folder of ours has": [
    '[stores]\n"../work" = "/a"',
    /line 2: stores\.\.\.\/work must be a letter/,
  ],
  "a store whose name is a number": ['[stores]\n1 = "/a"', /line 2: stores\.1 must be a letter/],
  "a store whose name reads as a site": [
    '[stores]\nlocalhost = "/a"',
    /line 2: stores\.localhost must .* not localhost/,
  ],
  "a gate that can not be": ['[gates.Work]\nlabels = "none"', /line 1: gates\.Work must be lower-case/],
  "an alias in letters that no origin has": [
    '[aliases]\n"Example.com" = []',
    /line 2: aliases\.Example\.com must be a host/,
  ],
  "an alias with a port": [
    '[aliases]\n"example.com" = [\n  "example.org",\n  "example.net:8443",\n]',
    /line 5: aliases\.example\.com\.1 must be a host/,
  ],
  "an http host that is an address": [
    '[gates.work]\nhttp = ["http://example.com"]',
    /line 2: gates\.work\.http\.0 must be a host/,
  ],
} as const;

/** A configuration must not be able to release these as if they were something else. */
const OF_LOGIN = [...PASSWORD_KEYS, ...USER_KEYS, ...OTP_KEYS, "Pass", "SECRET", "eMail", "OTPauth", "OTP_Secret"];

describe("config.toml", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeEach(async () => {
    directory = await temporaryDirectory();
  });
  afterEach(() => directory[Symbol.asyncDispose]());

  async function read(text: string) {
    const path = join(directory.path, "config.toml");
    await writeFile(path, text);
    return await readConfiguration(path);
  }

  it("may say all of a gate's policy", async () => {
    const limits = {
      "domains-a-minute": 5,
      "domains-a-day": 50,
      "gets-a-minute": 2,
      "picks-a-minute": 1,
      connections: 3,
    };
    const work = {
      consent: "session",
      ttl: 60,
      labels: "full",
      folders: ["work", "shared/team"],
      custom: ["pin", "Customer number"],
      http: ["printer.example.com", "192.168.1.1", "[fe80::1]"],
      limits,
    };
    // Through JSON: the parser's tables have no prototype.
    assert.deepEqual(JSON.parse(JSON.stringify(await read(WHOLE))), {
      canaries: ["bank/old.example.com"],
      consent: { command: ["/usr/local/bin/ask-me"] },
      aliases: { "amazon.co.uk": ["amazon.com", "xn--bcher-kva.example"] },
      stores: { work: "~/work-store", "home-2": "/home/me/.password-store" },
      gates: { work },
    });
  });

  it("need not exist", async () => {
    assert.equal(Object.keys(await readConfiguration(join(directory.path, "none.toml"))).length, 0);
  });

  for (const [title, [text, told]] of Object.entries(WRONG)) {
    it(`with ${title}: is refused, with the line and the key`, async () => {
      const message = typeof told === "string" ? `config.toml, ${told}` : told;
      await assert.rejects(read(text), { code: "bad_message", message });
    });
  }

  for (const folder of ["", "/work", "work/", "../work", "work/../other", ".git", "a//b"]) {
    it(`with the folder ${JSON.stringify(folder)}: is refused`, async () => {
      const text = `[gates.work]\nfolders = ["fine", ${JSON.stringify(folder)}]`;
      await assert.rejects(read(text), { code: "bad_message", message: /line 2: gates\.work\.folders\.1 / });
      await assert.rejects(read(`canaries = [${JSON.stringify(folder)}]`), { message: /line 1: canaries\.0 / });
    });
  }

  for (const name of OF_LOGIN) {
    it(`with the custom field ${name}: is refused`, async () => {
      const text = `[gates.work]\nlabels = "full"\ncustom = ["pin", "${name}"]`;
      await assert.rejects(read(text), {
        code: "bad_message",
        message: "config.toml, line 3: gates.work.custom.1 must not mean the user name, the password or a code.",
      });
    });
  }
});
