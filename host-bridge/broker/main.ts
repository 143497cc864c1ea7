import { realWait } from "#wire/wait.ts";
import { createClock } from "./clock.ts";
import { runFromOptions, warn } from "./run-from-options.ts";

const clock = { now: createClock(), wait: realWait };
runFromOptions(process.argv.slice(2), process.env, clock).catch((error: unknown) => {
  warn(error);
  process.exitCode = 2;
});
