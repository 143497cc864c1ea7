import { getBuiltinModule } from "node:process";
import { PosternError } from "#protocol/error.ts";

// The few calls of the C library that Node has no other way to: sockets and pipes whose descriptors are known,
// descriptors sent over a socket, and locks that end with their holder. Numbers and structures are Linux's on 64 bits, little-endian.

/** Loaded at the first use: Node warns of what is still new in it. */
const ffi = () => getBuiltinModule("node:ffi");

const AF_UNIX = 1;
const SOCK_STREAM = 1;
/** Also O_CLOEXEC's. */
const CLOEXEC = 0o2_000_000;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const MSG_NOSIGNAL = 0x4000;
const BACKLOG = 32;
const LOCK_EX = 2;
const LOCK_NB = 4;
/** sockaddr_un, msghdr, iovec and cmsghdr, in bytes. */
const ADDRESS = 110;
const MESSAGE = 56;
const VECTOR = 16;
const CONTROL = 16;

/** A stream socket connected to a path. */
export function connectDescriptor(path: string): number {
  const descriptor = newSocket();
  const address = addressOf(path);
  orFail(calls().connect(descriptor, address, address.length));
  return descriptor;
}

/** A stream socket that listens at a path. */
export function listenDescriptor(path: string): number {
  const descriptor = newSocket();
  const address = addressOf(path);
  orFail(calls().bind(descriptor, address, address.length));
  orFail(calls().listen(descriptor, BACKLOG));
  return descriptor;
}

/** The two ends of a pipe. */
export function pipeDescriptors(): { reading: number; writing: number } {
  const both = Buffer.alloc(8);
  orFail(calls().pipe2(both, CLOEXEC));
  return { reading: both.readInt32LE(0), writing: both.readInt32LE(4) };
}

/** Sends bytes with descriptors beside them (unix(7), SCM_RIGHTS): all or nothing, since it is one short message. */
export function sendDescriptors(over: number, bytes: Buffer, descriptors: number[]): void {
  const { getRawPointer } = ffi();
  const vector = Buffer.alloc(VECTOR);
  vector.writeBigUInt64LE(getRawPointer(bytes), 0);
  vector.writeBigUInt64LE(BigInt(bytes.length), 8);
  const length = CONTROL + 4 * descriptors.length;
  const control = Buffer.alloc((length + 7) & ~7);
  control.writeBigUInt64LE(BigInt(length), 0);
  control.writeInt32LE(SOL_SOCKET, 8);
  control.writeInt32LE(SCM_RIGHTS, 12);
  for (const [index, descriptor] of descriptors.entries()) control.writeInt32LE(descriptor, CONTROL + 4 * index);
  const message = Buffer.alloc(MESSAGE);
  message.writeBigUInt64LE(getRawPointer(vector), 16);
  message.writeBigUInt64LE(1n, 24);
  message.writeBigUInt64LE(getRawPointer(control), 32);
  message.writeBigUInt64LE(BigInt(control.length), 40);
  if (calls().sendmsg(over, message, MSG_NOSIGNAL) !== BigInt(bytes.length)) throw failed();
}

/**
 * Takes the one lock of an open file or directory (flock(2)), until the descriptor is closed or the process ends, however
 * it ends.
 * @returns false when another one holds it
 */
export function lockDescriptor(descriptor: number): boolean {
  return calls().flock(descriptor, LOCK_EX | LOCK_NB) === 0;
}

function newSocket(): number {
  return orFail(calls().socket(AF_UNIX, SOCK_STREAM | CLOEXEC, 0));
}

function addressOf(path: string): Buffer {
  const address = Buffer.alloc(ADDRESS);
  address.writeUInt16LE(AF_UNIX, 0);
  // A last NUL has to be left.
  if (Buffer.byteLength(path) > ADDRESS - 3) throw failed();
  address.write(path, 2);
  return address;
}

function orFail(result: number): number {
  if (result < 0) throw failed();
  return result;
}

function calls() {
  const int = "int32";
  return ffi().dlopen(null, {
    socket: { arguments: [int, int, int], return: int },
    connect: { arguments: [int, "pointer", "uint32"], return: int },
    bind: { arguments: [int, "pointer", "uint32"], return: int },
    listen: { arguments: [int, int], return: int },
    flock: { arguments: [int, int], return: int },
    pipe2: { arguments: ["pointer", int], return: int },
    sendmsg: { arguments: [int, "pointer", int], return: "int64" },
  }).functions;
}

function failed(): PosternError {
  return new PosternError(
    "internal",
    "A socket for the window could not be made.",
    "See how many files are open, and that XDG_RUNTIME_DIR is a short path; then try again: postern up",
  );
}
