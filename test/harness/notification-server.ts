import { type Body, type BusService, busTexts, openBusService } from "./bus-service.ts";

/** A real session bus, with a service on it that shows notifications to the test (Desktop Notifications Specification). */
export interface NotificationServer extends AsyncDisposable {
  /** DBUS_SESSION_BUS_ADDRESS */
  address: string;
  /** What was shown, each as the bytes that came. */
  shown: string[];
  /** Presses a button of the latest, by its name. */
  press(action: string): void;
}

const PATH = "/org/freedesktop/Notifications";
const ID = Buffer.from([7, 0, 0, 0]);

export async function openNotificationServer(): Promise<NotificationServer> {
  const shown: string[] = [];
  const service: BusService = await openBusService("org.freedesktop.Notifications", answer);

  function answer(member: string, body: Buffer): Body {
    switch (member) {
      case "GetServerInformation":
        return { signature: "ssss", bytes: busTexts("test", "test", "1", "1.2") };
      case "GetCapabilities":
        return { signature: "as", bytes: withLength(busTexts("actions", "body")) };
      case "GetAll":
        // No properties; an entry would begin at the next multiple of 8.
        return { signature: "a{sv}", bytes: Buffer.alloc(8) };
      case "Notify":
        shown.push(body.toString());
        return { signature: "u", bytes: ID };
      default:
        return { signature: "", bytes: Buffer.alloc(0) };
    }
  }

  return {
    address: service.address,
    shown,
    press: (action) => {
      service.tell(PATH, "ActionInvoked", { signature: "us", bytes: Buffer.concat([ID, busTexts(action)]) });
      service.tell(PATH, "NotificationClosed", {
        signature: "uu",
        bytes: Buffer.concat([ID, Buffer.from([2, 0, 0, 0])]),
      });
    },
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}
