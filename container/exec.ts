import { Duplex, PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { PosternError } from "#protocol/error.ts";
import type { Container } from "./containers.ts";
import type { Engine } from "./engine.ts";

/** A program that runs in a container beside the container's own. */
export interface Execution {
  /** Writes to its standard input, reads its standard output. Ending it ends its input. */
  stream: Duplex;
  stderr: PassThrough;
  /** Its exit code; to be asked for after the stream has ended. */
  exitCode: () => Promise<number>;
}

/**
 * Starts a program in a running container, as the container's user and under all its restrictions.
 * @throws PosternError `internal` when the container does not run
 */
export async function execStream(engine: Engine, container: Container, command: string[]): Promise<Execution> {
  try {
    const exec = await engine.getContainer(container.id).exec({
      Cmd: command,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    });
    const socket = await exec.start({ hijack: true, stdin: true });
    const stderr = new PassThrough();
    const stream = joinStreams(socket, (stdout) => engine.modem.demuxStream(socket, stdout, stderr));
    socket.once("close", () => stderr.end());
    return { stream, stderr, exitCode: async () => (await exec.inspect()).ExitCode ?? -1 };
  } catch {
    throw new PosternError("internal", `The container ${container.name} does not run.`, "Start it with: postern up");
  }
}

/** Runs a program to its end. */
export async function execute(
  engine: Engine,
  container: Container,
  command: string[],
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const execution = await execStream(engine, container, command);
  execution.stream.end();
  const [stdout, stderr] = await Promise.all([text(execution.stream), text(execution.stderr)]);
  return { exitCode: await execution.exitCode(), stdout, stderr };
}

/** One stream of the two directions: what is written goes to the socket as it is, what is read was taken apart. */
function joinStreams(socket: Duplex, takeApart: (stdout: PassThrough) => void): Duplex {
  const stdout = new PassThrough();
  const joined = new Duplex({
    read: () => void stdout.resume(),
    write: (piece: Uint8Array, _, done) => void socket.write(piece, done),
    final: (done) => void socket.end(done),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  stdout.on("data", (piece: Uint8Array) => {
    if (!joined.push(piece)) stdout.pause();
  });
  stdout.on("end", () => joined.push(null));
  // Both, since an engine that breaks off does not end the stream first; whoever reads then sees the end.
  socket.once("end", () => stdout.end());
  socket.once("close", () => stdout.end());
  socket.on("error", () => socket.destroy());
  takeApart(stdout);
  return joined;
}
