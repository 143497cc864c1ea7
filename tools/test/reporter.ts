import { format } from "node:util";
import Mocha from "mocha";

/** What one job tells the process that started it, besides what it prints. */
export interface JobResult {
  passes: number;
  pending: number;
  failures: number;
  /** Mocha's own account of each failure, with its difference and its stack; empty without one. */
  account: string;
}

/**
 * Mocha's reporter "spec", whose end goes to the process that runs the jobs: it sums up for all of them. When that one is
 * gone, or passes on Ctrl-C, the test at hand is the last, and the hooks clear up after it.
 * @see Mocha.reporters.Spec
 */
function JobReporter(runner: Mocha.Runner, options: Mocha.MochaOptions): Mocha.reporters.Spec {
  process.once("SIGINT", () => runner.abort());
  process.once("disconnect", () => runner.abort());
  process.channel?.unref();
  const spec = new Mocha.reporters.Spec(runner, options);
  spec.epilogue = () => {
    const lines: string[] = [];
    Mocha.reporters.Base.consoleLog = (...words: unknown[]) => void lines.push(format(...words));
    Mocha.reporters.Base.list(spec.failures);
    const { passes, pending, failures } = runner.stats ?? { passes: 0, pending: 0, failures: 1 };
    const result: JobResult = { passes, pending, failures, account: failures === 0 ? "" : lines.join("\n") };
    process.send?.(result);
  };
  return spec;
}

// Mocha loads a reporter with require().
export { JobReporter as "module.exports" };
