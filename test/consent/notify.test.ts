import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { createNotifier } from "#consent/notify.ts";
import type { Notify } from "#protocol/generated/consent.ts";
import { eventually } from "#test/harness/eventually.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { openNotificationServer } from "#test/harness/notification-server.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const notice = (reason: Notify["reason"], gate = "work"): Notify => ({ id: 1, type: "notify", gate, reason });

describe("a notification", function () {
  this.timeout(60_000);
  let temporary: Awaited<ReturnType<typeof temporaryDirectory>>;
  let environment: Record<string, string>;
  const unlocked: string[] = [];
  beforeEach(async () => {
    temporary = await temporaryDirectory();
    environment = { PATH: `${temporary.path}/bin:${process.env.PATH ?? ""}`, NOTED: join(temporary.path, "noted") };
    unlocked.length = 0;
  });
  afterEach(() => temporary[Symbol.asyncDispose]());

  /** Stands in for the program: notes what it was given, a line each, then does something. */
  const notifySend = (then: string): Promise<string> =>
    fakeProgram(
      join(temporary.path, "bin"),
      "notify-send",
      `trap 'touch "$NOTED.done"' EXIT; for word; do printf '%s\\n' "$word"; done >>"$NOTED"; echo >>"$NOTED"; ${then}`,
    );
  const isDone = (): Promise<boolean> =>
    stat(join(temporary.path, "noted.done")).then(
      () => true,
      () => false,
    );
  const noted = (): Promise<string> => readFile(join(temporary.path, "noted"), "utf8").catch(() => "");
  const open = (): ReturnType<typeof createNotifier> =>
    createNotifier({ environment, unlock: async (gate) => void unlocked.push(gate) });

  it("of a flood offers to undo the lock, and does when that is chosen", async () => {
    await notifySend("echo unlock");
    await using notifier = open();
    assert.equal(notifier.tell(notice("gate_locked_flood")), true);
    await eventually("the unlock", () => unlocked.length === 1);
    assert.deepEqual(unlocked, ["work"]);
    const words = (await noted()).split("\n");
    assert.ok(words.includes("--action=unlock=Unlock") && words.includes("--urgency=critical"), words.join(" "));
    assert.ok(words.indexOf("--") < words.indexOf("The browser work is locked"), words.join(" "));
    assert.ok(words.some((word) => word.includes("postern unlock work")));
  });

  it("that is closed undoes nothing", async () => {
    await notifySend("echo closed");
    const notifier = open();
    notifier.tell(notice("gate_locked_flood"));
    await eventually("its end", isDone);
    await notifier[Symbol.asyncDispose]();
    assert.deepEqual(unlocked, []);
  });

  for (const reason of ["canary", "limit"] as const) {
    it(`of a ${reason} offers nothing, whatever the program says`, async () => {
      await notifySend("echo unlock");
      await using notifier = open();
      notifier.tell(notice(reason));
      await eventually("its end", isDone);
      assert.doesNotMatch(await noted(), /--action/);
      await notifier[Symbol.asyncDispose]();
      assert.deepEqual(unlocked, []);
    });
  }

  it("comes without a button where the program knows none", async () => {
    await notifySend('case "$*" in *--action*) exit 1;; esac');
    await using notifier = open();
    notifier.tell(notice("gate_locked_flood"));
    await eventually("both tries", async () => (await noted()).split("\n\n").length === 3);
    assert.doesNotMatch((await noted()).split("\n\n")[1] ?? "", /--action/);
  });

  it("comes once in a while for each thing, and few of all: the screen stays the person's", async () => {
    await notifySend("sleep 600");
    await using notifier = open();
    const gates = ["a", "a", "b", "c", "a", "d", "e", "f", "b"];
    const taken = gates.map((gate) => notifier.tell(notice("gate_locked", gate)));
    assert.deepEqual(taken, [true, false, true, true, false, true, true, false, false]);
    await eventually("five are shown", async () => (await noted()).split("\n\n").length === 6);
    const shown = [...(await noted()).matchAll(/^The browser (.*) is locked$/gm)].map(([, gate = ""]) => gate);
    assert.deepEqual(shown.toSorted(), ["a", "b", "c", "d", "e"]);
  });

  it("ends with the session, also when its program does not want to", async () => {
    const pid = join(temporary.path, "pid");
    await notifySend(`trap '' TERM; echo $$ >${pid}.new; mv ${pid}.new ${pid}; while :; do sleep 1; done`);
    const notifier = open();
    notifier.tell(notice("gate_locked_flood"));
    const shown = await eventually("it is shown", () => readFile(pid, "utf8").catch(() => undefined));
    await notifier[Symbol.asyncDispose]();
    assert.throws(() => process.kill(Number(shown), 0), { code: "ESRCH" });
    assert.deepEqual(unlocked, []);
  });

  it("is nothing that anything depends on: there may be no program", async () => {
    const notifier = createNotifier({ environment: { PATH: join(temporary.path, "none") }, unlock: async () => ({}) });
    assert.equal(notifier.tell(notice("canary")), true);
    assert.equal(notifier.tell(notice("canary")), false);
    await notifier[Symbol.asyncDispose]();
  });
});

describe("a notification on a real bus, by the real notify-send", function () {
  this.timeout(60_000);

  for (const [action, unlocked] of [
    ["unlock", ["work"]],
    ["default", []],
  ] as const) {
    it(`of a flood, whose button "${action}" is pressed`, async () => {
      await using server = await openNotificationServer();
      await using temporary = await temporaryDirectory();
      const said = join(temporary.path, "said");
      // The real one; what it says comes here once it has ended, too.
      await fakeProgram(
        temporary.path,
        "notify-send",
        `said=$(PATH='${process.env.PATH}' notify-send "$@"); echo "$said"; echo "$said" >${said}.part; mv ${said}.part ${said}`,
      );
      const PATH = `${temporary.path}:${process.env.PATH}`;
      const environment = { PATH, DBUS_SESSION_BUS_ADDRESS: server.address };
      const asked: string[] = [];
      const notifier = createNotifier({ environment, unlock: async (gate) => void asked.push(gate) });
      notifier.tell(notice("gate_locked_flood"));
      const shown = await eventually("the notification", () => server.shown[0]);
      assert.match(
        shown,
        /Postern[\s\S]*The browser work is locked[\s\S]*postern unlock work[\s\S]*unlock\0[\s\S]*Unlock\0/,
      );
      server.press(action);
      const output = await eventually("its end", () => readFile(said, "utf8").catch(() => undefined));
      assert.equal(output, action === "unlock" ? "unlock\n" : "\n");
      if (action === "unlock") await eventually("the unlock", () => asked.length === 1);
      await notifier[Symbol.asyncDispose]();
      assert.deepEqual(asked, unlocked);
    });
  }
});
