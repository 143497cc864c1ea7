import assert from "node:assert/strict";
import { type SeccompVariant, seccompProfile } from "#container/seccomp.ts";

interface Profile {
  defaultAction: string;
  archMap: object[];
  syscalls: Rule[];
}

interface Rule {
  names: string[];
  action: string;
  args?: object[];
}

function parse(variant: SeccompVariant): Profile {
  return JSON.parse(seccompProfile(variant));
}
const rulesOf = (variant: SeccompVariant): Rule[] => parse(variant).syscalls;
const allowedFreely = (variant: SeccompVariant): string[] =>
  rulesOf(variant).flatMap(({ names, action, args }) =>
    action === "SCMP_ACT_ALLOW" && args === undefined ? names : [],
  );

/** What each variant must never allow whatever the arguments. */
const NEVER =
  `acct add_key adjtimex bpf clock_settime clone clone3 create_module delete_module fanotify_init finit_module
  fsconfig fsmount fsopen fspick get_mempolicy init_module io_uring_enter io_uring_register io_uring_setup ioperm iopl
  kcmp kexec_file_load kexec_load keyctl lookup_dcookie mbind mount mount_setattr move_mount move_pages modify_ldt
  name_to_handle_at nfsservctl open_by_handle_at open_tree perf_event_open personality pidfd_getfd pivot_root
  process_madvise process_vm_readv process_vm_writev ptrace quotactl reboot request_key set_mempolicy setdomainname
  sethostname setns settimeofday socket socketcall socketpair swapoff swapon sysfs syslog umount umount2 unshare uselib
  userfaultfd ustat vhangup vm86`.split(/\s+/);

describe("the seccomp profile", () => {
  for (const variant of ["browser", "vault"] as const) {
    it(`of the ${variant} refuses by default, and 32-bit calls as a whole`, () => {
      const { defaultAction, archMap } = parse(variant);
      assert.equal(defaultAction, "SCMP_ACT_ERRNO");
      assert.deepEqual(archMap, [
        { architecture: "SCMP_ARCH_X86_64", subArchitectures: [] },
        { architecture: "SCMP_ARCH_AARCH64", subArchitectures: [] },
      ]);
    });

    it(`of the ${variant} names every call in one place`, () => {
      const names = allowedFreely(variant);
      assert.deepEqual(
        names.filter((name, at) => names.indexOf(name) !== at || !/^[a-z0-9_]+$/.test(name)),
        [],
      );
      assert.deepEqual(
        names.filter((name) => NEVER.includes(name)),
        [],
      );
    });
  }

  it("lets the browser change root, and not the vault", () => {
    assert.ok(allowedFreely("browser").includes("chroot"));
    assert.ok(!allowedFreely("vault").includes("chroot"));
  });

  it("makes the vault's sockets Unix sockets, and its children share its namespaces", () => {
    const bound = rulesOf("vault").filter(({ names }) => /socket|clone|unshare/.test(names.join()));
    assert.deepEqual(
      bound.map(({ names, args }) => [names.join(" "), args]),
      [
        ["clone3", undefined],
        ["clone", [{ index: 0, value: 0x7e020000, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }]],
        ["socket socketpair", [{ index: 0, value: 1, op: "SCMP_CMP_EQ" }]],
      ],
    );
  });
});
