import type { Engine } from "./engine.ts";
import { type SeccompVariant, seccompProfile } from "./seccomp.ts";

/** Labels of our containers: what they are, and of which session. */
export const KIND_LABEL = "io.github.postern.kind";
export const SESSION_LABEL = "io.github.postern.session";

/** On all that is made on the engine, volumes and images too: the number of the user it belongs to. */
export const OWNER_LABEL = "io.github.postern.uid";

export function ownership({ owner }: Pick<Engine, "owner">): Record<string, string> {
  return { [OWNER_LABEL]: String(owner) };
}

/** Whether something with these labels belongs to the engine's user. */
export function isOwned({ owner }: Pick<Engine, "owner">, labels: Record<string, string> | null | undefined): boolean {
  return labels?.[OWNER_LABEL] === String(owner);
}

/** On every layer of our images, so also on what a build leaves behind: which of them it is. */
export const IMAGE_LABEL = "io.github.postern.image";

export const MIB = 1024 * 1024;
export const GIB = 1024 * MIB;
/** One whole processor, as a share of the period that the kernel's scheduler counts in microseconds. */
export const CPU = 100_000;

interface Contained {
  kind: "firefox" | "vault" | "network" | "guard" | "closer" | "display" | "sound";
  gate?: string;
  session: string;
  image: string;
  user: string;
  /** `guard`: the engine's own, for a program of ours that administers a network or a mount. */
  seccomp: SeccompVariant | "guard";
}

/** The part of a specification that holds for both kinds. */
export function contained({ kind, gate, session, image, user, seccomp }: Contained) {
  return {
    name: ["postern", kind, gate, session].filter((part) => part !== undefined).join("-"),
    Image: image,
    User: user,
    Hostname: "postern",
    Labels: {
      [KIND_LABEL]: kind,
      [SESSION_LABEL]: session,
      ...(gate === undefined ? {} : { "io.github.postern.gate": gate }),
    },
    StopTimeout: 5,
    HostConfig: {
      // The engine takes it away at its end, also when whoever started it is gone.
      AutoRemove: true,
      // Ends with its program, and leaves no zombies of the program's children.
      Init: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges", ...(seccomp === "guard" ? [] : [`seccomp=${seccompProfile(seccomp)}`])],
      ReadonlyRootfs: true,
      Tmpfs: { "/tmp": inMemory(512 * MIB), "/run": inMemory(16 * MIB) },
      // Nothing that a program in it writes on its output comes to lie on a disk.
      LogConfig: { Type: "none", Config: {} },
      IpcMode: "private",
      CpuPeriod: CPU,
      // No memory of it, decrypted entries included, is written out as a core file.
      Ulimits: [{ Name: "core", Soft: 0, Hard: 0 }],
    },
  };
}

/** No swap: what was decrypted or typed is never written to a disk that way. */
export function limitMemory(bytes: number) {
  return { Memory: bytes, MemorySwap: bytes };
}

export function inMemory(bytes: number): string {
  return `rw,nosuid,nodev,noexec,mode=1777,size=${bytes}`;
}
