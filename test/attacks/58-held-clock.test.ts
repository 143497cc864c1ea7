import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { execStream } from "#container/exec.ts";
import { eventually } from "#test/harness/eventually.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";
import { sessionProcesses } from "#test/harness/session-process.ts";
import { type TestSoundServer, startSoundServer } from "#test/harness/sound-server.ts";

const NODE = "/usr/libexec/postern/node";
/**
 * Sixteen connections, each of which sends commands of a mebibyte that is all values of no length, and opens anew when
 * it is closed; until its input ends. Then it says how many of them were taken to the end.
 */
const FLOOD = `
  const { connect } = require("node:net");
  const payload = Buffer.concat([Buffer.from("L\\0\\0\\0\\x09L\\0\\0\\0\\x01", "latin1"), Buffer.alloc(1048566, "0")]);
  const header = Buffer.alloc(20);
  header.writeUInt32BE(payload.length, 0);
  header.writeUInt32BE(0xffffffff, 4);
  const command = Buffer.concat([header, payload]);
  let [opened, sent] = [0, 0];
  function open() {
    opened += 1;
    const socket = connect("/run/sound/native").on("error", () => {}).on("close", () => setTimeout(open, 1));
    const send = () => socket.write(command, (error) => { if (!error) { sent += 1; send(); } });
    socket.on("connect", send).resume();
  }
  for (let one = 0; one < 16; one++) open();
  process.stdin.on("end", () => process.stdout.write(JSON.stringify({ opened, sent }), () => process.exit())).resume();
`;
const ORDERS = ["status", "lock", "unlock", "grants", "status"];

describe("attack 58: a parser that the browser feeds holds up the process that asks", function () {
  this.timeout(300_000);
  let postern: TestPostern;
  let server: TestSoundServer;
  before(async () => {
    postern = await testPostern();
    server = await startSoundServer(join(postern.home, "run"), join(postern.home, ".config/pulse/cookie"));
    const { exitCode, stderr } = await postern.run("up", postern.gate, "--headless");
    assert.equal(exitCode, 0, stderr);
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await postern[Symbol.asyncDispose]();
  });

  it("by sound: every order is answered meanwhile, and the process is not touched by it", async () => {
    const [session = 0] = await sessionProcesses(postern);
    const before = await peakOf(session);
    const browser = await postern.container("firefox");
    const { stream } = await execStream(postern.engine, browser, [NODE, "-e", FLOOD]);
    const counted = text(stream);
    let isOver = false;
    void counted.then(() => (isOver = true));
    const relay = postern.engine.getContainer(`postern-sound-${postern.gate}-${postern.session}`);
    await eventually("the flood", async () => {
      const { cpu_stats: cpu } = await relay.stats({ stream: false });
      return cpu.cpu_usage.total_usage > 0;
    });
    for (const order of ORDERS) {
      const { exitCode, stderr } = await postern.run(order);
      assert.equal(exitCode, 0, `${order}: ${stderr}`);
      assert.equal(isOver, false, `the flood was over before ${order} was answered`);
    }
    stream.end();
    const { opened, sent }: { opened: number; sent: number } = JSON.parse(await counted);
    assert.ok(opened > 100, `${opened} connections`);
    // Each was refused before it had come as a whole.
    assert.ok(sent < opened / 10, `${sent} commands taken of ${opened}`);
    const grown = (await peakOf(session)) - before;
    assert.ok(grown < 32 * 1024, `grew by ${grown} KiB`);
  });

  it("by sound: no parser of it runs in that process", async () => {
    const bundle = await readFile(join(import.meta.dirname, "../../dist/postern-session.cjs"), "utf8");
    assert.doesNotMatch(bundle, /relays\/sound/);
  });

  it("a relay that has ended is told, and the browser goes on", async () => {
    await postern.engine.getContainer(`postern-sound-${postern.gate}-${postern.session}`).kill();
    const log = join(postern.home, ".local/state/postern/session.log");
    await eventually("the log", async () => (await readFile(log, "utf8")).includes("has no sound"));
    const { exitCode, stdout } = await postern.run("status");
    assert.equal(exitCode, 0);
    assert.match(stdout, new RegExp(`Runs +postern-firefox-${postern.gate}`));
  });
});

/** The most memory that a process ever had, in KiB. */
async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]);
}
