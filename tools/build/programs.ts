export interface Program {
  /** The source that wires and starts it. */
  entry: string;
  /** Its one file below dist/. */
  bundle: string;
  /** Whether it is called by its own name. */
  isCommand?: true;
}

export const PROGRAMS: Program[] = [
  { entry: "cli/main.ts", bundle: "postern.cjs", isCommand: true },
  { entry: "cli/session/main.ts", bundle: "postern-session.cjs" },
  { entry: "host-bridge/consent/prompt/main.ts", bundle: "postern-prompt.cjs" },
  { entry: "host-bridge/relays/sound/main.ts", bundle: "postern-sound.cjs" },
  { entry: "host-bridge/host/main.ts", bundle: "postern-host.cjs" },
  { entry: "host-bridge/broker/main.ts", bundle: "postern-broker.cjs" },
  { entry: "container/login-page/main.ts", bundle: "login-page.cjs" },
];
