import type { FrameLook, WriteOrder, Written } from "#extension/fill/frame-orders.ts";
import type { ReachedFrame, Tabs } from "#extension/page/look-at-tab.ts";

export const ORIGIN = "https://example.com";

/** A tab of a browser, of which the test says what is in it. */
export interface FakeTab {
  tabs: Tabs;
  address: string | undefined;
  /** An empty list stands for a page that no extension may reach. */
  frames: ReachedFrame[];
  /** What came to which frame. */
  written: { frame: number; order: WriteOrder }[];
  /** How the frame answers; by default it fills all that it got. */
  onWrite: (order: WriteOrder) => Written;
}

export function fakeTab(): FakeTab {
  const tab: FakeTab = {
    address: `${ORIGIN}/login?next=1`,
    frames: [frame(0, { wants: ["username", "password"], score: 100 })],
    written: [],
    onWrite: ({ values }) => ({
      filled: values.password === undefined ? ["username"] : ["username", "password"],
      notes: [],
      refused: false,
    }),
    tabs: {
      addressOf: () => Promise.resolve(tab.address),
      look: () =>
        tab.frames.length === 0 ? Promise.reject(new Error("Missing permission")) : Promise.resolve(tab.frames),
      write: (_tab, number, order) => {
        tab.written.push({ frame: number, order });
        return Promise.resolve().then(() => tab.onWrite(order));
      },
    },
  };
  return tab;
}

export function frame(number: number, look: Partial<FrameLook> = {}): ReachedFrame {
  const plain = { origin: ORIGIN, amongItsOwn: true, holdsForeignFrame: false, wants: [], score: 0 };
  return { frame: number, document: `document-${number}`, ...plain, ...look };
}
