import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import ora from "ora";
import { enduranceText, judgeEndurance } from "./judge.ts";
import { runSoak } from "./run-soak.ts";

const HELP = `Usage: npm run soak -- [options]

Does on one port what an extension does over weeks, while other hosts and entries of the store come and go, and looks
what is left of it: memory, open descriptors, processes. Exit code 1: something is.

  --finds N   (default: 100000)
  --gets N    (default: 10000)
  --rounds N  in each of them another host connects (default: 200)
  --json      one JSON object: {processes: [{process, before, after}], problems: []}
  --help
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      finds: { type: "string", default: "100000" },
      gets: { type: "string", default: "10000" },
      rounds: { type: "string", default: "200" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const [finds = 0, gets = 0, rounds = 0] = [values.finds, values.gets, values.rounds].map(Number);
  if (![finds, gets, rounds].every((number) => Number.isInteger(number) && number > 0)) {
    throw new Error("A number is none.");
  }

  const directory = await mkdtemp(join(tmpdir(), "ps-"));
  const spinner = ora({ isSilent: !process.stderr.isTTY }).start();
  try {
    const processes = await runSoak({
      finds,
      gets,
      rounds,
      directory,
      programs: join(import.meta.dirname, "../../dist"),
      path: process.env.PATH ?? "",
      onProgress: (text) => (spinner.text = text),
    });
    spinner.stop();
    const problems = judgeEndurance(processes);
    process.stdout.write(values.json ? `${JSON.stringify({ processes, problems })}\n` : enduranceText(processes));
    for (const problem of problems) process.stderr.write(`soak: ${problem}\n`);
    if (problems.length > 0) process.exitCode = 1;
  } finally {
    spinner.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`soak: error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.stderr.write("soak: hint: See npm run soak -- --help\n");
  process.exitCode = 2;
});
