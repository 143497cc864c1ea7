import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import ora from "ora";
import { reportTable } from "./report.ts";
import { runBench } from "./run-bench.ts";

const HELP = `Usage: npm run bench -- [options]

Measures find, get, the host's start and the memory of host and broker as the extension sees them, in turn with
what others do for the same wish: browserpass-native where there is one (Debian's webext-browserpass), bare gpg,
and a Node that does nothing. Times are medians in milliseconds.

  --entries LIST  how large the stores are (default: 100,1000,10000,50000)
  --rounds N      how often each thing is done with each store and each key (default: 25)
  --json          one JSON object: {cases: [{name, entries, key, ms, peer, peerMs, ratio}], memory: [{process, entries, mb}]}
  --help
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      entries: { type: "string", default: "100,1000,10000,50000" },
      rounds: { type: "string", default: "25" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const numbers = [...values.entries.split(","), values.rounds].map(Number);
  if (!numbers.every((number) => Number.isInteger(number) && number > 0)) throw new Error("A number is none.");
  const rounds = numbers.pop() ?? 0;

  const directory = await mkdtemp(join(tmpdir(), "pb-"));
  const spinner = ora({ isSilent: !process.stderr.isTTY }).start();
  try {
    const report = await runBench({
      entries: numbers,
      rounds,
      directory,
      programs: join(import.meta.dirname, "../dist"),
      path: process.env.PATH ?? "",
      onProgress: (text) => (spinner.text = text),
    });
    spinner.stop();
    process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : reportTable(report));
  } finally {
    spinner.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`bench: error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.stderr.write("bench: hint: See npm run bench -- --help\n");
  process.exitCode = 2;
});
