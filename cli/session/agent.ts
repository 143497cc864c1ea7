import type { Socket } from "node:net";
import { execa } from "execa";
import { connectSocket } from "#wire/socket.ts";

/** @returns what connects to the user's gpg-agent over its restricted (extra) socket, starting the agent if need be */
export function agentConnector(environment: Record<string, string>): () => Promise<Socket> {
  let known = "";

  async function locate(): Promise<string> {
    const options = { env: environment, extendEnv: false, stderr: "ignore" } as const;
    await execa("gpgconf", ["--launch", "gpg-agent"], { ...options, reject: false });
    return (await execa("gpgconf", ["--list-dirs", "agent-extra-socket"], options)).stdout.trim();
  }

  return async () => {
    // The socket moves when the agent's home or the run-time directory does, so a failure is looked into once.
    const socket = known === "" ? undefined : await connectSocket(known).catch(() => undefined);
    if (socket !== undefined) return socket;
    known = await locate();
    return await connectSocket(known);
  };
}

/** Ends the agent of a key home, where one runs. */
export async function endAgent(environment: Record<string, string>): Promise<void> {
  await execa("gpgconf", ["--kill", "gpg-agent"], {
    env: environment,
    extendEnv: false,
    reject: false,
    stderr: "ignore",
  });
}

/** Where the agent's own pinentry draws, as values of the agent's OPTION command. */
export function agentOptions(environment: NodeJS.ProcessEnv, terminal?: { tty: string; term: string }): string[] {
  const tty = terminal?.tty ?? environment.GPG_TTY;
  const term = terminal?.term ?? environment.TERM;
  return [
    ...(tty === undefined ? [] : [`ttyname=${tty}`, `ttytype=${term ?? "dumb"}`]),
    ...(environment.DISPLAY === undefined ? [] : [`display=${environment.DISPLAY}`]),
    ...(environment.XAUTHORITY === undefined ? [] : [`xauthority=${environment.XAUTHORITY}`]),
    ...(environment.WAYLAND_DISPLAY === undefined ? [] : [`putenv=WAYLAND_DISPLAY=${environment.WAYLAND_DISPLAY}`]),
    `lc-ctype=${environment.LC_ALL ?? environment.LC_CTYPE ?? environment.LANG ?? "C.UTF-8"}`,
  ];
}
