import assert from "node:assert/strict";
import { removeLeftovers, startContainer } from "#container/containers.ts";
import { execStream, execute } from "#container/exec.ts";
import { SESSION_LABEL } from "#container/contained.ts";
import { eventually } from "#test/harness/eventually.ts";
import { type Running, runVault } from "./running.ts";

describe("a container", () => {
  let running: Running;
  before(async function () {
    this.timeout(300_000);
    running = await runVault();
  });
  after(() => running[Symbol.asyncDispose]());

  /** A name that no other container has, of another run either. */
  const named = (name: string): string => `${running.spec.name}-${name}`;
  const signal = (): AbortSignal => AbortSignal.timeout(45_000);

  async function lastOf(line: string): Promise<{ code: number; lastLines: string[] }> {
    const spec = { ...running.spec, name: named("short"), Entrypoint: ["/usr/libexec/postern/node", "-e", line] };
    await using container = await startContainer(running.engine, spec, signal());
    // Disposing of what is gone is no error.
    return await container.exited;
  }

  it("that ends says how, with what it wrote, though nothing of it is logged", async () => {
    const { code, lastLines } = await lastOf("console.log('what'); console.error('why'); process.exit(7)");
    assert.equal(code, 7);
    // In whichever order the two came.
    assert.deepEqual(new Set(lastLines), new Set(["what", "why"]));
  });

  it("that wrote much says the last of it", async () => {
    const { lastLines } = await lastOf("for (let i = 0; i < 50; i++) console.log('line ' + i)");
    assert.deepEqual(
      lastLines,
      Array.from({ length: 20 }, (_, index) => `line ${index + 30}`),
    );
  });

  it("of a crashed session gives its name to the new one", async () => {
    const spec = { ...running.spec, name: named("again") };
    const first = await startContainer(running.engine, spec, signal());
    await using second = await startContainer(running.engine, spec, signal());
    assert.notEqual(first.id, second.id);
    await first.exited;
  });

  it("of a crashed session is found by its label and removed", async () => {
    const session = named("crashed");
    const labels = { ...running.spec.Labels, [SESSION_LABEL]: session };
    const spec = { ...running.spec, name: named("left"), Labels: labels };
    const container = await startContainer(running.engine, spec, signal());
    await removeLeftovers(running.engine, session);
    await container.exited;
    await assert.rejects(running.engine.getContainer(container.id).inspect(), { statusCode: 404 });
    assert.equal((await running.sh("true")).exitCode, 0);
  });

  it("without its image, or that the engine refuses, is told so and leaves nothing", async () => {
    const name = named("refused");
    const absent = { ...running.spec, name, Image: "postern/absent:latest" };
    await assert.rejects(startContainer(running.engine, absent, signal()), { message: /no image postern\/absent/ });
    const Mounts = [{ Type: "bind", Source: "/nowhere/at/all", Target: "/x" }] as const;
    const refused = { ...running.spec, name, HostConfig: { ...running.spec.HostConfig, Mounts: [...Mounts] } };
    await assert.rejects(startContainer(running.engine, refused, signal()), {
      message: /would not start postern-vault/,
    });
    await assert.rejects(running.engine.getContainer(name).inspect(), { statusCode: 404 });
  });

  it("runs a program to its end", async () => {
    const { exitCode, stdout, stderr } = await running.sh("echo out; echo err >&2; exit 3");
    assert.deepEqual({ exitCode, stdout, stderr }, { exitCode: 3, stdout: "out\n", stderr: "err\n" });
  });

  it("carries a program's input and output, a megabyte of any bytes", async () => {
    const { stream, exitCode } = await execStream(running.engine, running.container, ["cat"]);
    const bytes = Buffer.alloc(1024 * 1024, Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)));
    stream.end(bytes);
    assert.ok(Buffer.concat(await stream.toArray()).equals(bytes));
    assert.equal(await exitCode(), 0);
  });

  it("ends a program when whoever started it lets go", async () => {
    const { stream, exitCode } = await execStream(running.engine, running.container, ["cat"]);
    stream.destroy();
    await eventually("cat has ended", async () => (await exitCode()) === 0);
  });

  it("that is gone runs nothing", async () => {
    const gone = { ...running.container, id: "0".repeat(64) };
    await assert.rejects(execute(running.engine, gone, ["true"]), { code: "internal", hint: /postern up/ });
  });
});
