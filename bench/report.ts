/** Of one comparison; times are medians in milliseconds. */
export interface Case {
  name: "find" | "get" | "start";
  entries: number;
  key: string;
  ms: number;
  /** What was measured in turn with it; null: it is not installed. */
  peer: string | null;
  peerMs: number | null;
  /** Ours through the peer's. */
  ratio: number | null;
}

/** The most of each process's resident memory that was seen. */
export interface Memory {
  process: "postern-host" | "postern-broker";
  entries: number;
  mb: number;
}

export interface Report {
  cases: Case[];
  memory: Memory[];
}

/** The report for people. */
export function reportTable({ cases, memory }: Report): string {
  const measured = cases.map(({ name, entries, key, ms, peer, peerMs, ratio }) => [
    name,
    String(entries),
    key,
    ms.toFixed(2),
    peer ?? "-",
    peerMs?.toFixed(2) ?? "-",
    ratio?.toFixed(3) ?? "-",
  ]);
  const resident = memory.map(({ process, entries, mb }) => [process, String(entries), mb.toFixed(1)]);
  return [
    ...table(["case", "entries", "key", "ms", "peer", "peer's ms", "ratio"], measured),
    "",
    ...table(["process", "entries", "resident MB"], resident),
    "",
  ].join("\n");
}

/** In Markdown, so that it can be kept as it is printed. */
function table(head: string[], rows: string[][]): string[] {
  const widths = head.map((title, at) => Math.max(...[head, ...rows].map((row) => (row[at] ?? title).length)));
  const line = (cells: string[]): string => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)];
}
