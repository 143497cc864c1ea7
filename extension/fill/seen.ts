// Whether a person sees a field, by what the browser draws there. A page that an attacker can write into may well have
// fields that nobody sees, and whoever presses the button means those that they see.
//
// Seen is a field that has some size left after all that clips it, that is hardly see-through with all that is around it,
// whose text has a colour, that nothing else lies on, and that scrolling leads to. Filters, masks and clip paths are not
// worked out: what has one of these, or is inside of it, is not seen. The same holds for each frame around it.
//
// It does not tell what lies over a field and lets clicks through to it, nor a colour that is the background's.

/** Smaller than this nobody means to be typed into, in CSS pixels. */
const SMALLEST_SIDE = 5;
/** How much of what is below may shine through. */
const LEAST_OPACITY = 0.5;
/** Filters with which nothing can be left to see; others change colours. */
const HIDING = /opacity|blur|brightness|contrast|url/;
/** Where it is looked what lies on a field, in shares of its width. */
const PLACES = [0.5, 0.1, 0.3, 0.7, 0.9];

export function isSeen(input: HTMLInputElement): boolean {
  return !hasNoColour(input) && isDrawn(input) && isFrameDrawn(input.ownerDocument);
}

function isDrawn(element: Element): boolean {
  if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true }))
    return false;
  const around = [element, ...ancestorsOf(element)];
  if (around.some(mayHide) || opacityOf(around) < LEAST_OPACITY) return false;
  return scrolledTo(element, around, () => isOnTop(element));
}

/** Of the frames around there are those of the same origin alone: the others are not filled. */
function isFrameDrawn(document: Document): boolean {
  const frame = document.defaultView?.frameElement ?? null;
  return frame === null || (isDrawn(frame) && isFrameDrawn(frame.ownerDocument));
}

/** The elements around it, through shadow roots and slots. */
function ancestorsOf(element: Element): Element[] {
  const found: Element[] = [];
  for (let next = parentOf(element); next !== null; next = parentOf(next)) found.push(next);
  return found;
}

function parentOf(element: Element): Element | null {
  if (element.assignedSlot !== null) return element.assignedSlot;
  if (element.parentElement !== null) return element.parentElement;
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root.host : null;
}

function mayHide(element: Element): boolean {
  const { filter, maskImage, clipPath, clip, position } = getComputedStyle(element);
  const isClipped = clip !== "" && clip !== "auto" && (position === "absolute" || position === "fixed");
  return HIDING.test(filter) || !isNone(maskImage) || !isNone(clipPath) || isClipped;
}

function isNone(value: string): boolean {
  return value === "" || value === "none";
}

function opacityOf(elements: readonly Element[]): number {
  return elements.reduce((product, element) => product * Number(getComputedStyle(element).opacity), 1);
}

/** Whether what is typed into it has no colour. */
function hasNoColour(element: Element): boolean {
  const { color, webkitTextFillColor } = getComputedStyle(element);
  return [color, webkitTextFillColor].some((value) => alphaOf(value) < LEAST_OPACITY);
}

/** Of a computed colour: `rgb(…)`, or with a slash or a fourth number before the end where it is not opaque. */
function alphaOf(colour: string): number {
  if (colour === "transparent") return 0;
  const [, alpha] = /(?:\/|^rgba\([^,]+,[^,]+,[^,]+,)\s*([\d.]+)\s*\)$/.exec(colour) ?? [];
  return alpha === undefined ? 1 : Number(alpha);
}

/**
 * Scrolls there for as long as it is looked, unless it is in sight; nothing is drawn in between. What only a script can
 * scroll to is in nobody's sight.
 */
function scrolledTo(element: Element, around: readonly Element[], look: () => boolean): boolean {
  if (look()) return true;
  const before = around.map((each) => [each, each.scrollLeft, each.scrollTop] as const);
  element.scrollIntoView({ behavior: "instant", block: "center", inline: "center" });
  const byPeople = before.every(([each, left, top]) => {
    const { x, y } = scrollable(each);
    return (x || each.scrollLeft === left) && (y || each.scrollTop === top);
  });
  const result = byPeople && look();
  for (const [each, left, top] of before) each.scrollTo({ left, top, behavior: "instant" });
  return result;
}

/** What of the window scrolls is said by the document's element, or else by its body. */
function scrollable(element: Element): { x: boolean; y: boolean } {
  const { documentElement, body } = element.ownerDocument;
  const styles = (element === documentElement ? [element, body] : [element]).map((each) => getComputedStyle(each));
  const isShut = (overflow: string): boolean => overflow === "hidden" || overflow === "clip";
  return {
    x: !styles.some(({ overflowX }) => isShut(overflowX)),
    y: !styles.some(({ overflowY }) => isShut(overflowY)),
  };
}

/** Whether a part that is large enough is in the window, with nothing else on it. What clips it is none of it. */
function isOnTop(element: Element): boolean {
  const box = element.getBoundingClientRect();
  const { innerWidth, innerHeight } = element.ownerDocument.defaultView ?? window;
  const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  if (right - left < SMALLEST_SIDE || bottom - top < SMALLEST_SIDE) return false;
  const root = element.getRootNode();
  const from = root instanceof ShadowRoot ? root : element.ownerDocument;
  return PLACES.some((share) => {
    const hit = from.elementFromPoint(left + share * (right - left), (top + bottom) / 2);
    return hit === element || (hit !== null && isClearLabel(element, hit));
  });
}

/** A label that floats over its field, until something is typed. */
function isClearLabel(element: Element, hit: Element): boolean {
  const label = hit.closest("label");
  if (label === null || label.control !== element || hit.contains(element)) return false;
  const { backgroundColor, backgroundImage } = getComputedStyle(hit);
  return alphaOf(backgroundColor) === 0 && isNone(backgroundImage);
}
