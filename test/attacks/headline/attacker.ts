// Runs inside the browser's container as its user, with the container's own Node: whatever the host program could say
// on the gate's socket, and whatever else this user can reach. Prints what it got, as JSON.
import { randomBytes } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const [seconds = "0", mark = "", ...domains] = process.argv.slice(1);
const deadline = performance.now() + Number(seconds) * 1_000;
const SOCKET = "/run/postern/bridge.sock";
const GIVEN = /\/(?:bridge\.sock|sound\/native|wayland|wayland-0)$|^@?\/tmp\//;
const FIELDS = ["username", "password", "otp"];

interface Reply {
  id?: number;
  ok?: boolean;
  result?: { entries?: { handle: string; label: string }[] };
  error?: { code: string };
}

interface Gate {
  ask(request: Record<string, unknown> & { type: string }, name?: string): Promise<Reply>;
  isOver(): boolean;
  close(): void;
}

/** What came back, by the kind of what was asked. */
const answers: Record<string, Record<string, number>> = {};
const secrets = new Set<string>();
const labels = new Map<string, Set<string>>();
const handles: { handle: string; origin: string }[] = [];
const gates: Gate[] = [];

const left = (): number => deadline - performance.now();
/** Not longer for one answer than a second: a question that nobody answers is a reason to ask for something else meanwhile. */
const shortly = async (asked: Promise<unknown>[]): Promise<void> =>
  void (await Promise.race([Promise.all(asked), wait(1_000)]));

/** One connection to the gate; every byte that comes is searched for the mark of the store's secrets. */
async function open(): Promise<Gate> {
  const socket = connect(SOCKET);
  const pending = new Map<number, (reply: Reply) => void>();
  let isOver = false;
  let bytes = Buffer.alloc(0);
  let lastId = 0;
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    isOver = true;
    for (const settle of pending.values()) settle({ error: { code: "(closed)" } });
  });
  socket.on("data", (piece: Buffer) => {
    bytes = Buffer.concat([bytes, piece]);
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32LE(0)) {
      const text = bytes.subarray(4, 4 + bytes.readUInt32LE(0)).toString();
      bytes = bytes.subarray(4 + bytes.readUInt32LE(0));
      for (const [found] of text.matchAll(new RegExp(`${mark}\\d+`, "g"))) secrets.add(found);
      const reply: Reply = JSON.parse(text);
      pending.get(reply.id ?? 0)?.(reply);
    }
  });

  function ask(request: Record<string, unknown> & { type: string }, name = request.type): Promise<Reply> {
    lastId += 1;
    const id = lastId;
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const settle = (reply: Reply): void => {
      if (!pending.delete(id)) return;
      clearTimeout(timer);
      const code = reply.ok === true ? "ok" : (reply.error?.code ?? "(no reply)");
      const counts = (answers[name] ??= {});
      counts[code] = (counts[code] ?? 0) + 1;
      resolve(reply);
    };
    const timer = setTimeout(() => settle({}), Math.max(0, left()));
    pending.set(id, settle);
    const body = Buffer.from(JSON.stringify({ id, ...request }));
    const head = Buffer.alloc(4);
    head.writeUInt32LE(body.length);
    if (isOver) settle({ error: { code: "(closed)" } });
    else socket.write(Buffer.concat([head, body]));
    return promise;
  }

  await ask({ type: "hello", versions: [1], client: { name: "attacker", version: "1" } });
  return { ask, close: () => void socket.destroy(), isOver: () => isOver };
}

/** Every domain that is known, until so many milliseconds are left; the connections stay, their handles are good on them alone. */
async function enumerate(until: number): Promise<void> {
  const remaining = [...domains];
  while (left() > until && remaining.length > 0 && gates.length < 8) {
    const gate = await open();
    gates.push(gate);
    while (left() > until && remaining.length > 0 && !gate.isOver()) {
      await shortly(remaining.splice(0, 20).map((domain) => look(gate, domain)));
    }
  }
}

async function look(gate: Gate, domain: string): Promise<void> {
  const origin = `https://${domain}`;
  const reply = await gate.ask({ type: "find", origin, use: "form" });
  for (const { handle, label } of reply.result?.entries ?? []) {
    handles.push({ handle, origin });
    labels.set(domain, (labels.get(domain) ?? new Set()).add(label));
  }
}

/** Whatever could bring more than was approved. */
async function takeEverything(gate: Gate): Promise<void> {
  const get = { type: "get", fields: FIELDS };
  const path = { path: "../../etc/shadow", entry: "shop1.com/alice", store: "/", gpgPath: "/bin/sh" };
  for (const { handle, origin } of handles) {
    await shortly([
      gate.ask({ ...get, handle, origin }),
      gate.ask({ ...get, handle, origin }, "get, at the same time"),
      gate.ask({ ...get, handle, origin: "https://example.org" }, "get, for another site"),
      gate.ask({ ...get, handle, origin, ...path }, "get, by a path"),
      gate.ask({ ...get, handle, origin, fields: ["custom:pin"] }, "get, another field"),
    ]);
    if (left() < 0) return;
  }
  const madeUp = Array.from({ length: 30 }, () => randomBytes(16).toString("base64url"));
  await shortly(madeUp.map((handle) => gate.ask({ ...get, handle, origin: "https://shop1.com" }, "get, made up")));
  const others = ["list", "fetch", "configure", "pick", "save", "unlock", "grants"];
  await shortly(others.map((type) => gate.ask({ type, origin: "https://shop1.com", ...path }, "other messages")));
}

/** What else this user can find: sockets, and files that are a store's, a keyring's or a log's. */
function reach(): string[] {
  const wanted =
    /\.gpg$|^\.gpg-id$|^pubring\.kbx$|^private-keys|^S\.gpg-agent|^audit\.jsonl$|^(?:docker|consent|control|grants)\.sock$/;
  const found: string[] = [];
  const walk = (folder: string): void => {
    try {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = `${folder === "/" ? "" : folder}/${entry.name}`;
        // The keys of Debian's packages are everybody's.
        if (["/proc", "/sys", "/dev", "/etc/apt", "/usr/share/keyrings"].includes(path)) continue;
        if (wanted.test(entry.name)) found.push(path);
        if (entry.isDirectory()) walk(path);
      }
    } catch {
      // What may not be read has nothing to give.
    }
  };
  walk("/");
  const sockets = readFileSync("/proc/net/unix", "utf8")
    .split("\n")
    .map((line) => / ([@/].*)$/.exec(line)?.[1] ?? "")
    // Those that it is given: its own gate's has two names, here and in the vault.
    .filter((path) => path !== "" && !GIVEN.test(path));
  return [...found, ...sockets];
}

const reached = reach();
// First what needs nobody, so that a locked gate is not in its way; then everything else at once, until time is up.
await enumerate(Number(seconds) * 500);
await Promise.all(gates.map(takeEverything));
for (const gate of gates.splice(0)) gate.close();
while (left() > 1_000) {
  const gate = await open();
  await shortly(domains.slice(0, 20).map((domain) => look(gate, domain)));
  await takeEverything(gate);
  gate.close();
  await wait(100);
}
const learned = Object.fromEntries([...labels].map(([domain, names]) => [domain, [...names]]));
process.stdout.write(JSON.stringify({ secrets: [...secrets], learned, reached, answers }), () => process.exit());
