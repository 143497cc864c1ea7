import type { PosternError } from "#protocol/error.ts";
import type { Connect, PortListener } from "#extension/native/connection.ts";

export interface FakePort {
  sent: { id: number; type: string; [field: string]: unknown }[];
  listener: PortListener;
  isOpen: boolean;
}

/** A native port whose other end the test plays: every connection made is a new one in `ports`. */
export function fakePorts(onSent: (port: FakePort, message: FakePort["sent"][number]) => void = () => undefined): {
  connect: Connect;
  ports: FakePort[];
} {
  const ports: FakePort[] = [];
  const connect: Connect = (listener) => {
    const port: FakePort = { sent: [], listener, isOpen: true };
    ports.push(port);
    return {
      post: (message) => {
        if (!port.isOpen) throw new Error("Attempt to postMessage on disconnected port");
        // What crosses the port is a copy.
        const copy: FakePort["sent"][number] = JSON.parse(JSON.stringify(message));
        port.sent.push(copy);
        queueMicrotask(() => onSent(port, copy));
      },
      close: () => (port.isOpen = false),
    };
  };
  return { connect, ports };
}

/** The host's end goes. */
export function drop(port: FakePort | undefined, reason: PosternError): void {
  if (port === undefined) throw new Error("There is no such port.");
  port.isOpen = false;
  port.listener.onClosed(reason);
}
