import { PosternError, toWireError } from "#protocol/error.ts";
import type { Vault } from "../native/vault.ts";
import type { FillJobs } from "../page/fill-jobs.ts";
import { fillTab } from "../page/fill-tab.ts";
import { type Tabs, lookAtTab } from "../page/look-at-tab.ts";
import type { PopupAnswers, PopupOrder, View } from "./orders.ts";

export interface Means {
  vault: Vault;
  tabs: Tabs;
  jobs: FillJobs;
}

/** The background's side of the popup. A failure is an answer, never a rejection. */
export async function answerPopup(means: Means, order: PopupOrder): Promise<PopupAnswers[keyof PopupAnswers]> {
  const { vault, jobs } = means;
  switch (order.type) {
    case "view":
      return await viewOf(means, order.tab);
    case "fill": {
      const { tab, choice } = order;
      if (jobs.running(tab) !== undefined) return { problem: toWireError(alreadyFilling()) };
      return await jobs.start(tab, choice.label, (signal) => fillTab(means, order, signal));
    }
    case "pick": {
      const { tab, origin } = order;
      if (jobs.running(tab) !== undefined) return { problem: toWireError(alreadyFilling()) };
      return await jobs.start(tab, undefined, async (signal) => {
        const { entry } = await vault.pick(origin, signal);
        return await fillTab(means, { tab, choice: entry, origin }, signal);
      });
    }
    case "outcome":
      return await jobs.running(order.tab)?.outcome;
    case "cancel":
      jobs.cancel(order.tab);
      return undefined;
    case "lock":
      return await orProblem(async () => {
        await vault.lock();
        return { shows: "locked" };
      });
  }
}

async function viewOf({ vault, tabs, jobs }: Means, tab: number): Promise<View> {
  const job = jobs.running(tab);
  if (job !== undefined) return { shows: "waiting", label: job.label };
  return await orProblem(async () => {
    const { origin } = await lookAtTab(tabs, tab);
    const { entries, truncated } = await vault.find(origin);
    const problem = await jobs.takeProblem(tab);
    return { shows: "entries", origin, entries, truncated, ...(problem === undefined ? {} : { problem }) };
  });
}

function alreadyFilling(): PosternError {
  return new PosternError("busy", "Another login is being filled here.", "Wait for it, or take it back first.");
}

async function orProblem(look: () => Promise<View>): Promise<View> {
  try {
    return await look();
  } catch (error) {
    const problem = toWireError(error);
    return problem.code === "locked" ? { shows: "locked" } : { shows: "problem", problem };
  }
}
