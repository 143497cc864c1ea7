// Loaded by mocha before the tests (.mocharc.json). What they run is made from the sources as they are now; a warning,
// or something left open, fails the run.
import { join } from "node:path";
import { buildIfStale } from "#tools/setup/build.js";

/** Milliseconds for what the tests closed to be gone. */
const LINGER = 20_000;
const warnings: Error[] = [];

process.on("warning", (warning) => warnings.push(warning));

// Whoever runs files in lanes has built before, and what they run stays as it is until the last one has ended.
const isInLane = process.send !== undefined;
if (!isInLane) await buildIfStale({ root: join(import.meta.dirname, "../.."), environment: process.env });

/** Called by mocha when it is done; from here on nothing of the tests should keep the process. */
export function mochaGlobalTeardown(): void {
  setTimeout(() => fail(`The tests left open: ${process.getActiveResourcesInfo().join(", ")}`), LINGER).unref();
  process.once("beforeExit", () => {
    if (warnings.length > 0) fail(`There were warnings:\n${warnings.map(({ stack = "" }) => stack).join("\n")}`);
  });
}

function fail(reason: string): void {
  process.stderr.write(`${reason}\n`);
  // Mocha sets the exit code while the process ends; this comes after.
  process.once("exit", () => (process.exitCode = 1));
  process.exit();
}
