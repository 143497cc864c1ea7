import { join } from "node:path";

/**
 * Where Postern's sockets lie, for the command and for the host that a browser starts alike.
 * @param temporary the directory for temporary files, used where XDG_RUNTIME_DIR is not set
 */
export function runtimeDirectory(environment: NodeJS.ProcessEnv, uid: number, temporary: string): string {
  const { XDG_RUNTIME_DIR } = environment;
  // The XDG Base Directory Specification wants paths that are not absolute ignored.
  const isSet = XDG_RUNTIME_DIR?.startsWith("/") === true;
  return isSet ? join(XDG_RUNTIME_DIR, "postern") : join(temporary, `postern-${uid}`);
}
