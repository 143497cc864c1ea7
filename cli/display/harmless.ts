import type { Global } from "./wire.ts";

/**
 * The interfaces that a browser may be given, each with what it is for: those that Wayland's own protocols and GTK
 * call everybody's, and with which a client sees, types into and moves nothing but its own windows. Whatever is not
 * here counts as a way to the prompts for consent, since nobody knows what a compositor will call its next one.
 * Missing on purpose are those that need not be: what lends out a device (`wp_drm_lease_device_v1`), and what moves
 * the pointer (`wp_pointer_warp_v1`).
 */
const HARMLESS = new Set([
  // To draw: surfaces, pictures in memory, on the GPU, and of one colour; when and how they are shown.
  "wl_compositor",
  "wl_subcompositor",
  "wl_shm",
  "wl_drm",
  "wl_fixes",
  "zwp_linux_dmabuf_v1",
  "zwp_linux_explicit_synchronization_v1",
  "wp_linux_drm_syncobj_manager_v1",
  "wp_single_pixel_buffer_manager_v1",
  "wp_viewporter",
  "wp_fractional_scale_manager_v1",
  "wp_alpha_modifier_v1",
  "wp_color_manager_v1",
  "wp_color_representation_manager_v1",
  "wp_content_type_manager_v1",
  "wp_presentation",
  "wp_tearing_control_manager_v1",
  "wp_fifo_manager_v1",
  "wp_commit_timing_manager_v1",
  // To have windows: their frames, icons, dialogues, and a wish for the focus, which the compositor judges.
  "xdg_wm_base",
  "xdg_wm_dialog_v1",
  "xdg_activation_v1",
  "xdg_toplevel_icon_manager_v1",
  "xdg_toplevel_drag_manager_v1",
  "xdg_toplevel_tag_manager_v1",
  "xdg_system_bell_v1",
  "zxdg_decoration_manager_v1",
  "org_kde_kwin_server_decoration_manager",
  "gtk_shell1",
  // To be the parent of a window whose owner has passed on its secret handle.
  "zxdg_exporter_v1",
  "zxdg_importer_v1",
  "zxdg_exporter_v2",
  "zxdg_importer_v2",
  // To know the screens' sizes, and keep them on while a film runs; to learn that nobody is there, not what is typed.
  "wl_output",
  "zxdg_output_manager_v1",
  "zwp_idle_inhibit_manager_v1",
  "ext_idle_notifier_v1",
  // Keys, pointer, pen and fingers: of those that are over its own window or while it has the focus. So with the
  // compositor's own shortcuts, and with a pointer that is held: it is let go when the focus is lost.
  "wl_seat",
  "zwp_text_input_manager_v3",
  "zwp_tablet_manager_v2",
  "zwp_pointer_constraints_v1",
  "zwp_relative_pointer_manager_v1",
  "zwp_pointer_gestures_v1",
  "zwp_input_timestamps_manager_v1",
  "zwp_keyboard_shortcuts_inhibit_manager_v1",
  "wp_cursor_shape_manager_v1",
  // The clipboard and dragging: while its window has the focus.
  "wl_data_device_manager",
  "zwp_primary_selection_device_manager_v1",
]);

/** The names of what is offered and not known to be harmless, in order. */
export function unknownAmong(globals: Global[]): string[] {
  const names = new Set(globals.map((global) => global.interface));
  return [...names.difference(HARMLESS)].toSorted();
}
