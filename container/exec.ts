import { Duplex } from "node:stream";
import type Dockerode from "dockerode";
import { PosternError } from "#protocol/error.ts";
import type { Container } from "./containers.ts";
import { MIB } from "./contained.ts";
import type { Engine } from "./engine.ts";
import { createDemultiplexer, readUpTo, textOf } from "./output.ts";

/** A program that runs in a container beside the container's own. Nobody reads its standard error. */
export interface Execution {
  /** Writes to its standard input, reads its standard output. Ending it ends its input. */
  stream: Duplex;
  /** Its exit code; to be asked for after the stream has ended. */
  exitCode: () => Promise<number>;
}

/** Nothing that is run to its end here has more to say. */
const MOST_OUTPUT = MIB;

/**
 * Starts a program in a running container, as the container's user and under all its restrictions. What nobody reads is
 * not fetched either: the program waits.
 * @throws PosternError `internal` when the container does not run
 */
export async function execStream(engine: Engine, container: Container, command: string[]): Promise<Execution> {
  const { socket, exitCode } = await start(engine, container, command, { AttachStderr: false });
  return { stream: joinStreams(socket), exitCode };
}

/**
 * Runs a program to its end.
 * @throws PosternError `internal` when the container does not run, or the program writes more than a megabyte
 */
export async function execute(
  engine: Engine,
  container: Container,
  command: string[],
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const { socket, exitCode } = await start(engine, container, command, { AttachStderr: true });
  socket.end();
  const { pieces, isWhole } = await readUpTo(MOST_OUTPUT, socket);
  if (!isWhole) {
    const message = `A program in ${container.name} wrote more than it has to say.`;
    throw new PosternError("internal", message, "End it, and begin again: postern down");
  }
  const stderr = textOf(pieces, ({ isError }) => isError);
  const stdout = textOf(pieces, ({ isError }) => !isError);
  return { exitCode: await exitCode(), stdout, stderr };
}

async function start(
  engine: Engine,
  container: Container,
  command: string[],
  output: Pick<Dockerode.ExecCreateOptions, "AttachStderr">,
): Promise<{ socket: Duplex; exitCode: () => Promise<number> }> {
  try {
    const exec = await engine
      .getContainer(container.id)
      .exec({ Cmd: command, AttachStdin: true, AttachStdout: true, ...output });
    const socket = await exec.start({ hijack: true, stdin: true });
    socket.on("error", () => socket.destroy());
    return { socket, exitCode: async () => (await exec.inspect()).ExitCode ?? -1 };
  } catch {
    throw new PosternError("internal", `The container ${container.name} does not run.`, "Start it with: postern up");
  }
}

/** One stream of the two directions: what is written goes to the socket as it is, what is read was taken apart. */
function joinStreams(socket: Duplex): Duplex {
  const takeApart = createDemultiplexer();
  const joined = new Duplex({
    read: () => void socket.resume(),
    write: (piece: Uint8Array, _, done) => void socket.write(piece, done),
    final: (done) => void socket.end(done),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on("data", (arrived: Uint8Array) => {
    for (const { bytes } of takeApart(arrived)) if (!joined.push(bytes)) socket.pause();
  });
  // Both, since an engine that breaks off does not end the stream first; whoever reads then sees the end.
  let isOver = false;
  const end = (): void => {
    if (!isOver) joined.push(null);
    isOver = true;
  };
  socket.once("end", end);
  socket.once("close", end);
  return joined;
}
