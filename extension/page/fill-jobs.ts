import { PosternError, type WireError, toWireError } from "#protocol/error.ts";
import type { FillField } from "../fill/field.ts";

export type Outcome = { filled: FillField[] } | { problem: WireError };

/** What the toolbar button of a tab says. */
export type Sign = { sign: "none" } | { sign: "waiting" } | { sign: "problem"; problem: WireError };

/** The toolbar button, which the browser makes plain again when the tab goes to another page. */
export interface Signs {
  show(tab: number, sign: Sign): void;
  showsProblem(tab: number): Promise<boolean>;
}

export interface FillJob {
  /** The login's label; undefined while it is not known which one it is. */
  label: string | undefined;
  outcome: Promise<Outcome>;
}

/** At most one fill for each tab, with what became of it. A popup may close meanwhile: its fill goes on without it. */
export interface FillJobs {
  /** A tab that is being filled goes on as it is. */
  start(tab: number, label: string | undefined, fill: (signal: AbortSignal) => Promise<FillField[]>): Promise<Outcome>;
  running(tab: number): FillJob | undefined;
  /** Takes the question back. */
  cancel(tab: number): void;
  /** What went wrong last on the tab's page, told once. */
  takeProblem(tab: number): Promise<WireError | undefined>;
  forget(tab: number): void;
}

export function createFillJobs({ show, showsProblem }: Signs): FillJobs {
  const jobs = new Map<number, FillJob & { controller: AbortController }>();
  const problems = new Map<number, WireError>();

  function start(
    tab: number,
    label: string | undefined,
    fill: (signal: AbortSignal) => Promise<FillField[]>,
  ): Promise<Outcome> {
    const present = jobs.get(tab);
    if (present !== undefined) return present.outcome;
    const controller = new AbortController();
    const outcome = run(tab, () => fill(controller.signal));
    jobs.set(tab, { label, outcome, controller });
    return outcome;
  }

  async function run(tab: number, fill: () => Promise<FillField[]>): Promise<Outcome> {
    problems.delete(tab);
    show(tab, { sign: "waiting" });
    try {
      const filled = await fill();
      show(tab, { sign: "none" });
      return { filled };
    } catch (error) {
      const problem = toWireError(error);
      const isOwnWish = problem.code === "cancelled";
      if (!isOwnWish) problems.set(tab, problem);
      show(tab, isOwnWish ? { sign: "none" } : { sign: "problem", problem });
      return { problem };
    } finally {
      jobs.delete(tab);
    }
  }

  async function takeProblem(tab: number): Promise<WireError | undefined> {
    const problem = problems.get(tab);
    problems.delete(tab);
    if (problem === undefined || !(await showsProblem(tab))) return undefined;
    show(tab, { sign: "none" });
    return problem;
  }

  function cancel(tab: number): void {
    jobs.get(tab)?.controller.abort(new PosternError("cancelled", "The fill was cancelled."));
  }

  function forget(tab: number): void {
    cancel(tab);
    problems.delete(tab);
  }

  return { start, running: (tab) => jobs.get(tab), cancel, takeProblem, forget };
}
