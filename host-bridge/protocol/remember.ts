/** What is asked again is mostly what was asked just before. */
const MOST = 64;

/** A pure function of a text that need not work out again what it was asked lately. */
export function remember<T extends string, R>(work: (text: T) => R): (text: T) => R {
  const known = new Map<string, { result: R }>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before.result;
    const result = work(text);
    if (known.size >= MOST) known.clear();
    known.set(text, { result });
    return result;
  };
}
