import type { Running } from "./running.ts";

/** Socket families beside the allowed ones (sys/socket.h), and the netlink protocol XFRM. */
export const CLOSED_SOCKETS = {
  AF_ALG: [38, 5, 0],
  AF_BLUETOOTH: [31, 3, 0],
  AF_CAN: [29, 3, 1],
  AF_KEY: [15, 3, 2],
  AF_PACKET: [17, 3, 0],
  AF_RXRPC: [33, 2, 2],
  AF_TIPC: [30, 1, 0],
  AF_VSOCK: [40, 1, 0],
  NETLINK_XFRM: [16, 3, 6],
};

const X64 = {
  bpf: 321,
  io_uring_setup: 425,
  keyctl: 250,
  mount: 165,
  perf_event_open: 298,
  pivot_root: 155,
  process_vm_readv: 310,
  ptrace: 101,
  setns: 308,
  userfaultfd: 323,
};
const ARM64: typeof X64 = {
  bpf: 280,
  io_uring_setup: 425,
  keyctl: 219,
  mount: 40,
  perf_event_open: 241,
  pivot_root: 41,
  process_vm_readv: 270,
  ptrace: 117,
  setns: 268,
  userfaultfd: 282,
};
/** System calls that nothing in a container may make, by number. */
export const CLOSED_CALLS = process.arch === "arm64" ? ARM64 : X64;
export const CLONE3 = 435;
export const UNSHARE = process.arch === "arm64" ? 97 : 272;

/** @returns the error number of making a socket; 0 where that works */
export async function socketError({ perl }: Running, [family, type, protocol]: number[]): Promise<number> {
  return Number(await perl(`print socket(my $s, ${family}, ${type}, ${protocol}) ? 0 : $! + 0`));
}

/** @returns the error number of a call with these arguments; 0 where that works */
export async function callError({ perl }: Running, call: number, ...parameters: number[]): Promise<number> {
  return Number(await perl(`print syscall(${[call, ...parameters].join(", ")}) == -1 ? $! + 0 : 0`));
}

const FILES_X64 = {
  chmod: 90,
  creat: 85,
  fchmod: 91,
  fchmodat: 268,
  fchmodat2: 452,
  link: 86,
  linkat: 265,
  mkdir: 83,
  mkdirat: 258,
  mknod: 133,
  mknodat: 259,
  open: 2,
  openat: 257,
  openat2: 437,
  renameat2: 316,
  symlink: 88,
  symlinkat: 266,
};
/** Without those that take no directory. */
const FILES_ARM64: Partial<typeof FILES_X64> = {
  fchmod: 52,
  fchmodat: 53,
  fchmodat2: 452,
  linkat: 37,
  mkdirat: 34,
  mknodat: 33,
  openat: 56,
  openat2: 437,
  renameat2: 276,
  symlinkat: 36,
};
/** System calls that make files or change their mode, by number. */
export const FILE_CALLS: Partial<typeof FILES_X64> = process.arch === "arm64" ? FILES_ARM64 : FILES_X64;
