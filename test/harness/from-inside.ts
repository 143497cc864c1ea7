import assert from "node:assert/strict";
import { execute } from "#container/exec.ts";
import type { TestPostern } from "./postern.ts";

/** Connects from inside with every way to name the interface that a program without rights has. */
const TRY = `
  my ($address, $port, $device) = @ARGV;
  socket(my $s, AF_INET, SOCK_STREAM, 0) or die;
  if ($device ne "") { setsockopt($s, SOL_SOCKET, 25, "$device\\0") or die "bind: $!" }
  $SIG{ALRM} = sub { print "timeout"; exit };
  alarm 5;
  connect($s, pack_sockaddr_in($port, inet_aton($address))) or do { print "$!"; exit };
  print <$s>;
`;

/**
 * Connects to an address as a program in the browser's container does.
 * @param device the interface that its socket is bound to
 * @returns what it is told, why it cannot connect, or `timeout`
 */
export async function askFromInside(postern: TestPostern, address: string, port: number, device = ""): Promise<string> {
  const command = ["perl", "-MSocket", "-e", TRY, address, String(port), device];
  const { stdout, stderr } = await execute(postern.engine, await postern.container("firefox"), command);
  assert.equal(stderr, "");
  return stdout;
}
