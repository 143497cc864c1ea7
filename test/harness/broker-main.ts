import { createClock } from "#broker/clock.ts";
import { runFromOptions } from "#broker/run-from-options.ts";
import { createMovedClock } from "./moved-clock.ts";

// The broker as it is in the sources, with a clock that whoever started this process moves on: a message is a number of
// milliseconds that have passed at once.
const clock = createMovedClock(createClock());
process.on("message", (milliseconds) => clock.pass(Number(milliseconds)));
process.channel?.unref();
await runFromOptions(process.argv.slice(2), process.env, clock);
