import type { Readable } from "node:stream";

/** The protocol of gpg-agent and pinentry: lines of at most 1,000 bytes (Libassuan manual, "Server responses"). */
export const MAX_LINE = 1_000;

/** How many lines may wait to be taken before no more is read. */
const MAX_WAITING = 64;

/**
 * Lines as text of one character a byte, as they come. By events: any other way takes longer than gpg-agent does to
 * answer.
 * @param onEnd called once, when no more comes; with an error when a line was longer than the protocol allows
 */
export function splitLines(input: Readable, onLine: (line: string) => void, onEnd: (error?: Error) => void): void {
  let rest = "";
  let isOver = false;
  const end = (error?: Error): void => {
    if (isOver) return;
    isOver = true;
    onEnd(error);
  };
  input.on("data", (piece: Buffer) => {
    if (isOver) return;
    const found = (rest + piece.toString("latin1")).split("\n");
    rest = found.pop() ?? "";
    for (const line of found) {
      if (line.length > MAX_LINE) break;
      onLine(line);
    }
    if ([rest, ...found].some((line) => line.length > MAX_LINE)) end(new Error("line too long"));
  });
  for (const event of ["end", "error", "close"]) input.once(event, () => end());
  if (input.readableEnded || input.destroyed) end();
}

/**
 * Lines as they are asked for.
 * @throws Error when a line is longer than the protocol allows
 */
export async function* readLines(input: Readable): AsyncGenerator<string> {
  const lines: string[] = [];
  let over: { error?: Error } | undefined;
  let wake: () => void = () => undefined;
  const take = (line: string): void => {
    lines.push(line);
    if (lines.length > MAX_WAITING) input.pause();
    wake();
  };
  splitLines(input, take, (error) => {
    over = { ...(error && { error }) };
    wake();
  });
  for (;;) {
    const line = lines.shift();
    if (line !== undefined) yield line;
    else if (over?.error !== undefined) throw over.error;
    else if (over !== undefined) return;
    else {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      input.resume();
      await promise;
    }
  }
}

/**
 * Text in a command's argument, one character a byte: escaped as gpg does it (percent_plus_escape in its common/percent.c),
 * letters beyond ASCII as they are. The agent takes a `%C` in what it shows for a code of its own.
 */
export function escapeText(text: string): string {
  const escaped = text.replaceAll(/[%+" \p{Cc}]/gu, (character) => {
    if (character === " ") return "+";
    // A control character beyond ASCII would be more than one byte, and so more than one escape.
    return character > "\u007F" ? "\uFFFD" : `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  });
  return Buffer.from(escaped).toString("latin1");
}

/** Text as the last argument of one of pinentry's commands: UTF-8, with escapes only for what would end the line. */
export function escapeLine(text: string): string {
  return text.replaceAll(/[%\r\n]/g, (character) => encodeURIComponent(character));
}

/** Data as `D` lines, none too long. @param data one character a byte */
export function dataLines(data: string): string[] {
  const escaped = data
    .split("")
    .map((byte) =>
      byte === "%" || byte === "\r" || byte === "\n"
        ? `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`
        : byte,
    );
  const lines: string[] = [];
  let line = "";
  for (const byte of escaped) {
    if (line.length + byte.length > MAX_LINE - 10) {
      lines.push(`D ${line}`);
      line = "";
    }
    line += byte;
  }
  if (line !== "") lines.push(`D ${line}`);
  return lines;
}

/** The data of one `D` line's argument, one character a byte. */
export function unescapeData(text: string): string {
  return text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The number in `ERR 83886179 Operation cancelled`: its low 16 bits say what, the rest who. */
export function errorCode(line: string): number {
  return Number(/^ERR (\d+)/.exec(line)?.[1] ?? 0) & 0xffff;
}
