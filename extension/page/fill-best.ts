import { PosternError } from "#protocol/error.ts";
import type { Vault } from "../native/vault.ts";
import type { FillField } from "../fill/field.ts";
import { fillTab } from "./fill-tab.ts";
import { type Tabs, lookAtTab } from "./look-at-tab.ts";

/** Fills the login that the broker puts first for the tab's page. @throws PosternError */
export async function fillBest(
  means: { vault: Vault; tabs: Tabs },
  tab: number,
  signal: AbortSignal,
): Promise<FillField[]> {
  const { origin } = await lookAtTab(means.tabs, tab);
  const [choice] = (await means.vault.find(origin, signal)).entries;
  if (choice === undefined) {
    const hint = "Its entry has to be named after the site.";
    throw new PosternError("entry_invalid", `There is no login for ${origin}.`, hint);
  }
  return await fillTab(means, { tab, choice, origin }, signal);
}
