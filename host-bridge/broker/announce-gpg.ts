import { connectSocket } from "#wire/socket.ts";

/**
 * Comes and goes without a word where the session process relays to gpg-agent, which it takes for the announcement of a
 * gpg: that will find the agent connected. Where nothing listens, gpg will say so.
 * @param relay its socket
 */
export function announceGpg(relay: string): void {
  connectSocket(relay).then(
    (socket) => socket.destroy(),
    () => undefined,
  );
}
