import type { Notify } from "#protocol/generated/consent.ts";

/** What a person is told without being asked. All of it is ours but the gate, which the schema keeps to plain letters. */
export interface Notice {
  title: string;
  body: string;
  isUrgent: boolean;
  /** Whether one click may undo it. */
  mayUnlock: boolean;
}

export function noticeOf({ gate, reason }: Notify): Notice {
  const isLocked = `The browser ${gate} is locked`;
  switch (reason) {
    case "gate_locked":
      return { title: isLocked, body: undone(gate, "It was locked from inside."), isUrgent: false, mayUnlock: true };
    case "gate_locked_flood":
      return { title: isLocked, body: undone(gate, "It asked too often."), isUrgent: true, mayUnlock: true };
    case "canary":
      return {
        title: isLocked,
        // Whoever asks for one has been through the store: not to be undone with a slip of the hand.
        body: undone(gate, "It asked for a canary. See what else it asked for with: postern log."),
        isUrgent: true,
        mayUnlock: false,
      };
    case "limit":
      return {
        title: `The browser ${gate} has reached a limit`,
        body: "See what it asked for with: postern log.",
        isUrgent: true,
        mayUnlock: false,
      };
  }
}

function undone(gate: string, why: string): string {
  return `${why} Unlock it with: postern unlock ${gate}`;
}
