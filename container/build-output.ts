import type { Engine } from "./engine.ts";

/**
 * Follows what the engine tells while it builds, imports or fetches an image.
 * @returns the last line told
 * @throws Error when the engine tells of a failure or the stream breaks off
 */
export async function followOutput(
  engine: Engine,
  output: NodeJS.ReadableStream,
  onLine: (line: string) => void,
): Promise<string> {
  let last = "";
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onEvent = (event: unknown): void => {
    const { stream, status, error } = textsOf(event);
    if (error !== undefined) reject(new Error(error));
    for (const line of (stream ?? status ?? "").split("\n").map((text) => text.trim())) {
      if (line === "") continue;
      last = line;
      onLine(line);
    }
  };
  engine.modem.followProgress(output, (error) => (error === null ? resolve() : reject(error)), onEvent);
  await promise;
  return last;
}

/** The parts that matter of one event (Docker Engine API, "ImageBuild" and "ImageCreate"). */
function textsOf(event: unknown): { stream?: string; status?: string; error?: string } {
  if (typeof event !== "object" || event === null) return {};
  const text = (key: string): object => {
    const value: unknown = Reflect.get(event, key);
    return typeof value === "string" ? { [key]: value } : {};
  };
  return { ...text("stream"), ...text("status"), ...text("error") };
}
