import { networkInterfaces } from "node:os";
import type { NetworkInspectInfo } from "dockerode";
import { PosternError } from "#protocol/error.ts";
import { KIND_LABEL, SESSION_LABEL, ownership } from "./contained.ts";
import { startContainer } from "./containers.ts";
import type { Engine } from "./engine.ts";
import { guardSpec, namespaceSpec } from "./launch-spec.ts";

export interface NetworkInput {
  image: string;
  gate: string;
  session: string;
  user: string;
}

/**
 * The way to the internet of one gate's browser: a bridge of its own, a container that holds the network namespace
 * which the browser then joins, and rules in that namespace, in force before there is a browser in it.
 * Disposing of it takes all of that away; the browser has to be gone.
 * @throws PosternError `internal` when the engine refuses, or when the kernel does not take the rules
 */
export async function openNetwork(engine: Engine, input: NetworkInput, signal: AbortSignal): Promise<AsyncDisposable> {
  await using parts = new AsyncDisposableStack();
  const { gate, session } = input;
  const name = `postern-${gate}-${session}`;
  const network = await engine
    .createNetwork({
      Name: name,
      Driver: "bridge",
      EnableIPv6: false,
      Labels: { [KIND_LABEL]: "network", [SESSION_LABEL]: session, ...ownership(engine) },
      Options: { "com.docker.network.bridge.enable_icc": "false" },
    })
    .catch(() => {
      const message = `The container engine would not make the network ${name}.`;
      throw new PosternError("internal", message, "Without the internet: postern up --network none");
    });
  parts.defer(() => network.remove().catch(() => undefined));
  const found = await network.inspect();
  parts.use(await startContainer(engine, namespaceSpec({ ...input, network: name }), signal));
  // The new bridge's own address is among the host's; an engine without root has it in a namespace of its own.
  const closed = new Set([...hostAddresses(), ...gateways(found)]);
  await using guard = await startContainer(engine, guardSpec({ ...input, closed: [...closed] }), signal);
  const { code } = await guard.exited;
  signal.throwIfAborted();
  if (code !== 0) throw notClosed();
  const kept = parts.move();
  return { [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function notClosed(): PosternError {
  const message = "This machine's addresses could not be closed to the browser, so it was not started.";
  const hint = "The kernel needs nf_tables (modprobe nf_tables). Without the internet: postern up --network none";
  return new PosternError("internal", message, hint);
}

function hostAddresses(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((those) => those ?? []);
  // IPv6 is closed as a whole.
  return addresses.filter(({ family }) => family === "IPv4").map(({ address }) => address);
}

function gateways({ IPAM }: NetworkInspectInfo): string[] {
  return (IPAM?.Config ?? []).flatMap(({ Gateway }) => Gateway ?? []);
}
