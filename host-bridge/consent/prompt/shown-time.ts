/** What one tick may count for, in milliseconds: a program that was held up has shown nothing to anybody meanwhile. */
const MOST_A_TICK = 250;

/** How long a prompt was there to be read, by ticks of a loop that does nothing else. */
export interface ShownTime {
  /** It appears now. */
  begin(): void;
  tick(): void;
  /** It has answered: what comes until the next answer does not count for this one. */
  answer(): void;
  /** Milliseconds from its appearance to its last answer; 0 without one. */
  total(): number;
}

/** @param now milliseconds, monotonic */
export function createShownTime(now: () => number): ShownTime {
  let last = now();
  let counted = 0;
  let answeredAt = 0;

  return {
    begin: () => {
      last = now();
      [counted, answeredAt] = [0, 0];
    },
    tick: () => {
      const time = now();
      counted += Math.min(time - last, MOST_A_TICK);
      last = time;
    },
    answer: () => (answeredAt = counted),
    total: () => answeredAt,
  };
}
