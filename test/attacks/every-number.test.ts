import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** All that are numbered. */
const ON_THE_BOUNDARY = range(1, 75);

describe("the attacks, by their numbers", () => {
  const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".test.ts"));
  // Some hold two that are made the same way.
  const made = names.flatMap((name) => (/^(?:\d+-)+/.exec(name)?.[0] ?? "").split("-").filter(Boolean).map(Number));
  const security = readFileSync(join(ROOT, "SECURITY.md"), "utf8");
  const promised = numbersIn(security.slice(security.indexOf("## What is promised")));

  it("are all made that there are on the boundary", () => {
    assert.deepEqual(lacking(ON_THE_BOUNDARY, made), []);
  });

  it("each stand behind a promise of SECURITY.md", () => {
    assert.deepEqual(lacking(ON_THE_BOUNDARY, promised), []);
  });

  it("stand behind every promise", () => {
    assert.deepEqual(lacking(promised, made), []);
    const links = Array.from(security.matchAll(/\]\((?!https:)([^)]+)\)/g), ([, path = ""]) => path);
    assert.deepEqual(
      links.filter((path) => !existsSync(join(ROOT, path))),
      [],
    );
  });
});

function lacking(wanted: readonly number[], there: readonly number[]): number[] {
  return wanted.filter((number) => !there.includes(number));
}

/** `…: 1–8, 10.` */
function numbersIn(text: string): number[] {
  const lists = Array.from(text.matchAll(/:\s+(\d[\d–,\s]*)\./g), ([, list = ""]) => list);
  return lists.flatMap((list) =>
    list.split(",").flatMap((part) => {
      const [first = 0, last = first] = part.split("–").map(Number);
      return range(first, last);
    }),
  );
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
