/** Names and descriptions for people, and what an output is; no numbers of processes, no identities, no routes. */
const HARMLESS: ReadonlySet<string> = new Set([
  "application.icon_name",
  "application.language",
  "application.name",
  "application.version",
  "device.bus",
  "device.class",
  "device.description",
  "device.form_factor",
  "device.icon_name",
  "device.product.name",
  "device.vendor.name",
  "media.icon_name",
  "media.name",
  "media.role",
]);

/** Whether a property may pass, in either direction (PulseAudio, pulse/proplist.h). Those of a format all may. */
export function harmless(name: string): boolean {
  return HARMLESS.has(name) || /^format\.[a-z_]+$/.test(name);
}
