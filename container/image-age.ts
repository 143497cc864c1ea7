// How old a browser may be.
//
// A Firefox without the last security updates is the likeliest way into the browser's sandbox, and its image holds the
// one of the day on which its packages were fetched. Firefox has an update every four weeks. So an image is warned
// about when it has missed one, and no browser is started from it when it has missed two: a new one takes a minute and
// one command. What runs goes on. What counts is when the packages were fetched, not when the image was put together:
// an engine keeps old layers and builds new images on them.

const WARNED_DAYS = 30;
const REFUSED_DAYS = 60;
const DAY = 24 * 60 * 60 * 1000;

export interface ImageAge {
  /** Whole days; never negative, whatever the clock. */
  days: number;
  /** `old`: to be warned about. `stale`: not to be started any more. */
  state: "fresh" | "old" | "stale";
}

/**
 * @param packages when the packages in the image were fetched
 * @param now milliseconds since the epoch
 */
export function ageOfImage(packages: Date, now: number): ImageAge {
  const days = Math.max(0, Math.floor((now - packages.getTime()) / DAY));
  if (days > REFUSED_DAYS) return { days, state: "stale" };
  return { days, state: days > WARNED_DAYS ? "old" : "fresh" };
}

export const AGE_RULE = `warned about after ${WARNED_DAYS} days, not started after ${REFUSED_DAYS}`;
