import { type Socket, createServer } from "node:net";
import { PosternError, toWireError } from "#protocol/error.ts";
import type { State } from "#protocol/messages.ts";
import type { AnsweringEnd } from "#wire/answer.ts";
import { encodeFrame } from "#wire/frame.ts";
import { type GateEnd, serveConnection } from "./connection.ts";
import type { EntryName } from "./entry-name.ts";
import { type GateSocket, listenAtGate } from "./gate-socket.ts";
import { locked } from "./locks.ts";
import { isVisible } from "./policy.ts";

export interface Gate extends AsyncDisposable {
  readonly name: string;
  state(): State;
  setState(state: State): void;
  /** Tells every connection that the store has changed; with names, where the gate may see one of these entries. */
  tellChanged(names?: ReadonlySet<EntryName>): void;
  connections(): number;
}

type Shared = Omit<GateEnd, "connection" | "state" | "lock">;

/**
 * One gate: a socket, and who comes by it.
 * @param onLock called when a connection asks for the lock
 * @throws PosternError `internal` when the directory can not be used or another broker listens there
 */
export async function openGate(
  place: GateSocket,
  initialState: State,
  shared: Shared,
  onLock: () => void,
): Promise<Gate> {
  const ends = new Set<AnsweringEnd>();
  let state = initialState;
  let lastConnection = 0;

  const server = createServer({ allowHalfOpen: true }, accept);
  const listening = await listenAtGate(server, shared.gate, place);

  function accept(socket: Socket): void {
    if (ends.size >= shared.policy().limits.connections) {
      socket.on("error", () => socket.destroy());
      socket.write(encodeFrame(Buffer.from(JSON.stringify({ id: 0, ok: false, error: toWireError(full()) })), "LE"));
      // Whether or not the peer ends its side: one that does not would keep the broker's.
      socket.destroySoon();
      return;
    }
    lastConnection += 1;
    const end = serveConnection(socket, {
      ...shared,
      connection: lastConnection,
      state: () => state,
      lock: onLock,
    });
    ends.add(end);
    end.closed.addEventListener("abort", () => ends.delete(end));
  }

  function tell(event: object): void {
    for (const end of ends) end.tell(event);
  }

  function tellChanged(names?: ReadonlySet<EntryName>): void {
    const isSeen = names === undefined || names.values().some((name) => isVisible(shared.policy(), name));
    if (isSeen) tell({ event: "storeChanged" });
  }

  function setState(next: State): void {
    if (next === state) return;
    state = next;
    // What waits is answered no more.
    if (state === "locked") for (const end of ends) end.refusePending(locked(shared.gate));
    tell({ event: "state", state });
  }

  return {
    name: shared.gate,
    state: () => state,
    setState,
    tellChanged,
    connections: () => ends.size,
    [Symbol.asyncDispose]: async () => {
      for (const end of ends) end.close();
      await listening[Symbol.asyncDispose]();
    },
  };
}

function full(): PosternError {
  return new PosternError(
    "busy",
    "Too many connections to this gate are open.",
    "Close tabs or windows, then try again.",
  );
}
