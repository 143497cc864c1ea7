// Runs inside the browser's container as its user, beside attacker.ts: every channel that leads out is kept as busy as
// this user can. Prints how often each one was used, and what it reached over the network, as JSON.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { appendFileSync, closeSync, openSync, rmSync, symlinkSync, writeFileSync, writeSync } from "node:fs";
import { type Socket, connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const [seconds = "0", port = "0", ...addresses] = process.argv.slice(1);
const deadline = performance.now() + Number(seconds) * 1_000;
const DOWNLOADS = "/downloads";
const MIB = 1024 * 1024;
/** Enough to be noticed, and no more than the test's machine can spare. */
const DOWNLOADED = 64 * MIB;

const used: Record<string, number> = {};
const reached = new Set<string>();
const isOver = (): boolean => performance.now() > deadline;
const count = (channel: string): void => void (used[channel] = (used[channel] ?? 0) + 1);

/** Frames as long as may be, of JSON that is well-formed and a request of nobody's. */
async function bridge(): Promise<void> {
  const body = Buffer.from(`{"id":1,"type":"hello","versions":[${"1,".repeat(30_000)}1]}`);
  const head = Buffer.alloc(4);
  head.writeUInt32LE(body.length);
  await sendAll("bridge", "/run/postern/bridge.sock", Buffer.concat([head, body]));
}

/** A greeting, and then commands of a mebibyte, each of it a value of no length. */
async function sound(): Promise<void> {
  const command = Buffer.concat([Buffer.from("L\0\0\0\x09L\0\0\0\x01", "latin1"), Buffer.alloc(MIB - 10, "0")]);
  const header = Buffer.alloc(20);
  header.writeUInt32BE(command.length, 0);
  header.writeUInt32BE(0xffff_ffff, 4);
  await sendAll("sound", "/run/sound/native", Buffer.concat([header, command]));
}

/** `wl_display.sync`, each with an object that the compositor makes and takes away. */
async function display(): Promise<void> {
  const requests = Array.from({ length: 1_000 }, (_, at) => {
    const words = Uint32Array.of(1, 12 << 16, at + 2);
    return Buffer.from(words.buffer);
  });
  await sendAll("display", "/run/display/wayland", Buffer.concat(requests));
}

/** Lines, escapes and no line's end at all, on the browser's own output. */
async function output(): Promise<void> {
  const text = `\x1b]0;owned\x07\x1b[2J${"x".repeat(60_000)}\n`.repeat(4);
  const files = ["/proc/1/fd/1", "/proc/1/fd/2"].map((path) => openSync(path, "w"));
  while (!isOver()) {
    for (const file of files) writeSync(file, text);
    count("output");
    await wait(1);
  }
  files.forEach(closeSync);
}

/** Files as large as they may get here, each taken away again, under names that do something on a terminal. */
async function downloads(): Promise<void> {
  const piece = Buffer.alloc(MIB, "x");
  const file = `${DOWNLOADS}/flood\x1b[2J`;
  while (!isOver()) {
    writeFileSync(file, "");
    for (let written = 0; written < DOWNLOADED; written += MIB) {
      appendFileSync(file, piece);
      await wait(1);
    }
    for (const target of ["/etc/passwd", "../../.ssh/id_ed25519"]) link(target);
    rmSync(file);
    count("downloads");
  }
}

function link(target: string): void {
  try {
    symlinkSync(target, `${DOWNLOADS}/invoice.pdf`);
    reached.add(`a link to ${target}`);
    rmSync(`${DOWNLOADS}/invoice.pdf`);
  } catch {
    // Refused, as it should be.
  }
}

/** Each address of the machine outside, and the gates' bridges. */
async function network(): Promise<void> {
  const datagrams = createSocket("udp4");
  datagrams.on("error", () => undefined);
  while (!isOver()) {
    await Promise.all(addresses.map(knock));
    for (const address of addresses) datagrams.send(Buffer.alloc(1_400), Number(port), address, () => undefined);
    count("network");
    await wait(20);
  }
  datagrams.close();
}

async function knock(address: string): Promise<void> {
  const socket = connect({ host: address, port: Number(port) });
  const connected = once(socket, "connect", { signal: AbortSignal.timeout(500) });
  await connected.then(() => reached.add(address)).catch(() => undefined);
  socket.destroy();
}

/** The same bytes again and again, and what is answered read and dropped; a new connection for one that is closed. */
async function sendAll(channel: string, path: string, bytes: Buffer): Promise<void> {
  while (!isOver()) {
    const socket = connect(path);
    await pour(channel, socket, bytes).catch(() => undefined);
    socket.destroy();
    await wait(1);
  }
}

async function pour(channel: string, socket: Socket, bytes: Buffer): Promise<void> {
  const closed = once(socket, "close");
  socket.on("error", () => undefined);
  socket.resume();
  await once(socket, "connect", { signal: AbortSignal.timeout(5_000) });
  while (!isOver() && !socket.destroyed) {
    count(channel);
    if (!socket.write(bytes)) await Promise.race([once(socket, "drain"), closed, wait(5_000)]);
  }
}

await Promise.all([bridge(), sound(), display(), output(), downloads(), network()]);
process.stdout.write(JSON.stringify({ used, reached: [...reached] }), () => process.exit());
