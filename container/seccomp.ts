import { CALLS, FILE_CALLS } from "./seccomp-calls.ts";

// The filter on system calls that both containers run under.
//
// Nobody in a container is trusted: what is not on the list is refused with EPERM, and so is whatever the kernel
// learns later. In particular, in both: nothing that mounts (mount, pivot_root, fsopen…), joins another namespace
// (setns), looks into another process (ptrace, process_vm_readv, kcmp, pidfd_getfd), or has a record of kernel holes
// far beyond its use here (io_uring, bpf, perf_event_open, userfaultfd, keyctl). 32-bit calls are refused as a whole:
// their socketcall would go around the rules on sockets.
//
// Sockets are allowed by family: the vault has Unix sockets alone. The browser has IPv4, IPv6 and rtnetlink as well.
// Everything else (AF_ALG, RXRPC, the other netlink protocols, VSOCK, PACKET, BLUETOOTH…) is kernel code that no
// browser needs and that any page's exploit would reach for.
//
// Namespaces: the browser may make user, process, IPC and network namespaces, and change root inside them, so that
// Firefox's own sandbox gives every content process an empty root and no network, with no capability given to the
// container. Docker's own profile forbids that, and Firefox then does without. The mount, cgroup and host name
// namespaces stay closed: no mount table of its own, so nothing to mount on. Allowing the namespaces without chroot
// makes every content process die at its start: the two go together. The vault makes no namespace at all.
//
// Files: you open with your own programs what the browser downloads. So it makes regular files, directories and sockets,
// and no link that would lead such a program elsewhere, no pipe or device (nor the "whiteout" that hides a file in an
// overlay), and nothing that runs with the rights of its owner or group. openat2 takes its mode from memory, out of a
// filter's sight; programs take ENOSYS for an old kernel, and use openat.
//
// It does not protect from a hole in the calls that are allowed, and a user namespace does open some kernel code
// (network configuration, mostly) that is closed without one. The socket families above are what keeps that small.

export type SeccompVariant = "browser" | "vault";

interface Rule {
  names: string[];
  action: "SCMP_ACT_ALLOW" | "SCMP_ACT_ERRNO";
  errnoRet?: number;
  args?: Condition[];
}

/** All conditions of a rule must hold; several rules for one call are alternatives. */
interface Condition {
  index: number;
  value: number;
  valueTwo?: number;
  op: "SCMP_CMP_EQ" | "SCMP_CMP_MASKED_EQ";
}

/** sched.h: NEWNS, NEWCGROUP and NEWUTS; and those with NEWIPC, NEWUSER, NEWPID and NEWNET. */
const CLOSED_NAMESPACES = 0x0602_0000;
const ALL_NAMESPACES = 0x7e02_0000;
/** sys/socket.h, the same on every architecture. */
const AF = { UNIX: 1, INET: 2, INET6: 10, NETLINK: 16 };
const NETLINK_ROUTE = 0;
/** fcntl.h: O_CREAT, and what O_TMPFILE adds to O_DIRECTORY. Without both, open(2) does not look at its mode. */
const MAKES_FILE = 0o20_000_100;
/** sys/stat.h: S_ISUID and S_ISGID; S_IFMT; S_IFREG. */
const SET_ID = 0o6000;
const FILE_TYPE = 0o170_000;
const REGULAR = 0o100_000;
/** linux/fs.h */
const RENAME_WHITEOUT = 4;
const ENOSYS = 38;
/** personality(2): the ordinary one, and the question which one it is. */
const PERSONALITIES = [0, 0xffff_ffff];

/** @returns the profile's JSON text: Docker's own format (Moby, profiles/seccomp), for x86-64 and arm64 */
export function seccompProfile(variant: SeccompVariant): string {
  return JSON.stringify({
    defaultAction: "SCMP_ACT_ERRNO",
    archMap: ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"].map((architecture) => ({ architecture, subArchitectures: [] })),
    syscalls: [
      ...Object.values(CALLS).map((names) => allow(names.split(/\s+/))),
      ...PERSONALITIES.map((value) => allow(["personality"], equals(0, value))),
      // Its flags lie in memory, out of a filter's sight. The C library takes ENOSYS for an old kernel, and uses clone.
      absent("clone3"),
      ...(variant === "browser" ? browserRules() : vaultRules()),
    ] satisfies Rule[],
  });
}

function browserRules(): Rule[] {
  return [
    allow(["clone", "unshare"], noneOf(0, CLOSED_NAMESPACES)),
    allow(["chroot"]),
    ...[AF.UNIX, AF.INET, AF.INET6].map((family) => allow(["socket"], equals(0, family))),
    allow(["socket"], equals(0, AF.NETLINK), equals(2, NETLINK_ROUTE)),
    allow(["socketpair"], equals(0, AF.UNIX)),
    ...fileRules(),
  ];
}

function fileRules(): Rule[] {
  return [
    ...Object.entries({ open: 1, openat: 2 }).flatMap(([name, flags]) => [
      allow([name], noneOf(flags, MAKES_FILE)),
      allow([name], noneOf(flags + 1, SET_ID)),
    ]),
    allow(["creat", "mkdir", "chmod", "fchmod"], noneOf(1, SET_ID)),
    allow(["mkdirat", "fchmodat", "fchmodat2"], noneOf(2, SET_ID)),
    ...Object.entries({ mknod: 1, mknodat: 2 }).flatMap(([name, mode]) =>
      // A type of 0 stands for a regular file too.
      [0, REGULAR].map((type) => allow([name], masked(mode, FILE_TYPE | SET_ID, type))),
    ),
    allow(["renameat2"], noneOf(4, RENAME_WHITEOUT)),
    absent("openat2"),
  ];
}

function vaultRules(): Rule[] {
  return [
    allow(["clone"], noneOf(0, ALL_NAMESPACES)),
    allow(["socket", "socketpair"], equals(0, AF.UNIX)),
    allow(FILE_CALLS.split(/\s+/)),
  ];
}

function absent(name: string): Rule {
  return { names: [name], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS };
}

function allow(names: string[], ...args: Condition[]): Rule {
  return { names, action: "SCMP_ACT_ALLOW", ...(args.length === 0 ? {} : { args }) };
}

function equals(index: number, value: number): Condition {
  return { index, value, op: "SCMP_CMP_EQ" };
}

function noneOf(index: number, mask: number): Condition {
  return masked(index, mask, 0);
}

function masked(index: number, mask: number, value: number): Condition {
  return { index, value: mask, valueTwo: value, op: "SCMP_CMP_MASKED_EQ" };
}
