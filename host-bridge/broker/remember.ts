/** What is asked again is mostly what was asked just before. */
const MOST = 64;

/** A pure function of a text that need not work out again what it was asked lately. */
export function remember<R>(work: (text: string) => R): (text: string) => R {
  const known = new Map<string, { result: R }>();
  return (text) => {
    const { result } = known.get(text) ?? { result: work(text) };
    if (known.size >= MOST) known.clear();
    known.set(text, { result });
    return result;
  };
}
