import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Socket, connect } from "node:net";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { temporaryDirectory } from "./temporary.ts";

/** A real session bus, with a service on it that answers as the desktop's settings do. */
export interface SettingsPortal extends AsyncDisposable {
  /** DBUS_SESSION_BUS_ADDRESS */
  address: string;
  /** 0 no preference, 1 dark, 2 light; undefined: it never answers. */
  colorScheme: number | undefined;
}

type Field = [code: number, type: "s" | "o" | "g" | "u", value: string | number];
/** Codes of header fields (D-Bus Specification, "Header Fields"). */
const [PATH, INTERFACE, MEMBER, REPLY_SERIAL, DESTINATION, SENDER, SIGNATURE] = [1, 2, 3, 5, 6, 7, 8];
const BUS = "org.freedesktop.DBus";

export async function openSettingsPortal(): Promise<SettingsPortal> {
  await using parts = new AsyncDisposableStack();
  const path = join(parts.use(await temporaryDirectory()).path, "bus");
  const options = ["--session", "--nofork", "--nopidfile", `--address=unix:path=${path}`];
  const daemon = spawn("dbus-daemon", options, { stdio: "ignore" });
  parts.defer(async () => {
    daemon.kill();
    if (daemon.exitCode === null) await once(daemon, "exit", { signal: AbortSignal.timeout(10_000) });
  });
  const socket = await eventually("a session bus", () => connected(path));
  parts.defer(() => void socket.destroy());
  const portal: SettingsPortal = {
    address: `unix:path=${path}`,
    colorScheme: 0,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
  const uid = Buffer.from(String(process.getuid?.())).toString("hex");
  socket.write(`\0AUTH EXTERNAL ${uid}\r\n`);
  await once(socket, "data");
  socket.write("BEGIN\r\n");
  const call = (serial: number, member: string, signature: string, body: Buffer): void => {
    const fields: Field[] = [
      [PATH, "o", "/org/freedesktop/DBus"],
      [INTERFACE, "s", BUS],
      [MEMBER, "s", member],
    ];
    if (signature !== "") fields.push([SIGNATURE, "g", signature]);
    socket.write(message(1, serial, [...fields, [DESTINATION, "s", BUS]], body));
  };
  let isNamed = false;
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (piece: Buffer) => {
    rest = Buffer.concat([rest, piece]);
    while (rest.length >= 16 && rest.length >= lengthOf(rest)) {
      const { type, serial, fields } = read(rest);
      rest = rest.subarray(lengthOf(rest));
      if (type === 2 && fields.get(REPLY_SERIAL) === 2) isNamed = true;
      if (type !== 1 || portal.colorScheme === undefined) continue;
      // A variant in a variant, as "Read" has it: signature `v`, then signature `u`, then the number.
      const body = Buffer.from([1, 0x76, 0, 1, 0x75, 0, 0, 0, portal.colorScheme, 0, 0, 0]);
      const sender = String(fields.get(SENDER));
      const answer: Field[] = [
        [REPLY_SERIAL, "u", serial],
        [DESTINATION, "s", sender],
        [SIGNATURE, "g", "v"],
      ];
      socket.write(message(2, serial + 100, answer, body));
    }
  });
  call(1, "Hello", "", Buffer.alloc(0));
  call(2, "RequestName", "su", Buffer.concat([text("org.freedesktop.portal.Desktop"), Buffer.from([0, 4, 0, 0, 0])]));
  await eventually("a name on the bus", () => isNamed);
  const kept = parts.move();
  return portal;
}

async function connected(path: string): Promise<Socket | undefined> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    return socket;
  } catch {
    return undefined;
  }
}

function text(value: string): Buffer {
  const bytes = Buffer.from(`\0\0\0\0${value}\0`);
  bytes.writeUInt32LE(bytes.length - 5);
  return bytes;
}

function message(type: number, serial: number, fields: Field[], body: Buffer): Buffer {
  let array: Buffer = Buffer.alloc(0);
  for (const [code, kind, value] of fields) {
    array = Buffer.concat([aligned(array, 8), Buffer.from([code, 1, kind.charCodeAt(0), 0])]);
    if (typeof value === "number") array = Buffer.concat([array, Buffer.from([value & 255, value >> 8, 0, 0])]);
    else
      array = Buffer.concat([
        array,
        kind === "g" ? Buffer.from(`${String.fromCharCode(value.length)}${value}\0`) : text(value),
      ]);
  }
  const head = Buffer.from([0x6c, type, 0, 1, ...Array.from<number>({ length: 12 }).fill(0)]);
  head.writeUInt32LE(body.length, 4);
  head.writeUInt32LE(serial, 8);
  head.writeUInt32LE(array.length, 12);
  return Buffer.concat([aligned(Buffer.concat([head, array]), 8), body]);
}

function aligned(bytes: Buffer, to: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((to - (bytes.length % to)) % to)]);
}

function lengthOf(bytes: Buffer): number {
  return Math.ceil((16 + bytes.readUInt32LE(12)) / 8) * 8 + bytes.readUInt32LE(4);
}

function read(bytes: Buffer): { type: number; serial: number; fields: Map<number, string | number> } {
  const fields = new Map<number, string | number>();
  let at = 16;
  const end = 16 + bytes.readUInt32LE(12);
  while (at < end) {
    at = Math.ceil(at / 8) * 8;
    const [code, kind] = [bytes.readUInt8(at), String.fromCharCode(bytes.readUInt8(at + 2))];
    at += 4;
    if (kind === "u") {
      fields.set(code, bytes.readUInt32LE(at));
      at += 4;
    } else {
      const [head, length] = kind === "g" ? [1, bytes.readUInt8(at)] : [4, bytes.readUInt32LE(at)];
      fields.set(code, bytes.toString("utf8", at + head, at + head + length));
      at += head + length + 1;
    }
  }
  return { type: bytes.readUInt8(1), serial: bytes.readUInt32LE(8), fields };
}
