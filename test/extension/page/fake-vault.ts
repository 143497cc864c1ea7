import type { GetResult } from "#protocol/messages.ts";
import type { Vault } from "#extension/native/vault.ts";

type Asked = Parameters<Vault["get"]>[0];

export interface FakeVault {
  vault: Vault;
  asked: Asked[];
  /** How a `get` is answered. */
  onGet: (what: Asked, signal: AbortSignal) => Promise<GetResult>;
  labels: string[];
}

/** A vault with two logins for every origin. */
export function fakeVault(): FakeVault {
  const fake: FakeVault = {
    asked: [],
    labels: ["example.com/alice", "example.com/bob"],
    onGet: () => Promise.resolve({ username: "alice", password: "secret" }),
    vault: {
      find: () =>
        Promise.resolve({
          entries: fake.labels.map((label) => ({ handle: `handle of ${label}`, label, match: "exact" as const })),
          truncated: false,
        }),
      pick: () =>
        Promise.resolve({ entry: { handle: "handle of picked", label: "bank.com/alice", match: "picked" as const } }),
      get: (what, signal) => {
        fake.asked.push(what);
        return fake.onGet(what, signal);
      },
      lock: () => Promise.resolve(),
    },
  };
  return fake;
}
