/** At most one call in `span` milliseconds, with all that was told meanwhile. */
export function gathered<T>(span: number, call: (all: ReadonlySet<T>) => void): (some: ReadonlySet<T>) => void {
  let timer: NodeJS.Timeout | undefined;
  let all = new Set<T>();
  return (some) => {
    all = all.union(some);
    timer ??= setTimeout(() => {
      const told = all;
      timer = undefined;
      all = new Set();
      call(told);
    }, span).unref();
  };
}
