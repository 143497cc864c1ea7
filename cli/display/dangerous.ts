import type { Global } from "./wire.ts";

/**
 * Interfaces with which a client reaches other clients, the prompts for consent among them: that press keys, move the
 * pointer, read or write the clipboard behind a user's back, see the screen, draw over everything, or hold all input.
 * Whatever such an interface is called next year is not known here: of those that a compositor's own documentation
 * calls privileged, these are all that sway, the wlroots family, Weston and KWin offer today.
 */
const DANGEROUS = new Set([
  "ext_data_control_manager_v1",
  "ext_foreign_toplevel_image_capture_source_manager_v1",
  "ext_foreign_toplevel_list_v1",
  "ext_image_copy_capture_manager_v1",
  "ext_output_image_capture_source_manager_v1",
  "ext_session_lock_manager_v1",
  "ext_transient_seat_manager_v1",
  "kde_lockscreen_overlay_v1",
  "org_kde_kwin_fake_input",
  "org_kde_kwin_keystate",
  "org_kde_plasma_shell",
  "org_kde_plasma_window_management",
  "weston_capture_v1",
  "weston_screenshooter",
  "zkde_screencast_unstable_v1",
  "zwlr_data_control_manager_v1",
  "zwlr_export_dmabuf_manager_v1",
  "zwlr_foreign_toplevel_manager_v1",
  "zwlr_input_inhibit_manager_v1",
  "zwlr_layer_shell_v1",
  "zwlr_output_manager_v1",
  "zwlr_screencopy_manager_v1",
  "zwlr_virtual_pointer_manager_v1",
  "zwp_input_method_manager_v2",
  "zwp_input_method_v1",
  "zwp_input_panel_v1",
  "zwp_virtual_keyboard_manager_v1",
]);

/** The names of what is offered and dangerous, in order. */
export function dangerousAmong(globals: Global[]): string[] {
  const names = new Set(globals.map((global) => global.interface));
  return [...names.intersection(DANGEROUS)].toSorted();
}
