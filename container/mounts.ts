import type { MountSettings } from "dockerode";

/** Without what is mounted below the source, which a read-only mount would leave writable (Docker before 25). */
const BIND = { Propagation: "rprivate", NonRecursive: true } as const;

export function writable(source: string, target: string): MountSettings {
  return { Type: "bind", Source: source, Target: target, BindOptions: BIND };
}

export function readOnly(source: string, target: string): MountSettings {
  return { ...writable(source, target), ReadOnly: true };
}
