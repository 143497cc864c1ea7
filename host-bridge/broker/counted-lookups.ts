import type { Lookups as Kept } from "#protocol/generated/state.ts";
import { type Origin, originParts } from "#protocol/origin.ts";
import { type Lookups, type Span, createLookups } from "./lookups.ts";
import { registrableDomain } from "#wire/registrable-domain.ts";
import type { GateLimits } from "./policy.ts";

/** Of what there were too many. */
export type Counted = "domains" | "hosts" | "answers";

/**
 * What a gate has looked up, counted in three ways: the registrable domains, the hosts below each of them, and the hosts
 * whose answer named an entry. A domain or host that a person approved a release for does not count.
 */
export interface CountedLookups {
  /** What leaves no room for a look-up of this page. */
  full(origin: Origin): { counted: Counted; span: Span } | undefined;
  /** @returns whether anything of it was not counted already */
  count(origin: Origin): boolean;
  /** Counts it among those whose answer names an entry. While it is not known whether it does, there is room kept for it. */
  countAnswer(origin: Origin): boolean;
  promise(origin: Origin): void;
  unpromise(origin: Origin): void;
  /** A person said that the gate may go on. */
  clear(counted: Counted, origin: Origin, span: Span): void;
  /** @returns whether that is new */
  approve(origin: Origin): boolean;
  kept(): Kept;
}

/** @param before of an earlier broker; undefined when it is unknown: then the minute counts as used up */
export function createCountedLookups(
  before: Kept | undefined,
  limits: () => GateLimits,
  now: () => number,
): CountedLookups {
  const create = (seen: Readonly<Record<string, number>> | undefined): Lookups => createLookups(seen, limits, now);
  const approved = { domains: new Set(before?.approved.domains), hosts: new Set(before?.approved.hosts) };
  const domains = create(before?.domains);
  const answers = create(before?.answers ?? {});
  const hosts = new Map(Object.entries(before?.hosts ?? {}).map(([domain, seen]) => [domain, create(seen)]));
  /** How many look-ups of each host are under way. */
  const promised = new Map<string, number>();

  function full(origin: Origin): { counted: Counted; span: Span } | undefined {
    const { host, domain } = namesOf(origin);
    const ofDomains = approved.domains.has(domain) ? undefined : domains.fullSpan(domain);
    if (ofDomains !== undefined) return { counted: "domains", span: ofDomains };
    if (approved.hosts.has(host)) return undefined;
    const ofHosts = hosts.get(domain)?.fullSpan(host);
    if (ofHosts !== undefined) return { counted: "hosts", span: ofHosts };
    const ofAnswers = answers.fullSpan(host, promised.size - (promised.has(host) ? 1 : 0));
    return ofAnswers === undefined ? undefined : { counted: "answers", span: ofAnswers };
  }

  function count(origin: Origin): boolean {
    const { host, domain } = namesOf(origin);
    const isNewDomain = !approved.domains.has(domain) && domains.count(domain);
    if (approved.hosts.has(host)) return isNewDomain;
    const below = hosts.get(domain) ?? create({});
    hosts.set(domain, below);
    return below.count(host) || isNewDomain;
  }

  function countAnswer(origin: Origin): boolean {
    const { host } = namesOf(origin);
    return !approved.hosts.has(host) && answers.count(host);
  }

  function promise(origin: Origin): void {
    const { host } = namesOf(origin);
    if (!approved.hosts.has(host)) promised.set(host, (promised.get(host) ?? 0) + 1);
  }

  function unpromise(origin: Origin): void {
    const { host } = namesOf(origin);
    const others = (promised.get(host) ?? 1) - 1;
    if (others === 0) promised.delete(host);
    else promised.set(host, others);
  }

  function clear(counted: Counted, origin: Origin, span: Span): void {
    const which = { domains, answers, hosts: hosts.get(namesOf(origin).domain) };
    which[counted]?.clear(span);
  }

  function approve(origin: Origin): boolean {
    const { host, domain } = namesOf(origin);
    if (approved.domains.has(domain) && approved.hosts.has(host)) return false;
    approved.domains.add(domain);
    approved.hosts.add(host);
    domains.forget(domain);
    hosts.get(domain)?.forget(host);
    answers.forget(host);
    return true;
  }

  function kept(): Kept {
    const below = [...hosts].map(([domain, lookups]) => [domain, lookups.kept()] as const);
    const seen = below.filter(([, names]) => Object.keys(names).length > 0);
    for (const [domain, names] of below) if (Object.keys(names).length === 0) hosts.delete(domain);
    return {
      approved: { domains: [...approved.domains], hosts: [...approved.hosts] },
      domains: domains.kept(),
      hosts: Object.fromEntries(seen),
      answers: answers.kept(),
    };
  }

  return { full, count, countAnswer, promise, unpromise, clear, approve, kept };
}

function namesOf(origin: Origin): { host: string; domain: string } {
  const { host } = originParts(origin);
  return { host, domain: registrableDomain(host) };
}
