import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { readLines } from "#consent/assuan.ts";

describe("lines of the Assuan protocol", () => {
  async function linesOf(...pieces: string[]): Promise<string[]> {
    const input = new PassThrough();
    for (const piece of pieces) input.write(piece, "latin1");
    input.end();
    const lines: string[] = [];
    for await (const line of readLines(input)) lines.push(line);
    return lines;
  }

  it("come whole, in whatever pieces they do, with a byte a character", async () => {
    assert.deepEqual(await linesOf("OK a\nD \xff", "\xfe%0A\n", "\nE", "N", "D\nnot ended"), [
      "OK a",
      "D \xff\xfe%0A",
      "",
      "END",
    ]);
    assert.deepEqual(await linesOf(), []);
  });

  it("are at most 1,000 bytes, ended or not", async () => {
    assert.equal((await linesOf(`${"x".repeat(1_000)}\n`))[0]?.length, 1_000);
    await assert.rejects(linesOf(`${"x".repeat(1_001)}\n`), /too long/);
    await assert.rejects(linesOf("x".repeat(600), "x".repeat(600)), /too long/);
  });

  it("are read no further than they are taken", async () => {
    const input = new PassThrough();
    const lines = readLines(input);
    const first = lines.next();
    input.write("NOP\n".repeat(100));
    assert.deepEqual(await first, { done: false, value: "NOP" });
    assert.equal(input.isPaused(), true);
    for (let count = 1; count < 100; count++) await lines.next();
    const next = lines.next();
    input.write("BYE\n");
    assert.equal((await next).value, "BYE");
    const last = lines.next();
    input.destroy();
    await once(input, "close");
    assert.equal((await last).done, true);
  });
});
