import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { execa } from "execa";

/** A server in a network namespace of its own, which this machine reaches, and forwards to, by a veth pair. */
export interface InternetSide extends AsyncDisposable {
  /** Not among this machine's own addresses. */
  address: string;
  /** This machine's address on that side. */
  hostAddress: string;
  port: number;
}

const SERVER = `
  const answer = (socket) => socket.on("error", () => {}).end("reached");
  require("node:net").createServer(answer).listen(0, function () { console.log(this.address().port); });
  process.stdin.on("end", () => process.exit()).resume();
`;

/**
 * Needs root, and iproute2. The addresses are of the block for tests of networks (RFC 2544), four for each process, so
 * that what a killed run left, or another one uses, is in nobody's way.
 */
export async function openInternetSide(): Promise<InternetSide> {
  await using parts = new AsyncDisposableStack();
  const name = `pt${process.pid}`;
  const hostAddress = addressOf(1);
  const address = addressOf(2);
  const ip = (line: string) => execa("ip", line.split(" "));
  await ip(`netns add ${name}`);
  // The pair goes with the namespace.
  parts.defer(async () => void (await ip(`netns delete ${name}`)));
  await ip(`link add ${name}a type veth peer name ${name}b netns ${name}`);
  await ip(`address add ${hostAddress}/30 dev ${name}a`);
  await ip(`link set ${name}a up`);
  await ip(`-n ${name} address add ${address}/30 dev ${name}b`);
  await ip(`-n ${name} link set ${name}b up`);
  await ip(`-n ${name} route add default via ${hostAddress}`);
  const server = spawn("ip", ["netns", "exec", name, process.execPath, "-e", SERVER], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  parts.defer(async () => {
    if (server.exitCode !== null) return;
    server.stdin.end();
    await once(server, "exit", { signal: AbortSignal.timeout(30_000) });
  });
  const [line] = await once(server.stdout, "data", { signal: AbortSignal.timeout(60_000) });
  const port = Number(String(line));
  // From here first, so that what a test sees of it is about the browser's way and not about this side of it.
  const pieces: unknown[] = await connect(port, address).toArray();
  if (pieces.join("") !== "reached") throw new Error(`${address} says ${pieces.join("")}`);
  const kept = parts.move();
  return { address, hostAddress, port, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function addressOf(host: number): string {
  const number = (process.pid % 32_768) * 4 + host;
  return `198.${18 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
}
