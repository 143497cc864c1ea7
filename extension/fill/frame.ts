import { decide } from "./decide.ts";
import { describe } from "./describe.ts";
import { FILL_FIELDS } from "./field.ts";
import type { FrameLook, FrameOrder, WriteOrder, Written } from "./frame-orders.ts";
import { writeValue } from "./write.ts";

/** Carries out the background's orders in this frame's document. */
export function answerInFrame(): (order: FrameOrder) => FrameLook | Written {
  const document = crypto.getRandomValues(new Uint32Array(4)).join("-");
  return (order) => (order.type === "look" ? look(document, order.site) : write(document, order));
}

function look(token: string, site: string): FrameLook {
  const { fields, forms, elsewhere } = describe(document, site);
  const { targets, score } = decide(fields, forms);
  return {
    document: token,
    origin: window.origin,
    amongItsOwn: isAmongItsOwn(),
    holdsForeignFrame: [...document.querySelectorAll("iframe, frame")].some(isForeign),
    wants: FILL_FIELDS.filter((field) => targets[field] !== undefined),
    score,
    ...(elsewhere === undefined ? {} : { elsewhere }),
  };
}

/** Each field is looked for anew: pages replace fields, and hide them, while others are filled. */
function write(token: string, order: WriteOrder): Written {
  const isTheSame = order.document === token && order.origin === window.origin && isAmongItsOwn();
  const written: Written = { filled: [], notes: [], refused: !isTheSame };
  if (!isTheSame) return written;
  for (const field of FILL_FIELDS) {
    const value = order.values[field];
    const { fields, forms, inputs } = describe(document, order.site);
    const input = inputs[decide(fields, forms).targets[field]?.index ?? -1];
    if (value === undefined || input === undefined) continue;
    const note = writeValue(input, value);
    if (note === undefined) written.filled.push(field);
    else written.notes.push(note);
  }
  return written;
}

function isAmongItsOwn(): boolean {
  try {
    for (let inner: Window = window; inner !== inner.parent; inner = inner.parent) {
      if (inner.parent.origin !== window.origin) return false;
    }
    return true;
  } catch {
    // A window of another origin does not say which.
    return false;
  }
}

function isForeign(frame: Element): boolean {
  const isFrame = frame instanceof HTMLIFrameElement || frame instanceof HTMLFrameElement;
  return isFrame && frame.contentDocument === null && frame.checkVisibility();
}
