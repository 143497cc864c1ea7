import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { access, mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { connectSocket } from "#wire/socket.ts";
import { eventually } from "./eventually.ts";
import { keepInGit, passGit } from "./git-store.ts";
import { type PassStore, makePassStore } from "./pass-store.ts";
import { HELLO, type RawClient, rawClient } from "./raw-client.ts";

const ROOT = join(import.meta.dirname, "../..");
const ORIGIN = "https://example.com";
/** One entry is written again and again; the others once. */
const AGAIN = "again";
const FIRST = "0";
/** Milliseconds into a save at which something is killed: it takes about half of that. */
const LATEST = 250;
const LIMIT = 120_000;

interface Counts {
  acknowledged: number;
  killed: number;
}

/**
 * Saves that many times, and kills the broker or the session process at a random moment of most of them; then looks at
 * the store as `pass` and `git` see it.
 * @param start without it they are processes and no container, and are killed with their whole process group
 */
export async function killedSaves(count: number, start = startProcesses): Promise<Counts> {
  await using store = await makePassStore({ [`example.com/${AGAIN}`]: `${FIRST}\nlogin: ${AGAIN}\nnote: stays\n` });
  await keepInGit(store);
  await using processes = await start(store);
  const acknowledged = new Map<string, string>();
  const tried = new Map<string, Set<string>>();
  let killed = 0;

  for (let at = 1; at <= count; at++) {
    const name = at % 4 === 0 ? AGAIN : `user${at}`;
    const password = `password-${at}`;
    const triedNow = tried.get(name) ?? new Set();
    // What was tried before and is not known to be there may still come, but never after what is.
    tried.set(name, triedNow.add(password));
    const saved = save(processes.socket, name, password);
    const victim = (["broker", "session", undefined] as const)[randomInt(3)];
    if (victim !== undefined) {
      await (randomInt(2) === 0 ? wait(randomInt(LATEST)) : whenWritten(store, name, saved));
      await processes.killAndRestart(victim);
      killed += 1;
    }
    if (!(await saved)) continue;
    acknowledged.set(name, password);
    triedNow.clear();
  }

  await eventually("every pass has ended", async () => !(await isPassAtWork(store)), LIMIT);
  await judge(store, acknowledged, tried);
  return { acknowledged: acknowledged.size, killed };
}

/** Whether it was acknowledged. */
async function save(socket: string, username: string, password: string): Promise<boolean> {
  // The socket of one that was killed is there, and refuses.
  using client = await rawClient(socket).catch((error: unknown) => {
    assert.match(String(error), /ECONNREFUSED|ENOENT|ECONNRESET/);
    return undefined;
  });
  if (client === undefined || (await orEnd(client, HELLO)) === undefined) return false;
  const reply = await orEnd(client, { id: 9, type: "save", origin: ORIGIN, password, ...(await what(client)) });
  return reply?.ok === true;

  async function what(peer: RawClient): Promise<object> {
    if (username !== AGAIN) return { username };
    const found = await orEnd(peer, { id: 2, type: "find", origin: ORIGIN, use: "form" });
    const update = new RegExp(`"handle":"([\\w-]{22})","label":"example.com/${AGAIN}"`).exec(
      JSON.stringify(found),
    )?.[1];
    await orEnd(peer, { id: 3, type: "get", origin: ORIGIN, handle: update, fields: ["password"] });
    return { update };
  }
}

/** The reply, or undefined when the connection ends first. */
async function orEnd(
  client: RawClient,
  request: { id: number; [field: string]: unknown },
): Promise<Record<string, unknown> | undefined> {
  client.send(request);
  const reply = (): Record<string, unknown> | undefined => client.received.find(({ id }) => id === request.id);
  await eventually(`the reply to ${request.id}`, () => reply() !== undefined || client.isClosed(), LIMIT);
  return reply();
}

/** A moment in which git is at work: after the file has come or changed, and before the save has ended. */
async function whenWritten(store: PassStore, name: string, saved: Promise<unknown>): Promise<void> {
  const stamp = async (): Promise<number | undefined> =>
    (await stat(join(store.store, `example.com/${name}.gpg`)).catch(() => undefined))?.mtimeMs;
  const before = await stamp();
  let isOver = false;
  void saved.finally(() => (isOver = true));
  await eventually("the file, or the end", async () => isOver || (await stamp()) !== before, LIMIT);
  await wait(randomInt(50));
}

async function judge(
  store: PassStore,
  acknowledged: ReadonlyMap<string, string>,
  tried: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<void> {
  assert.equal(await passGit(store, "fsck", "--strict", "--no-dangling", "--no-progress"), "");
  await assert.rejects(access(join(store.store, ".git/index.lock")));
  // What was begun came to its end, whoever was there to see it.
  assert.equal(await passGit(store, "status", "--porcelain"), "");
  const kept = new Set((await passGit(store, "ls-tree", "-r", "-z", "--name-only", "HEAD")).split("\0"));
  for (const name of acknowledged.keys()) assert.ok(kept.has(`example.com/${name}.gpg`), `${name} is in git`);

  for (const file of await readdir(join(store.store, "example.com"))) {
    const name = file.replace(/\.gpg$/, "");
    const text = await store.gpg(["--quiet", "--decrypt", join(store.store, "example.com", file)]);
    const known = acknowledged.get(name) ?? (name === AGAIN ? FIRST : undefined);
    const may = [...(tried.get(name) ?? []), ...(known === undefined ? [] : [known])];
    const rest = name === AGAIN ? `\nlogin: ${AGAIN}\nnote: stays\n` : `\nlogin: ${name}\n`;
    assert.ok(
      may.some((password) => text === password + rest),
      `${name}: ${text}`,
    );
  }
  for (const name of acknowledged.keys()) await access(join(store.store, `example.com/${name}.gpg`));
}

async function isPassAtWork(store: PassStore): Promise<boolean> {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    // Those that end meanwhile have no files any more.
    const read = (name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "");
    if (!(await read("environ")).split("\0").includes(`PASSWORD_STORE_DIR=${store.store}`)) continue;
    if ((await read("cmdline")).split("\0").includes("insert")) return true;
  }
  return false;
}

/** What saves, and can be killed. */
export interface Processes extends AsyncDisposable {
  /** Of a gate. */
  socket: string;
  /** Resolves when the gate answers again. */
  killAndRestart(which: "broker" | "session"): Promise<void>;
}

async function startProcesses(store: PassStore): Promise<Processes> {
  const place = (name: string): string => join(store.home, name);
  for (const name of ["session", "state", "state/log", "gates", "gates/test"])
    await mkdir(place(name), { mode: 0o700 });
  await writeFile(place("config.toml"), "[gates.test.limits]\ngets-a-minute = 100000\n");
  const socket = place("gates/test/bridge.sock");
  const options = {
    "--store": store.store,
    "--gnupg": store.gnupg,
    "--gates": place("gates"),
    "--session": place("session"),
    "--state": place("state/log"),
    "--config": place("config.toml"),
  };
  const commands = {
    broker: [join(ROOT, "dist/postern-broker.cjs"), ...Object.entries(options).flat()],
    session: [join(import.meta.dirname, "session-main.ts"), store.store, place("state"), place("session")],
  };
  const start = (which: keyof typeof commands): ChildProcess =>
    spawn(process.execPath, commands[which], { env: store.environment, cwd: ROOT, stdio: "ignore", detached: true });
  const running = { session: start("session"), broker: start("broker") };
  await isReady();

  async function isReady(): Promise<void> {
    await eventually("the session process", () => answers(place("session/consent.sock")), LIMIT);
    await eventually("the gate", () => answers(socket), LIMIT);
  }

  async function end(which: keyof typeof commands): Promise<void> {
    const ended = once(running[which], "exit");
    process.kill(-(running[which].pid ?? Number.NaN), "SIGKILL");
    await ended;
  }

  return {
    socket,
    killAndRestart: async (which) => {
      await end(which);
      running[which] = start(which);
      await isReady();
    },
    [Symbol.asyncDispose]: async () => {
      await end("broker");
      await end("session");
    },
  };
}

async function answers(path: string): Promise<boolean> {
  const socket = await connectSocket(path).catch(() => undefined);
  socket?.destroy();
  return socket !== undefined;
}
