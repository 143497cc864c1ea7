import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { createIgnored } from "#broker/ignore-rules.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const run = promisify(execFile);
const PATHS =
  "a.gpg|b.gpg|office.gpg|office/a.gpg|office/b/a.gpg|web/office/a.gpg|web/x/y/z.gpg|web/#x.gpg|!b.gpg|a b.gpg|a |[x].gpg|éé.gpg|web/aab.gpg|x/web/a.gpg|a*b.gpg".split(
    "|",
  );
/** Each a list of lines, ended by `;`. */
const LISTS = String.raw`
a.gpg|/a.gpg|office|office/|/office|office/a.gpg|*|*.gpg|?.gpg|/*/a.gpg|web/*|**/a.gpg|office/**|**/office/**|web/**/z.gpg|web/**|**
|a**b.gpg|[ab].gpg|[!a].gpg|[^a].gpg|[a-y].gpg|\#x.gpg|#x.gpg|\!b.gpg|a b.gpg|a\ |a   |\[x].gpg|éé.gpg|a\*b.gpg|*a*b*||!
|*;!a.gpg|*;!*/;!a.gpg|office;!office/a.gpg|*.gpg;!office/*.gpg;office/b|!a.gpg;a.gpg|web/;!web/office/`
  .replaceAll("\n", "")
  .split("|")
  .map((list) => list.replaceAll(";", "\n"));

describe("lines in the manner of gitignore", function () {
  this.timeout(60_000);

  it("leave out what git leaves out", async () => {
    await using temporary = await temporaryDirectory();
    const git = (...parameters: string[]) =>
      run("git", ["-C", temporary.path, "-c", "core.quotePath=false", ...parameters], {
        env: { PATH: process.env.PATH, HOME: temporary.path, LC_ALL: "C.UTF-8" },
      });
    await git("init", "--quiet");
    for (const path of PATHS) {
      await mkdir(dirname(join(temporary.path, path)), { recursive: true });
      await writeFile(join(temporary.path, path), "");
    }
    for (const list of LISTS) {
      await writeFile(join(temporary.path, ".git/info/exclude"), list);
      const { stdout } = await git("ls-files", "--others", "--ignored", "--exclude-standard", "-z");
      const isIgnored = createIgnored(list.split("\n"));
      const ours = PATHS.filter((path) => isIgnored(path));
      assert.deepEqual(ours.toSorted(), stdout.split("\0").filter(Boolean).toSorted(), JSON.stringify(list));
    }
  });

  it("are matched, whatever they are", () => {
    const path = `${"a".repeat(250)}/${"a/".repeat(200)}${"a".repeat(250)}.gpg`;
    for (const line of ["*a".repeat(200) + "b", "**/a/".repeat(200) + "b", "[".repeat(1_000), " ".repeat(900) + "x"]) {
      assert.equal(createIgnored([line])(path), false);
    }
  });
});
