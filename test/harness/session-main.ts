import { createBrokerControl } from "#cli/session/broker-orders.ts";
import { serveSocket } from "#cli/session/listen.ts";
import { createWriter } from "#cli/session/saving/save-entry.ts";
import { type Session, serveConsent } from "#consent/consent-server.ts";

// What a session process is to the broker, made of its own parts and a person who says yes to everything; as a
// process of its own, to be killed. Its arguments: store, state and the directory of the sockets.
const [, , store = "", state = "", sockets = ""] = process.argv;
const environment = Object.entries(process.env).flatMap(([name, value]) =>
  value === undefined ? [] : [[name, value]],
);

const control = createBrokerControl();
await serveSocket(`${sockets}/control.sock`, (socket) => {
  control.accept(socket);
  void control.order({ type: "openGate", gate: "test" }).catch(() => undefined);
});
const write = await createWriter({ store, state }, Object.fromEntries(environment), Date.now);
const choose: Session["choose"] = async () => ({ answer: "deny" });
const session = { ask: async () => "once" as const, choose, tell: () => undefined, write };
await serveSocket(`${sockets}/consent.sock`, (socket) => serveConsent(socket, session));
