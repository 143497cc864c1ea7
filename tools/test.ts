// Behind `npm test`, when everything is there.
import { dirname, join } from "node:path";
import { execa } from "execa";
import { planJobs } from "./test/plan.ts";
import { onMachine } from "./test/run-job.ts";
import { runTests } from "./test/run-tests.ts";
import { testsOf } from "./test/tests-of.ts";

const root = dirname(import.meta.dirname);
const words = process.argv.slice(2);
const isPath = (word: string): boolean => word.startsWith("test/");
const files = new Set(words.filter(isPath).flatMap((word) => testsOf(root, word)));
const options = words.filter((word) => !isPath(word));
const jobs = planJobs(root, [...files]);
if (jobs.some(({ machine }) => machine !== "nothing")) {
  // Before tests that start side by side would all make them.
  const makeImages = [process.execPath, join(root, "test/harness/make-images.ts")];
  await execa("/bin/sh", onMachine("alone", makeImages), { stdio: ["ignore", "ignore", "inherit"] });
}
process.exitCode = await runTests(root, jobs, options);
