import assert from "node:assert/strict";
import { execute } from "#container/exec.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";

/** Kinds of interfaces and of queueing disciplines that kernels have code for (rtnetlink(7), tc(8)). */
const LINKS = `bareudp batadv bond bridge can caif dummy erspan geneve gre gretap gtp hsr ifb ip6erspan ip6gre ip6gretap ip6tnl
  ipip ipoib ipvlan ipvtap lowpan macsec macvlan macvtap netdevsim nlmon rmnet sit tun vcan veth vlan vrf vti vxlan wireguard`;
const QDISCS = `bfifo cake cbs choke clsact codel drr dualpi2 etf ets fq fq_codel fq_pie gred hfsc hhf htb ingress mq mqprio
  multiq netem noqueue pfifo pfifo_fast pfifo_head_drop pie plug prio qfq red sfb sfq skbprio taprio tbf teql`;
/** Netlink's other families: SELINUX, XFRM, AUDIT, NETFILTER, KOBJECT_UEVENT, GENERIC, RDMA, CRYPTO. */
const FAMILIES = [7, 6, 9, 12, 15, 16, 20, 21];
const EPERM = 1;

/**
 * Makes a user and a network namespace, as Firefox does for each of its content processes, and in there whatever of the
 * lists the kernel makes. Prints, by name, the error number of each; 0 is one that was made.
 */
const TRY = `
  use Socket;
  my ($links, $qdiscs, $families) = map { [split /\\s+/] } @ARGV;
  my $uid = $<;
  syscall(272, 0x10000000 | 0x40000000) == 0 or die "unshare: $!";
  open(my $map, ">", "/proc/self/uid_map") or die "uid_map: $!"; print $map "0 $uid 1"; close $map;
  socket(my $route, 16, SOCK_RAW, 0) or die "socket: $!";
  my $seq = 0;
  sub attribute { my ($type, $data) = @_; my $length = 4 + length $data; pack("SS", $length, $type) . $data . "\\0" x (-$length % 4) }
  sub ask {
    my ($type, $flags, $body) = @_;
    my $message = pack("LSSLL", 16 + length $body, $type, $flags, ++$seq, 0) . $body;
    send($route, $message, 0, pack("SSLL", 16, 0, 0, 0)) or return $! + 0;
    recv($route, my $reply, 8192, 0);
    my (undef, $kind) = unpack("LS", $reply);
    return $kind == 2 ? -unpack("l", substr($reply, 16, 4)) : 0;
  }
  for my $kind (@$links) {
    my $body = pack("CCSlLL", 0, 0, 0, 0, 0, 0) . attribute(3, "x" . $seq . "\\0") . attribute(18, attribute(1, $kind . "\\0"));
    print "link $kind ", ask(16, 0x605, $body), "\\n";
  }
  for my $kind (@$qdiscs) {
    my $body = pack("CCSlLLL", 0, 0, 0, 1, $seq << 16, $kind eq "ingress" || $kind eq "clsact" ? 0xfffffff1 : 0xffffffff, 0) . attribute(1, $kind . "\\0");
    print "qdisc $kind ", ask(36, 0x505, $body), "\\n";
  }
  for my $family (@$families) { print "family $family ", (socket(my $s, 16, SOCK_RAW, $family) ? 0 : $! + 0), "\\n"; }
  open(my $own, "<", "/proc/net/dev"); my @own = <$own>; print "here ", @own - 2, "\\n";
`;

describe("attack 74: a network that the browser makes for itself, to reach more of the kernel", function () {
  this.timeout(240_000);
  let postern: TestPostern;
  before(async () => {
    postern = await testPostern();
    const { exitCode, stderr } = await postern.run("up", postern.gate, "--headless");
    assert.equal(exitCode, 0, stderr);
  });
  after(() => postern[Symbol.asyncDispose]());

  const inside = async (...command: string[]): Promise<string> => {
    const { stdout, stderr } = await execute(postern.engine, await postern.container("firefox"), command);
    assert.equal(stderr, "");
    return stdout;
  };

  it("is its own: nothing of it is in the browser's, and no netlink but the routes' is spoken there", async () => {
    const before = await inside("cat", "/proc/net/dev");
    const told = await inside("perl", "-e", TRY, LINKS, QDISCS, FAMILIES.join(" "));
    const results = Array.from(told.matchAll(/^(\w+) (\S+) (\d+)$/gm), ([, what, name, error]) => ({
      what,
      name,
      error: Number(error),
    }));
    const made = (what: string): unknown[] =>
      results.filter((each) => each.what === what && each.error === 0).map(({ name }) => name);
    const tried = (what: string): number => results.filter((each) => each.what === what).length;
    process.stdout.write(
      `    interfaces: ${made("link").length} of ${tried("link")} kinds (${made("link").join(", ")})\n`,
    );
    process.stdout.write(
      `    queueing disciplines: ${made("qdisc").length} of ${tried("qdisc")} (${made("qdisc").join(", ")})\n`,
    );
    // There was something to be seen.
    assert.ok(Number(/^here (\d+)$/m.exec(told)?.[1]) > 1, told);
    const names = (text: string): string[] => text.match(/^ *\S+(?=:)/gm) ?? [];
    assert.deepEqual(names(await inside("cat", "/proc/net/dev")), names(before));
    assert.deepEqual(
      results.filter(({ what }) => what === "family").map(({ error }) => error),
      FAMILIES.map(() => EPERM),
    );
  });
});
