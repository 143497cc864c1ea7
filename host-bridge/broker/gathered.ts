import type { Wait } from "#wire/wait.ts";

/** At most one call in `span` milliseconds, with all that was told meanwhile. */
export function gathered<T>(
  span: number,
  wait: Wait,
  call: (all: ReadonlySet<T>) => void,
): (some: ReadonlySet<T>) => void {
  let waiting: Promise<void> | undefined;
  let all = new Set<T>();
  return (some) => {
    all = all.union(some);
    waiting ??= wait(span).then(() => {
      const told = all;
      waiting = undefined;
      all = new Set();
      call(told);
    });
  };
}
