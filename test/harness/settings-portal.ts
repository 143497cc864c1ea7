import { openBusService } from "./bus-service.ts";

/** A real session bus, with a service on it that answers as the desktop's settings do. */
export interface SettingsPortal extends AsyncDisposable {
  /** DBUS_SESSION_BUS_ADDRESS */
  address: string;
  /** 0 no preference, 1 dark, 2 light; undefined: it never answers. */
  colorScheme: number | undefined;
}

export async function openSettingsPortal(): Promise<SettingsPortal> {
  const service = await openBusService("org.freedesktop.portal.Desktop", () => {
    if (portal.colorScheme === undefined) return undefined;
    // A variant in a variant, as "Read" has it: signature `v`, then signature `u`, then the number.
    const bytes = Buffer.from([1, 0x76, 0, 1, 0x75, 0, 0, 0, portal.colorScheme, 0, 0, 0]);
    return { signature: "v", bytes };
  });
  const portal: SettingsPortal = {
    address: service.address,
    colorScheme: 0,
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
  return portal;
}
