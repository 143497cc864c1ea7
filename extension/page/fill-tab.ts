import { PosternError } from "#protocol/error.ts";
import type { GetResult } from "#protocol/messages.ts";
import type { Origin } from "#protocol/origin.ts";
import type { FillField } from "../fill/field.ts";
import type { Values } from "../fill/frame-orders.ts";
import { type Choice, getLogin } from "../native/get-login.ts";
import type { Vault } from "../native/vault.ts";
import { type ReachedFrame, type TabLook, type Tabs, lookAtTab } from "./look-at-tab.ts";

/**
 * Fills the chosen login into the best form of the tab's page: asks for exactly the fields that the form has, and sends
 * their values to that frame's document alone, which compares the origin once more.
 * @param origin what the person saw when they chose
 * @returns what was filled
 * @throws PosternError also when only a part could be filled: the person has to know
 */
export async function fillTab(
  { vault, tabs }: { vault: Vault; tabs: Tabs },
  { tab, choice, origin }: { tab: number; choice: Choice; origin: Origin },
  signal: AbortSignal,
): Promise<FillField[]> {
  const look = await lookAtTab(tabs, tab);
  if (look.origin !== origin) throw wentElsewhere();
  const { frame, document, wants } = bestFrame(look);
  const values = valuesOf(await getLogin(vault, { choice, origin, fields: wants }, signal));
  if (Object.keys(values).length === 0) throw nothingFits();
  // The page may have changed while the person was asked.
  signal.throwIfAborted();
  const order = { type: "write", document, origin, site: look.site, values } as const;
  const { filled, notes, refused } = await tabs.write(tab, frame, order).catch(() => {
    throw wentElsewhere();
  });
  if (refused) throw wentElsewhere();
  if (filled.length === 0 || notes.length > 0) throw notAllFilled(filled, notes);
  return filled;
}

function bestFrame({ own, hasForeign }: TabLook): ReachedFrame {
  const [best] = own.filter(({ wants }) => wants.length > 0).toSorted((one, other) => other.score - one.score);
  const elsewhere = own.find((frame) => frame.elsewhere !== undefined)?.elsewhere;
  if (best === undefined) throw elsewhere === undefined ? noForm(hasForeign) : goesElsewhere(elsewhere);
  return best;
}

function valuesOf({ username, password, otp }: GetResult): Values {
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(otp === undefined ? {} : { otp: otp.code }),
  };
}

function wentElsewhere(): PosternError {
  return new PosternError(
    "origin_mismatch",
    "The page changed, and was not filled.",
    "Open Postern again on this page.",
  );
}

function noForm(hasForeign: boolean): PosternError {
  const hint = hasForeign
    ? "It may be in a frame of another site. Such frames are not filled."
    : "Open the site's sign-in form first.";
  return new PosternError("internal", "There is no login form on this page.", hint);
}

function goesElsewhere(host: string): PosternError {
  const hint = "If that is where you sign in, open its own page.";
  return new PosternError("origin_mismatch", `The form sends what you type to another site, ${host}.`, hint);
}

function nothingFits(): PosternError {
  const message = "The login has nothing that this page asks for.";
  return new PosternError("entry_invalid", message, "See what is in it with: pass show");
}

function notAllFilled(filled: FillField[], notes: string[]): PosternError {
  const message = notes[0] ?? "The page took its form away.";
  return new PosternError("internal", message, filled.length > 0 ? "The rest is filled." : "Nothing is filled.");
}
