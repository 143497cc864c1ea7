import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { BrokerControl } from "#cli/session/broker-orders.ts";
import { serveSocket } from "#cli/session/listen.ts";
import { isSessionOrder } from "#protocol/generated/control.ts";
import { parseWith } from "#protocol/messages.ts";
import { MAX_REPLY_BYTES, MAX_REQUEST_BYTES } from "#protocol/names.ts";
import { answerRequests } from "#wire/answer.ts";
import type { Run } from "./postern.ts";
import { temporaryDirectory } from "./temporary.ts";

const PROGRAM = join(import.meta.dirname, "../../dist/postern.cjs");

/** The `postern` command as it ships, in a home of its own, for what needs no container. */
export interface TestCommand extends AsyncDisposable {
  home: string;
  environment: Record<string, string>;
  run(...parameters: string[]): Promise<Run>;
  /** For one that goes on: what it has written so far, and its end. */
  start(...parameters: string[]): { child: ChildProcess; written: () => Omit<Run, "exitCode">; ended: Promise<Run> };
}

/** @param control of a broker: the test then stands in the place of the session process, and passes orders on */
export async function testCommand(control?: BrokerControl): Promise<TestCommand> {
  await using parts = new AsyncDisposableStack();
  const { path: home } = parts.use(await temporaryDirectory());
  const runtime = join(home, "run/postern");
  await mkdir(runtime, { recursive: true, mode: 0o700 });
  if (control !== undefined) parts.use(await standIn(join(runtime, "session.sock"), control));
  const environment = { PATH: process.env.PATH ?? "", HOME: home, XDG_RUNTIME_DIR: join(home, "run"), TZ: "UTC" };

  const running = parts.use(new AsyncDisposableStack());
  const start: TestCommand["start"] = (...parameters) => {
    const child = spawn(process.execPath, [PROGRAM, ...parameters], {
      env: environment,
      cwd: home,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (piece: Buffer) => (stdout += piece.toString()));
    child.stderr.on("data", (piece: Buffer) => (stderr += piece.toString()));
    const written = (): Omit<Run, "exitCode"> => ({ stdout, stderr });
    // Also where the test failed before its end.
    running.defer(() => void child.kill("SIGKILL"));
    const ended = once(child, "close").then(([exitCode]) => ({ exitCode, ...written() }));
    return { child, written, ended };
  };

  const kept = parts.move();
  const run: TestCommand["run"] = (...parameters) => start(...parameters).ended;
  return { home, environment, run, start, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function standIn(path: string, control: BrokerControl): Promise<AsyncDisposable> {
  return serveSocket(path, (socket) => {
    answerRequests(socket, {
      maxIncoming: MAX_REQUEST_BYTES,
      maxOutgoing: MAX_REPLY_BYTES,
      parse: (value) => parseWith(isSessionOrder, "order", value),
      answer: async (order) => {
        if (order.type === "up" || order.type === "serve" || order.type === "down") throw new Error("not here");
        if (order.type === "status") return await control.status();
        const { type, gate } = order;
        return await control.order({ type, ...(gate === undefined ? {} : { gate }) });
      },
    });
  });
}
