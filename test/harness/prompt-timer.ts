import { join } from "node:path";
import type { Fairly, Timer } from "#consent/person.ts";

/** The program that times prompts, from the sources. */
export const TIMER: Timer = [process.execPath, join(import.meta.dirname, "../../host-bridge/consent/prompt/main.ts")];

/** Takes each answer, however soon: for what is not about the time. */
export const anyTime: Fairly = async (put, signal) => (await put(signal)).answer;
