import assert from "node:assert/strict";
import { passedSockets } from "#broker/passed-sockets.ts";

const OWN = { LISTEN_PID: "7", LISTEN_FDS: "2", LISTEN_FDNAMES: "work:session" };

describe("sockets that are handed over", () => {
  it("are named for their gates", () => {
    assert.deepEqual(
      [...passedSockets(OWN, 7)],
      [
        ["work", 3],
        ["session", 4],
      ],
    );
  });

  it("are none without them, or when they are another process's", () => {
    assert.equal(passedSockets({}, 7).size, 0);
    assert.equal(passedSockets({ ...OWN, LISTEN_FDS: "0", LISTEN_FDNAMES: "" }, 7).size, 0);
    assert.equal(passedSockets(OWN, 8).size, 0);
  });

  for (const names of ["", "work", "work:work", "work:../x", "work:Session", "work:session:more"]) {
    it(`are refused by the names ${JSON.stringify(names)}`, () => {
      assert.throws(() => passedSockets({ ...OWN, LISTEN_FDNAMES: names }, 7), { code: "bad_message" });
    });
  }
});
