// What the browser may reach over its network, as rules of nftables in its network namespace.
//
// Refused: every address of this machine, link-local ones (a cloud's metadata), broadcast and multicast, all of IPv6,
// and every protocol but TCP, UDP and ICMP. They are rules and not routes, since a socket bound to the interface passes
// over routes.
//
// A list of addresses is late by nature. So there is a rule that needs none: what comes in with a time to live that no
// router has counted down was sent by this machine, and is dropped. The one exception is how a router says that a
// packet is too long, without which a page does not load through a VPN. A proxy on this machine that takes all
// connections over for itself is shut out by it as well, and the browser has then no internet.
//
// It is all leased: the protocols stand in a set that the kernel empties unless the rules are renewed in time. Whoever
// renews them may die or hang; the network is then closed.

/** How long the rules let anything through, in seconds. */
const LEASE = 15;
/** What systems start from: Linux and macOS, Windows, routers. */
const UNROUTED = [64, 128, 255];

/**
 * @param closed addresses and networks of this machine
 * @param timeToLive what this machine gives its own packets
 * @returns a transaction that puts the rules in the place of those before
 */
export function networkRules(closed: readonly string[], timeToLive: number): string {
  const refused = [...closed, "169.254.0.0/16", "224.0.0.0/3"].join(", ");
  const leased = ["tcp", "udp", "icmp"].map((protocol) => `${protocol} timeout ${LEASE}s`).join(", ");
  const unrouted = [...new Set([...UNROUTED, timeToLive])].join(", ");
  return `table inet postern
  delete table inet postern
  table inet postern {
    set closed { type ipv4_addr; flags interval; auto-merge; elements = { ${refused} }; }
    set lease { type inet_proto; flags timeout; elements = { ${leased} }; }
    chain out {
      type filter hook output priority 0; policy drop;
      oifname "lo" accept
      ip daddr @closed reject with icmp type admin-prohibited
      fib daddr type broadcast drop
      meta nfproto ipv4 meta l4proto @lease accept
    }
    chain in {
      type filter hook input priority 0; policy drop;
      iifname "lo" accept
      icmp type destination-unreachable icmp code frag-needed accept
      ip ttl { ${unrouted} } drop
      meta nfproto ipv4 meta l4proto @lease accept
    }
  }`;
}
