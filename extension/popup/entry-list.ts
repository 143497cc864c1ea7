import type { Entry } from "#protocol/messages.ts";
import { filterEntries } from "./filter-entries.ts";
import { part } from "./part.ts";
import { text } from "./text.ts";

/**
 * The list of logins with its filter, after the combobox pattern (ARIA Authoring Practices Guide): the focus stays in
 * the filter, and the keys move through the list.
 */
export function createEntryList(onChoose: (entry: Entry) => void): { show(entries: Entry[]): void } {
  const filter = part("filter", HTMLInputElement);
  const list = part("list", HTMLUListElement);
  let all: Entry[] = [];
  let left: Entry[] = [];
  let chosen = 0;

  filter.addEventListener("input", () => {
    narrow();
    if (all.length > 0) part("status", HTMLParagraphElement).textContent = text("loginsLeft", String(left.length));
  });
  filter.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const steps: Record<string, number> = { ArrowDown: chosen + 1, ArrowUp: chosen - 1, Home: 0, End: left.length - 1 };
    const step = steps[event.key];
    const entry = left[chosen];
    if (step !== undefined && entry !== undefined) select((step + left.length) % left.length);
    else if (event.key === "Enter" && !event.repeat && entry !== undefined) onChoose(entry);
    else return;
    event.preventDefault();
  });

  /** What is typed and chosen stays: the store may change while a person is choosing. */
  function show(entries: Entry[]): void {
    const before = left[chosen];
    all = entries;
    narrow();
    select(
      Math.max(
        0,
        left.findIndex((entry) => entry.label === before?.label && entry.username === before.username),
      ),
    );
    // Whoever has gone on to a button meanwhile stays there.
    const at = document.activeElement;
    if (!(at instanceof HTMLButtonElement && at.checkVisibility())) filter.focus();
  }

  function narrow(): void {
    left = filterEntries(all, filter.value);
    list.replaceChildren(...left.map(optionOf));
    part("nothing-left", HTMLParagraphElement).hidden = left.length > 0 || all.length === 0;
    select(0);
  }

  function optionOf(entry: Entry, index: number): HTMLLIElement {
    const option = document.createElement("li");
    option.id = `entry-${index}`;
    option.role = "option";
    option.append(...partsOf(entry));
    option.addEventListener("click", () => onChoose(entry));
    return option;
  }

  function select(index: number): void {
    chosen = index;
    for (const [at, option] of [...list.children].entries()) option.ariaSelected = String(at === index);
    list.children[index]?.scrollIntoView({ block: "nearest" });
    filter.setAttribute("aria-activedescendant", left.length > 0 ? `entry-${index}` : "");
  }

  return { show };
}

function partsOf({ username, label, match }: Entry): HTMLElement[] {
  const parts = [span("user", username ?? label)];
  if (username !== undefined) parts.push(span("label", label));
  if (match === "parent") parts.push(span("match", text("matchParent")));
  if (match === "alias") parts.push(span("match", text("matchAlias")));
  return parts;
}

function span(name: string, content: string): HTMLSpanElement {
  const element = document.createElement("span");
  element.className = name;
  element.dir = "auto";
  element.textContent = content;
  return element;
}
