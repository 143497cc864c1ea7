import { readFile } from "node:fs/promises";
import type { TestBroker } from "./broker.ts";

/** The memory that the broker has now, in KiB. */
export const residentOf = (broker: TestBroker): Promise<number> => read(broker, "VmRSS");

/** The most memory that the broker ever had, in KiB. */
export const peakOf = (broker: TestBroker): Promise<number> => read(broker, "VmHWM");

/** The most addresses that the broker ever had, in KiB: memory counts here before it is written to. */
export const peakAddressesOf = (broker: TestBroker): Promise<number> => read(broker, "VmPeak");

async function read({ process }: TestBroker, name: string): Promise<number> {
  const status = await readFile(`/proc/${process.pid}/status`, "utf8");
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
  if (found === undefined) throw new Error(`the kernel does not tell ${name}`);
  return Number(found);
}
