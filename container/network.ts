import type { NetworkInspectInfo } from "dockerode";
import { PosternError } from "#protocol/error.ts";
import { KIND_LABEL, SESSION_LABEL, ownership } from "./contained.ts";
import { startContainer } from "./containers.ts";
import type { Engine } from "./engine.ts";
import { keepRules } from "./kept-rules.ts";
import { guardSpec, namespaceSpec } from "./launch-spec.ts";

export interface NetworkInput {
  image: string;
  gate: string;
  session: string;
  user: string;
  /** Told once, when the rules can no longer be renewed: nothing passes then. */
  lapsed: () => void;
}

/**
 * The way to the internet of one gate's browser: a bridge of its own, a container that holds the network namespace
 * which the browser then joins, and rules in that namespace, in force before there is a browser in it and renewed.
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
  const guard = parts.use(await startContainer(engine, guardSpec(input), signal));
  // This machine's own are among its addresses; an engine without root has them in a namespace of its own.
  parts.use(await keepRules(engine, guard, gateways(found), input.lapsed));
  signal.throwIfAborted();
  const kept = parts.move();
  return { [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function gateways({ IPAM }: NetworkInspectInfo): string[] {
  return (IPAM?.Config ?? []).flatMap(({ Gateway }) => Gateway ?? []);
}
