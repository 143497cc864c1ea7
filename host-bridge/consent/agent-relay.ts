import { type Server, createServer } from "node:net";
import { type AgentConversation, type AgentEffects, converse } from "./agent-conversation.ts";
import { type StoreKeys, serveAgentPeer } from "./agent-peer.ts";

interface Effects extends AgentEffects, StoreKeys {
  /** How long a connection to the agent is kept for the next peer, in milliseconds. */
  readyLifetime?: number;
}

/** Long enough to choose and consent. Not longer: an agent that is told by a signal to end waits for its connections. */
const READY_LIFETIME = 30_000;

/**
 * Serves gpg in the vault as an agent that can do nothing but decrypt with the store's keys. Who comes and goes without a
 * word has announced the next: it finds a connection to the real agent made.
 */
export function createAgentRelay({ keygrips, describe, readyLifetime = READY_LIFETIME, ...agent }: Effects): Server {
  let ready: { conversation: AgentConversation; timer: NodeJS.Timeout } | undefined;

  const server = createServer((socket) => {
    const conversation = ready?.conversation ?? converse(agent);
    clearTimeout(ready?.timer);
    ready = undefined;
    socket.once("close", () => {
      if (socket.bytesRead === 0 && ready === undefined && server.listening) keep(conversation);
      else conversation.hangUp();
    });
    serveAgentPeer(socket, { keygrips, describe, conversation });
  });
  server.once("close", drop);
  return server;

  function keep(conversation: AgentConversation): void {
    ready = { conversation, timer: setTimeout(drop, readyLifetime).unref() };
  }

  function drop(): void {
    clearTimeout(ready?.timer);
    ready?.conversation.hangUp();
    ready = undefined;
  }
}
