import { statSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Container, startContainer } from "#container/containers.ts";
import { closeDownloads } from "#container/downloads.ts";
import { type Engine, connectEngine } from "#container/engine.ts";
import { execute } from "#container/exec.ts";
import { type BuiltImage, ensureImage } from "#container/images.ts";
import { type ContainerSpec, firefoxSpec, sessionName, vaultSpec } from "#container/launch-spec.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

export const DIST = join(import.meta.dirname, "../../dist");

const images = new Map<string, Promise<BuiltImage>>();

/** The image of a kind, built once for all test files. */
export function testImage(engine: Engine, kind: "firefox" | "vault"): Promise<BuiltImage> {
  const built =
    images.get(kind) ??
    ensureImage({ engine, kind, files: DIST, onProgress: () => undefined, signal: AbortSignal.timeout(300_000) });
  images.set(kind, built);
  return built;
}

/** A container under test. */
export interface Running extends AsyncDisposable {
  engine: Engine;
  container: Container;
  spec: ContainerSpec;
  /** A folder of the host that holds what the container is given. */
  home: string;
  /** Runs a shell's command line inside. */
  sh: (line: string) => Promise<{ exitCode: number; stdout: string; stderr: string }>;
  /** Runs a line of Perl inside: the one interpreter of a minimal Debian. */
  perl: (line: string) => Promise<string>;
}

/** Does nothing, in the place of the container's own program: only the sandbox is looked at. */
const IDLE = { Entrypoint: ["/usr/libexec/postern/node", "-e", "setInterval(() => {}, 1e6)"], Cmd: [] };

export async function runBrowser({ isIdle }: { isIdle: boolean }): Promise<Running> {
  return await run("firefox", isIdle, (image, home) =>
    firefoxSpec({
      image,
      gate: "test",
      user: "65532:65532",
      gateDirectory: join(home, "gates/test"),
      gateIdentity: identityOf(join(home, "gates/test")),
      profile: "ephemeral",
      network: "none",
      desktop: { languages: [], colorScheme: "light", fonts: [] },
      downloads: join(home, "downloads"),
      sound: undefined,
      headless: true,
    }),
  );
}

function identityOf(path: string): string {
  const { dev, ino } = statSync(path, { bigint: true });
  return `${dev}:${ino}`;
}

/** A vault without its broker. */
export async function runVault(): Promise<Running> {
  // Its user is the store's owner, and so whoever runs the tests.
  const user = `${process.getuid?.()}:${process.getgid?.()}`;
  return await run("vault", true, (image, home) =>
    vaultSpec({
      image,
      user,
      stores: [{ path: join(home, "store") }],
      gnupg: join(home, "gnupg"),
      gates: join(home, "gates"),
      session: join(home, "session"),
      config: join(home, "config"),
      log: join(home, "log"),
      demo: false,
    }),
  );
}

async function run(
  kind: "firefox" | "vault",
  isIdle: boolean,
  specOf: (image: string, home: string) => ContainerSpec,
): Promise<Running> {
  await using parts = new AsyncDisposableStack();
  const engine = await connectEngine(process.env);
  const { reference } = await testImage(engine, kind);
  const home = parts.use(await temporaryDirectory()).path;
  for (const name of ["store", "gnupg", "session", "config", "log", "gates", "gates/test", "downloads"])
    await mkdir(join(home, name));
  // Another user than this one runs the browser.
  for (const name of ["gates/test", "downloads"]) await chmod(join(home, name), 0o777);
  const spec = specOf(reference, home);
  const started = isIdle ? { ...spec, ...IDLE } : spec;
  const container = parts.use(await startContainer(engine, started, AbortSignal.timeout(60_000)));
  if (kind === "firefox") {
    const input = { image: reference, gate: "test", session: sessionName(join(home, "gates")) };
    await closeDownloads(engine, container, input, AbortSignal.timeout(60_000));
  }
  const kept = parts.move();
  return {
    engine,
    container,
    spec: started,
    home,
    sh: (line) => execute(engine, container, ["sh", "-c", line]),
    perl: async (line) => {
      const { exitCode, stdout, stderr } = await execute(engine, container, ["perl", "-MSocket", "-e", line]);
      if (exitCode !== 0) throw new Error(stderr);
      return stdout;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
