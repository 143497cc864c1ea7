import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Socket, connect } from "node:net";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { temporaryDirectory } from "./temporary.ts";

/** Values as they are on the bus. */
export interface Body {
  signature: string;
  bytes: Buffer;
}

/** A real session bus, with a service of the test's own on it. */
export interface BusService extends AsyncDisposable {
  /** DBUS_SESSION_BUS_ADDRESS */
  address: string;
  /** Tells everybody who listens. */
  tell(path: string, member: string, body: Body): void;
}

type Field = [code: number, type: "s" | "o" | "g" | "u", value: string | number];
/** Codes of header fields (D-Bus Specification, "Header Fields"). */
const [PATH, INTERFACE, MEMBER, REPLY_SERIAL, DESTINATION, SENDER, SIGNATURE] = [1, 2, 3, 5, 6, 7, 8];
const BUS = "org.freedesktop.DBus";

/**
 * @param name the service's, and its interface's
 * @param answer undefined: the call is never answered
 */
export async function openBusService(
  name: string,
  answer: (member: string, body: Buffer) => Body | undefined,
): Promise<BusService> {
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
  const uid = Buffer.from(String(process.getuid?.())).toString("hex");
  socket.write(`\0AUTH EXTERNAL ${uid}\r\n`);
  await once(socket, "data");
  socket.write("BEGIN\r\n");

  let lastSerial = 0;
  function send(type: number, fields: Field[], { signature, bytes }: Body): number {
    lastSerial += 1;
    const all: Field[] = signature === "" ? fields : [...fields, [SIGNATURE, "g", signature]];
    socket.write(message(type, lastSerial, all, bytes));
    return lastSerial;
  }
  const callBus = (member: string, body: Body): number =>
    send(
      1,
      [
        [PATH, "o", "/org/freedesktop/DBus"],
        [INTERFACE, "s", BUS],
        [MEMBER, "s", member],
        [DESTINATION, "s", BUS],
      ],
      body,
    );
  let naming = 0;
  let isNamed = false;
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (piece: Buffer) => {
    rest = Buffer.concat([rest, piece]);
    while (rest.length >= 16 && rest.length >= lengthOf(rest)) {
      const { type, serial, fields, body } = read(rest);
      rest = rest.subarray(lengthOf(rest));
      if (type === 2 && fields.get(REPLY_SERIAL) === naming) isNamed = true;
      const given = type === 1 ? answer(String(fields.get(MEMBER)), body) : undefined;
      if (given === undefined) continue;
      const to: Field[] = [
        [REPLY_SERIAL, "u", serial],
        [DESTINATION, "s", String(fields.get(SENDER))],
      ];
      send(2, to, given);
    }
  });
  callBus("Hello", { signature: "", bytes: Buffer.alloc(0) });
  naming = callBus("RequestName", {
    signature: "su",
    bytes: Buffer.concat([aligned(busText(name), 4), Buffer.from([4, 0, 0, 0])]),
  });
  await eventually("a name on the bus", () => isNamed);
  const kept = parts.move();
  return {
    address: `unix:path=${path}`,
    tell: (object, member, body) => {
      const fields: Field[] = [
        [PATH, "o", object],
        [INTERFACE, "s", name],
        [MEMBER, "s", member],
      ];
      send(4, fields, body);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Strings one after the other. */
export function busTexts(...values: string[]): Buffer {
  return values.reduce((all, value) => Buffer.concat([aligned(all, 4), busText(value)]), Buffer.alloc(0));
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

function busText(value: string): Buffer {
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
        kind === "g" ? Buffer.from(`${String.fromCharCode(value.length)}${value}\0`) : busText(value),
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

function read(bytes: Buffer): { type: number; serial: number; fields: Map<number, string | number>; body: Buffer } {
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
  const body = bytes.subarray(Math.ceil(end / 8) * 8, lengthOf(bytes));
  return { type: bytes.readUInt8(1), serial: bytes.readUInt32LE(8), fields, body };
}
