import { PosternError } from "#protocol/error.ts";
import type { LimitQuestion } from "#protocol/generated/consent.ts";
import type { Lookups } from "#protocol/generated/state.ts";
import { type Origin, originParts } from "#protocol/origin.ts";
import { type Counted, createCountedLookups } from "./counted-lookups.ts";
import type { Span } from "./lookups.ts";
import { registrableDomain } from "#wire/registrable-domain.ts";
import type { GatePolicy } from "./policy.ts";
import type { StateFile } from "./state-file.ts";

const MINUTE = 60_000;
const LENGTH: Record<Span, number> = { minute: MINUTE, day: 24 * 60 * MINUTE };

/** What one gate may ask for, over all its connections together. */
export interface Limits {
  /**
   * Counts a look-up of a page and carries it out: the page's registrable domain, its host, and whether it found
   * anything. What this gate was once approved for is free. Where there is no room left, one question asks a person
   * whether to go on.
   * @throws PosternError `rate_limited`, `cancelled`, `locked`; `internal` when it can not be counted
   */
  find<T>(origin: Origin, signal: AbortSignal, look: () => Promise<readonly T[]>): Promise<readonly T[]>;
  /** Whether or not there is such an entry. @throws PosternError `rate_limited` */
  countGet(): void;
  /** @throws PosternError `rate_limited` */
  countPick(): void;
  /** This gate was approved for the page's domain. */
  approve(origin: Origin): void;
  /** Forgets what was said no to: a person wants to be asked again. */
  askAgain(): void;
}

interface Effects {
  gate: string;
  policy: () => GatePolicy;
  /** Resolves with a person's yes. @throws PosternError */
  ask: (question: LimitQuestion, signal: AbortSignal) => Promise<unknown>;
  file: StateFile<Lookups>;
  /** What was counted before can not be told. */
  onUnknown: () => void;
  /** There is no room left; told once in the span. */
  onFull: (counted: Counted, span: Span) => void;
  /** Milliseconds since the epoch, by a clock that never goes back. */
  now: () => number;
}

export async function openLimits({ gate, policy, ask, file, onUnknown, onFull, now }: Effects): Promise<Limits> {
  const before = await file.read();
  if (before === undefined) onUnknown();
  const lookups = createCountedLookups(before, () => policy().limits, now);
  /** Until when nothing more is told, and nobody asked, of what was full. */
  const told = new Map<string, number>();
  const refused = new Map<string, number>();
  let isAsking = false;
  let isKept = true;

  async function find<T>(
    origin: Origin,
    signal: AbortSignal,
    look: () => Promise<readonly T[]>,
  ): Promise<readonly T[]> {
    for (let full = lookups.full(origin); full !== undefined; full = lookups.full(origin)) {
      await mayGoOn(origin, full.counted, full.span, signal);
      lookups.clear(full.counted, origin, full.span);
    }
    // Not one that is answered meanwhile takes this one's place.
    lookups.promise(origin);
    try {
      await keep(lookups.count(origin));
      const found = await look();
      if (found.length > 0) await keep(lookups.countAnswer(origin));
      return found;
    } finally {
      lookups.unpromise(origin);
    }
  }

  /** Before it is answered: else a broker that is ended at the right time would forget it. */
  async function keep(isNew: boolean): Promise<void> {
    if (!isNew && isKept) return;
    isKept = false;
    await file.write(lookups.kept()).catch(() => {
      throw new PosternError("internal", "The look-up can not be counted.", "Make room on the disk.");
    });
    isKept = true;
  }

  /** Asks, once in a span that is full: a no stands for as long. */
  async function mayGoOn(origin: Origin, counted: Counted, span: Span, signal: AbortSignal): Promise<void> {
    const which = `${counted} ${span}`;
    if (!isWithin(told, which)) {
      told.set(which, now() + LENGTH[span]);
      onFull(counted, span);
    }
    const { consent, limits } = policy();
    if (isAsking || isWithin(refused, which) || consent === "unattended") throw fullError(span, gate);
    isAsking = true;
    try {
      const most = span === "day" ? limits.domainsADay : limits.domainsAMinute;
      const domain = registrableDomain(originParts(origin).host);
      await ask({ kind: "limit", gate, origin, registrableDomain: domain, domains: most, span }, signal);
    } catch (error) {
      const code = error instanceof PosternError ? error.code : "internal";
      if (code === "cancelled" || code === "locked") throw error;
      if (code !== "no_consent_agent") refused.set(which, now() + LENGTH[span]);
      throw fullError(span, gate);
    } finally {
      isAsking = false;
    }
  }

  function isWithin(times: ReadonlyMap<string, number>, which: string): boolean {
    return now() < (times.get(which) ?? 0);
  }

  function approve(origin: Origin): void {
    // Not to know it later is the narrower of the two.
    if (lookups.approve(origin)) file.write(lookups.kept()).catch(() => undefined);
  }

  function createCount(most: () => number, message: string): () => void {
    let counted: number[] = [];
    return () => {
      const time = now();
      counted = counted.filter((at) => time - at < MINUTE);
      if (counted.length >= most()) throw limited(message);
      counted.push(time);
    };
  }

  return {
    find,
    countGet: createCount(() => policy().limits.getsAMinute, "This browser has asked for many logins in a short time."),
    countPick: createCount(
      () => policy().limits.picksAMinute,
      "This browser has asked for many choices in a short time.",
    ),
    approve,
    askAgain: () => refused.clear(),
  };
}

function fullError(span: Span, gate: string): PosternError {
  if (span === "minute") return limited("This browser has looked up many sites in a short time.");
  const hint = `Wait a day; or be asked whether it may go on, after: postern unlock ${gate}`;
  return new PosternError("rate_limited", "This browser has looked up many sites today.", hint);
}

function limited(message: string): PosternError {
  return new PosternError("rate_limited", message, "Wait a minute, then try again.");
}
