/**
 * Milliseconds since the epoch that never go back and go on while the machine sleeps, as no clock of performance does:
 * what was allowed for minutes is over by the morning. Who sets the machine's clock forward takes it along; back, not.
 * Nothing is read for it: the time since boot, which would do as well, takes as long as the rest of a small answer.
 */
export function createClock(wall = (): number => Date.now(), awake = (): number => performance.now()): () => number {
  let lead = -Infinity;
  return () => {
    const passed = awake();
    lead = Math.max(lead, wall() - passed);
    return passed + lead;
  };
}
