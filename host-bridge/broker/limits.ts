import { PosternError } from "#protocol/error.ts";
import type { LimitQuestion } from "#protocol/generated/consent.ts";
import type { Lookups } from "#protocol/generated/state.ts";
import { type Origin, originParts } from "#protocol/origin.ts";
import { type Span, createLookups } from "./lookups.ts";
import { registrableDomain } from "./match.ts";
import type { GatePolicy } from "./policy.ts";
import type { StateFile } from "./state-file.ts";

const MINUTE = 60_000;

/** What one gate may ask for, over all its connections together. */
export interface Limits {
  /**
   * Counts the look-up of a page; the domain of one that this gate was once approved for is free. Where there is no
   * room left, one question asks a person whether to go on.
   * @throws PosternError `rate_limited`, `cancelled`, `locked`; `internal` when it can not be counted
   */
  countFind(origin: Origin, signal: AbortSignal): Promise<void>;
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
  /** There is no room left in the span; told once each time it fills up. */
  onFull: (span: Span) => void;
  /** Milliseconds since the epoch, by a clock that never goes back. */
  now: () => number;
}

export async function openLimits({ gate, policy, ask, file, onUnknown, onFull, now }: Effects): Promise<Limits> {
  const before = await file.read();
  if (before === undefined) onUnknown();
  const lookups = createLookups(before, () => policy().limits, now);
  const told = new Set<Span>();
  const refused = new Set<Span>();
  let isAsking = false;
  let isKept = true;

  async function countFind(origin: Origin, signal: AbortSignal): Promise<void> {
    const domain = domainOf(origin);
    if (lookups.isApproved(domain)) return;
    for (let full = lookups.fullSpan(domain); full !== undefined; full = lookups.fullSpan(domain)) {
      await mayGoOn(origin, domain, full, signal);
      lookups.clear(full);
    }
    const spans = lookups.count(domain);
    if (spans.length === 0 && isKept) return;
    // There was room in these: what was said when there was none is over.
    for (const span of spans) {
      told.delete(span);
      refused.delete(span);
    }
    // Before it is answered: else a broker that is ended at the right time would forget it.
    isKept = false;
    await file.write(lookups.kept()).catch(() => {
      throw new PosternError("internal", "The look-up can not be counted.", "Make room on the disk.");
    });
    isKept = true;
  }

  /** Asks, once each time that the span is full: a no stands until there is room again. */
  async function mayGoOn(origin: Origin, registrable: string, span: Span, signal: AbortSignal): Promise<void> {
    if (!told.has(span)) onFull(span);
    told.add(span);
    const { consent, limits } = policy();
    if (isAsking || refused.has(span) || consent === "unattended") throw fullError(span, gate);
    isAsking = true;
    try {
      const domains = span === "day" ? limits.domainsADay : limits.domainsAMinute;
      await ask({ kind: "limit", gate, origin, registrableDomain: registrable, domains, span }, signal);
    } catch (error) {
      const code = error instanceof PosternError ? error.code : "internal";
      if (code === "cancelled" || code === "locked") throw error;
      if (code !== "no_consent_agent") refused.add(span);
      throw fullError(span, gate);
    } finally {
      isAsking = false;
    }
  }

  function approve(origin: Origin): void {
    const domain = domainOf(origin);
    if (lookups.isApproved(domain)) return;
    lookups.approve(domain);
    // Not to know it later is the narrower of the two.
    file.write(lookups.kept()).catch(() => undefined);
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
    countFind,
    countGet: createCount(() => policy().limits.getsAMinute, "This browser has asked for many logins in a short time."),
    countPick: createCount(
      () => policy().limits.picksAMinute,
      "This browser has asked for many choices in a short time.",
    ),
    approve,
    askAgain: () => refused.clear(),
  };
}

function domainOf(origin: Origin): string {
  return registrableDomain(originParts(origin).host);
}

function fullError(span: Span, gate: string): PosternError {
  if (span === "minute") return limited("This browser has looked up many sites in a short time.");
  const hint = `Wait a day; or be asked whether it may go on, after: postern unlock ${gate}`;
  return new PosternError("rate_limited", "This browser has looked up many sites today.", hint);
}

function limited(message: string): PosternError {
  return new PosternError("rate_limited", message, "Wait a minute, then try again.");
}
