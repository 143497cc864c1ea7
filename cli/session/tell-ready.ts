import { execa } from "execa";
import { PosternError } from "#protocol/error.ts";

/**
 * Tells the service manager that started this process, where one did, that it is ready (sd_notify(3)).
 * @throws PosternError `internal` when it can not be told
 */
export async function tellReady({ NOTIFY_SOCKET, PATH = "/usr/bin:/bin" }: NodeJS.ProcessEnv): Promise<void> {
  if (NOTIFY_SOCKET === undefined) return;
  // Node has no datagram sockets but those of a network.
  const options = { env: { PATH, NOTIFY_SOCKET }, extendEnv: false, stdio: "ignore", reject: false } as const;
  const { failed } = await execa("systemd-notify", ["--ready"], options);
  if (failed) throw new PosternError("internal", "The service manager can not be told that Postern is ready.");
}
