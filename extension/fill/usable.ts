/** Smaller than this nobody means to be typed into, in CSS pixels. */
const SMALLEST_SIDE = 5;

/** Whether a person could see the field and type into it. What nobody sees gets nothing. */
export function isUsable(input: HTMLInputElement): boolean {
  if (input.readOnly || input.matches(":disabled") || input.closest("[inert], [aria-hidden=true]") !== null)
    return false;
  if (!input.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) return false;
  const box = input.getBoundingClientRect();
  if (box.width < SMALLEST_SIDE || box.height < SMALLEST_SIDE) return false;
  // Left of or above the page's own beginning, where no scrolling leads.
  return box.right + window.scrollX > 0 && box.bottom + window.scrollY > 0;
}
